/**
 * Ruby: its words, its literals, and how its references are told.
 */
import {
  type CustomRule,
  HASH_BRACES,
  HASH_COMMENT,
  longString,
  words,
} from "../../tokens/lexis.ts";
import type { ReferenceRules } from "../../reference_rules.ts";

const CLOSING: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}", "<": ">" };

/** A name and a space, behind which a percent sign begins an argument: `puts %(a)`, but not `3 %(a)`. */
const BEFORE_ARGUMENT = /(?<!\w)[A-Za-z_]\w*[?!]? $/;
const NAME_UNITS_MAX = 64;

/** `%w[…]`, `%q{…}`, `%(…)`; a percent sign between values divides. */
const PERCENT: CustomRule = {
  type: "custom",
  open: "%",
  read(start, { text, afterValue, firstOnLine }) {
    const match = /%(?:([wWiIqQrsx])([^\w\s=])|([([{<|!/]))/y;
    match.lastIndex = start;
    const [found, letter = "", quote, plain = ""] = match.exec(text) ?? [];
    if (found === undefined) return -1;
    const before = text.slice(Math.max(0, start - NAME_UNITS_MAX), start);
    if (afterValue && !firstOnLine && !BEFORE_ARGUMENT.test(before)) return -1;
    const open = quote ?? plain;
    const close = CLOSING[open];
    const rule = letter === "" || /[WIQrx]/.test(letter)
      ? longString(close ?? open, HASH_BRACES)
      : longString(close ?? open);
    return close === undefined ? { ...rule, open: found } : { ...rule, open: found, pairs: open };
  },
};

/** A regular expression where a value is expected, or before an argument, on one line: `split /a/`. */
const REGULAR_EXPRESSION: CustomRule = {
  type: "custom",
  open: "/",
  read(start, { text, afterValue, firstOnLine }) {
    const isSpaced = text[start - 1] === " " && text[start + 1] !== " " && text[start + 1] !== "=";
    const isInLine = afterValue && !firstOnLine;
    if (isInLine && !isSpaced) return -1;
    // So that behind one without an end no other is looked for on its line.
    if (text[start - 1] === "\\") return -1;
    const match = isInLine
      ? /\/(?:[^/\\\n]|\\.)*\/[imxounse]*/y
      : /\/(?:[^/\\]|\\[^]){0,4000}\/[imxounse]*/y;
    match.lastIndex = start;
    const [found] = match.exec(text) ?? [];
    if (found === undefined) return -1;
    if (!found.includes("#{")) return match.lastIndex;
    return { ...longString(found.slice(found.lastIndexOf("/")), HASH_BRACES), open: "/" };
  },
};

/** `<<~tag`, `<<-'TAG'`, `<<TAG`: what follows on later lines. */
const HEREDOC: CustomRule = {
  type: "custom",
  open: "<<",
  read(start, state) {
    const match = /<<(?:([~-])(["'`]?)([A-Za-z_]\w*)\2|(["'`]?)([A-Z_]\w*)\4)/y;
    match.lastIndex = start;
    const found = match.exec(state.text);
    if (found === null) return -1;
    const [, indent, quote, tag, plainQuote, plainTag = ""] = found;
    if (state.afterValue && indent === undefined && state.text[start - 1] !== " ") return -1;
    const interpolation = (quote ?? plainQuote) === "'" ? null : HASH_BRACES;
    state.addHeredoc(tag ?? plainTag, indent !== undefined, interpolation);
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

/** Behind these it is the method that gets another name: `alias :new :old`, `alias_method :new, :old`. */
const RENAMED = /(?<=(?<![\w.@$:])alias(?:[ \t]+:\w+[?!=]?|_method[ (]+[:"]\w+[?!="]?,) +):/y;

/** Whether the symbol at `start` names a method: `map(&:size)` does too. */
function isMethodName(text: string, start: number): boolean {
  const before = text[start - 1];
  if (before === "&") return text[start - 2] !== "&";
  if (before !== "(" && before !== " ") return false;
  if (NAMING.test(text.slice(Math.max(0, start - NAMING_UNITS_MAX), start))) return true;
  RENAMED.lastIndex = start;
  return RENAMED.test(text);
}

/** The operators that are methods, where a value may stand. */
const OPERATOR = /(?<=[\s(,[&]):(?:\[\]=?|<=>|===?|=~|![=~]?|\*\*|[+-]@|<<|>>|[<>]=?|[-+*/%&|^~])/y;

/** `:name` and `name:` are symbols; `::` is a path. The colon alone is one in front of a method's name. */
const SYMBOL: CustomRule = {
  type: "custom",
  open: ":",
  read(start, { text }) {
    if (text[start + 1] === ":" || text[start - 1] === ":") return -1;
    const match = /:(?:(?:@@?|\$)?[A-Za-z_]\w*[?!=]?|"(?:[^"\\\n]|\\.)*")/y;
    match.lastIndex = start;
    const [found] = match.exec(text) ?? [];
    if (found === undefined) {
      OPERATOR.lastIndex = start;
      return OPERATOR.test(text) ? OPERATOR.lastIndex : -1;
    }
    if (found.includes("#{")) return { ...longString('"', HASH_BRACES), open: ':"' };
    const isName = /^:[A-Za-z_]\w*[?!]?$/.test(found) && isMethodName(text, start);
    return isName ? start + 1 : match.lastIndex;
  },
};

/** `=begin` to `=end`. */
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

/** `$'` and the like are variables, and begin no string. */
const QUOTES_OF_VARIABLES = ["'", '"', "`"].map((open): CustomRule => ({
  type: "custom",
  open,
  read: (start, { text }) => text[start - 1] === "$" ? start + 1 : -1,
}));

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
        "when while yield _1 _2 __FILE__ __LINE__ __dir__ __method__ $ $1 $2 $3 $4 $5 $6 $7 $8 $9 __END__ require require_relative load autoload include extend " +
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
      ...QUOTES_OF_VARIABLES,
      longString('"', HASH_BRACES),
      longString("'"),
      longString("`", HASH_BRACES),
      REGULAR_EXPRESSION,
    ],
  },
  imports: [],
  heads: ["class", "include", "extend", "prepend"],
  inherits: { words: ["include", "extend", "prepend"], signs: "<" },
  typeWords: [],
  capitalTypes: true,
  keywordMembers: true,
  lambdas: { signs: ["|", "->"], arrowsFirst: true },
  variables: ["for"],
  methodWord: "def",
  localEverywhere: true,
  order: "name",
  assigns: true,
  namedArguments: false,
  bareCalls: true,
  nameCalls: true,
  rescue: "rescue",
  elision: null,
};
