/**
 * Ruby: its words, its literals, and how its references are told.
 */
import {
  type CustomRule,
  HASH_BRACES,
  HASH_COMMENT,
  longString,
  type StringRule,
  words,
} from "../../tokens/lexis.ts";
import type { ReferenceRules } from "../../reference_rules.ts";

const CLOSING: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}", "<": ">" };

/** `%w[…]`, `%q{…}`, `%(…)`; a percent sign between values divides. */
const PERCENT: CustomRule = {
  type: "custom",
  open: "%",
  read(start, { text, afterValue }) {
    const match = /%([wWiIqQrsx]?)([([{<|!/])/y;
    match.lastIndex = start;
    const found = match.exec(text);
    const [, letter = "", open = ""] = found ?? [];
    if (found === null || (afterValue && letter === "")) return -1;
    const close = CLOSING[open] ?? open;
    const hasCode = letter === "" || /[WIQrx]/.test(letter);
    const rule: StringRule = hasCode ? longString(close, HASH_BRACES) : longString(close);
    return { ...rule, open: found[0], close };
  },
};

/** A regular expression where a value is expected, or before an argument: `split /a/`. */
const REGULAR_EXPRESSION: CustomRule = {
  type: "custom",
  open: "/",
  read(start, { text, afterValue }) {
    const isSpaced = text[start - 1] === " " && text[start + 1] !== " " && text[start + 1] !== "=";
    if (afterValue && !isSpaced) return -1;
    // So that behind one without an end no other is looked for on its line.
    if (text[start - 1] === "\\") return -1;
    const match = /\/(?:[^/\\\n]|\\.)*\/[imxounse]*/y;
    match.lastIndex = start;
    const [found] = match.exec(text) ?? [];
    if (found === undefined) return -1;
    if (!found.includes("#{")) return match.lastIndex;
    return { ...longString(found.slice(found.lastIndexOf("/")), HASH_BRACES), open: "/" };
  },
};

/** `<<~TAG`, `<<-'TAG'`, `<<TAG`: what follows on later lines. */
const HEREDOC: CustomRule = {
  type: "custom",
  open: "<<",
  read(start, state) {
    const match = /<<([~-]?)(["'`]?)([A-Z_]\w*)\2/y;
    match.lastIndex = start;
    const found = match.exec(state.text);
    const tag = found?.[3];
    if (found === null || tag === undefined) return -1;
    if (state.afterValue && found[1] === "" && state.text[start - 1] !== " ") return -1;
    state.addHeredoc(tag, found[1] !== "", found[2] === "'" ? null : HASH_BRACES);
    return start + found[0].length;
  },
};

/** Behind these a symbol is the name of a method: `respond_to?(:size)`, `before_action :check`. */
const NAMING = new RegExp(
  "(?<![\\w.@$:])(?:(?:skip_)?(?:before|after|around)_(?:action|filter)|helper_method|" +
    "(?:before|after|around)_(?:validation|save|create|update|destroy|commit))[ (]$|" +
    "(?<![\\w@$:])(?:respond_to\\?|send|public_send|__send__|instance_method|try)(?:\\(| )$",
);
const NAMING_UNITS_MAX = 32;

/** Whether the symbol at `start` names a method: `map(&:size)` does too. */
function isMethodName(text: string, start: number): boolean {
  const before = text[start - 1];
  if (before === "&") return text[start - 2] !== "&";
  return (before === "(" || before === " ") &&
    NAMING.test(text.slice(Math.max(0, start - NAMING_UNITS_MAX), start));
}

/** `:name` and `name:` are symbols; `::` is a path. The colon alone is one in front of a method's name. */
const SYMBOL: CustomRule = {
  type: "custom",
  open: ":",
  read(start, { text }) {
    if (text[start + 1] === ":" || text[start - 1] === ":") return -1;
    const match = /:(?:[A-Za-z_]\w*[?!=]?|"(?:[^"\\\n]|\\.)*")/y;
    match.lastIndex = start;
    const [found] = match.exec(text) ?? [];
    if (found === undefined) return -1;
    if (found.includes("#{")) return { ...longString('"', HASH_BRACES), open: ':"' };
    const isName = /^:[A-Za-z_]\w*[?!]?$/.test(found) && isMethodName(text, start);
    return isName ? start + 1 : match.lastIndex;
  },
};

/** `=begin` to `=end`, and all that is behind `__END__`. */
const BLOCK: CustomRule = {
  type: "custom",
  open: "=begin",
  isComment: true,
  read(start, { text, firstOnLine }) {
    if (!firstOnLine) return -1;
    const end = text.indexOf("\n=end", start);
    return end === -1 ? text.length : end + "\n=end".length;
  },
};

/** `?a` is a character. */
const CHARACTER: CustomRule = {
  type: "custom",
  open: "?",
  read(start, { text, afterValue }) {
    return !afterValue && /^\?\w(?!\w)/.test(text.slice(start, start + 3)) ? start + 2 : -1;
  },
};

/** The references of Ruby. */
export const rubyReferences: ReferenceRules = {
  lexis: {
    keywords: words(
      "BEGIN END alias and begin break case class def defined? do else elsif end ensure false for if " +
        "in module next nil not or redo rescue retry return self super then true undef unless until " +
        "when while yield __FILE__ __method__ require require_relative load autoload include extend " +
        "prepend private public protected attr_accessor attr_reader attr_writer raise puts",
    ),
    beforeValue: words(
      "return and or not if unless while until when in then else elsif do case puts raise",
    ),
    wordSigns: "@$",
    wordEnds: "?!",
    rules: [
      HASH_COMMENT,
      BLOCK,
      HEREDOC,
      PERCENT,
      SYMBOL,
      CHARACTER,
      longString('"', HASH_BRACES),
      longString("'"),
      longString("`", HASH_BRACES),
      REGULAR_EXPRESSION,
    ],
  },
  imports: [],
  heads: ["class", "include", "extend", "prepend"],
  inherits: { words: [], signs: "<" },
  typeWords: [],
  capitalTypes: true,
  keywordMembers: true,
  lambdas: { signs: ["|"] },
  variables: ["for", "def"],
  order: "name",
  assigns: true,
  namedArguments: false,
  bareCalls: true,
  nameCalls: true,
  rescue: "rescue",
  elision: null,
};
