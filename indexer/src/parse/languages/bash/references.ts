/**
 * Shell: its words, its literals, and how its references are told: names of commands and variables,
 * as far as words alone tell them.
 */
import {
  type CustomRule,
  type Interpolation,
  longString,
  rawString,
  words,
} from "../../tokens/lexis.ts";
import type { ReferenceRules } from "../../reference_rules.ts";

const COMMAND: Interpolation = {
  open: "$(",
  openUnit: 0x28,
  closeUnit: 0x29,
  names: "braced",
};

const BACKQUOTES: Interpolation = { open: "`", openUnit: -1, closeUnit: 0x60 };

/** A number sign begins a comment where a word could begin: not in `$#` or `a#b`. */
const COMMENT: CustomRule = {
  type: "custom",
  open: "#",
  isComment: true,
  read(start, { text }) {
    const before = text[start - 1] ?? "\n";
    if (!/[\s;&|()]/.test(before)) return start + 1;
    const end = text.indexOf("\n", start);
    return end === -1 ? text.length : end;
  },
};

/** `<<TAG`, `<<-'TAG'`; `<<<` is a string. */
const HEREDOC: CustomRule = {
  type: "custom",
  open: "<<",
  read(start, state) {
    const match = /<<(-?)[ \t]*(["'\\]?)([A-Za-z_]\w*)["']?/y;
    match.lastIndex = start;
    const found = match.exec(state.text);
    const tag = found?.[3];
    if (found === null || tag === undefined) return -1;
    state.addHeredoc(tag, found[1] === "-", found[2] === "" ? COMMAND : null);
    return start + found[0].length;
  },
};

/** The references of Shell. */
export const bashReferences: ReferenceRules = {
  lexis: {
    keywords: words(
      "if then else elif fi for while until do done case esac in function select time local return " +
        "export readonly declare typeset unset shift set eval exec exit trap source alias echo printf " +
        "test true false cd read let break continue",
    ),
    beforeValue: words("if then else elif while until do time exec eval"),
    wordSigns: "-",
    rules: [
      COMMENT,
      HEREDOC,
      { ...longString('"', COMMAND), oldInterpolation: BACKQUOTES },
      rawString("'", "'"),
    ],
  },
  imports: [],
  heads: [],
  inherits: { words: [], signs: "" },
  typeWords: [],
  capitalTypes: false,
  variables: ["local", "for"],
  order: "name",
  assigns: true,
  namedArguments: false,
  bareCalls: false,
  commands: true,
  elision: null,
};
