/**
 * PHP: its words, its literals, and how its references and bodies are told. What is outside of its
 * tags is another language's.
 */
import {
  BLOCK_COMMENT,
  type CustomRule,
  type Interpolation,
  LINE_COMMENT,
  longString,
  words,
} from "../../tokens/lexis.ts";
import type { ReferenceRules } from "../../reference_rules.ts";

/** From `?>` to the next `<?php`. */
const OUTSIDE: CustomRule = {
  type: "custom",
  open: "?>",
  isComment: true,
  read(start, { text }) {
    const end = text.indexOf("<?", start);
    if (end === -1) return text.length;
    return text.startsWith("<?php", end) ? end + "<?php".length : end + "<?".length;
  },
};

/** Behind the first tag. */
function begin(text: string): number {
  const tag = text.indexOf("<?");
  if (tag === -1) return text.length;
  return text.startsWith("<?php", tag) ? tag + "<?php".length : tag + "<?".length;
}

/** A number sign begins a comment, unless a bracket makes an attribute of it. */
const HASH: CustomRule = {
  type: "custom",
  open: "#",
  isComment: true,
  read(start, { text }) {
    if (text[start + 1] === "[") return -1;
    const end = text.indexOf("\n", start);
    return end === -1 ? text.length : end;
  },
};

/** `{$a->b()}` in a string. */
const CODE: Interpolation = { open: "{$", openUnit: 0x7b, closeUnit: 0x7d, keeps: 1 };

/** `<<<EOT`, `<<<'EOT'` */
const HEREDOC: CustomRule = {
  type: "custom",
  open: "<<<",
  read(start, { text }) {
    const match = /<<<[ \t]*(["']?)(\w+)\1[ \t]*\r?\n/y;
    match.lastIndex = start;
    const [found = "", quote, tag] = match.exec(text) ?? [];
    if (tag === undefined) return -1;
    const close = new RegExp(`\\n[ \\t]*${tag}\\b`, "g");
    close.lastIndex = match.lastIndex - 1;
    const [end] = close.exec(text) ?? [];
    if (end === undefined) return text.length;
    if (quote === "'") return close.lastIndex;
    // The line feed may be that of the end.
    return { ...longString(end, CODE), escapes: false, open: found.slice(0, -1) };
  },
};

/** The references of PHP. */
export const phpReferences: ReferenceRules = {
  lexis: {
    keywords: words(
      "abstract and array as break callable case catch class clone const continue declare default " +
        "do echo else elseif empty enddeclare endfor endforeach endif endswitch endwhile enum " +
        "extends final finally fn for foreach function global goto if implements include " +
        "include_once instanceof insteadof interface isset list match namespace new null or print " +
        "private protected public readonly require require_once return self static string int " +
        "float bool mixed iterable object never switch throw trait true false try unset use var void while xor yield " +
        "parent $this",
    ),
    wordSigns: "$",
    begin,
    rules: [
      LINE_COMMENT,
      BLOCK_COMMENT,
      OUTSIDE,
      HASH,
      HEREDOC,
      longString('"', CODE),
      longString("'"),
    ],
  },
  imports: ["use"],
  packages: ["namespace"],
  heads: ["class", "interface", "enum"],
  inherits: { words: ["extends", "implements"], signs: "" },
  typeWords: ["instanceof"],
  capitalTypes: true,
  memberArrows: true,
  variableSign: "$",
  selfWords: ["self", "static", "parent"],
  keywordMembers: true,
  lambdas: { words: ["function", "fn"] },
  variables: ["function"],
  order: "name",
  assigns: true,
  namedArguments: false,
  bareCalls: false,
  elision: {
    containers: ["class", "interface", "trait", "enum", "namespace"],
    functions: ["function"],
    starts: [],
    parentheses: false,
    values: false,
  },
};
