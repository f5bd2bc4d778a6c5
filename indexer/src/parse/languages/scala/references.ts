/**
 * Scala: its words, its literals, and how its references and bodies are told.
 */
import {
  BRACES_AND_NAMES,
  type CustomRule,
  LINE_COMMENT,
  longString,
  NESTED_COMMENT,
  plainString,
  rawString,
  type StringRule,
  words,
} from "../../tokens/lexis.ts";
import type { ReferenceRules } from "../../reference_rules.ts";

/** `'a'` is a character, `'a` a symbol. */
const CHARACTER: CustomRule = {
  type: "custom",
  open: "'",
  read(start, { text }) {
    const match = /'(?:\\(?:u[\da-f]{4}|.)|[^\\'\n]{1,2})'|'\w*/iy;
    match.lastIndex = start;
    return match.test(text) ? match.lastIndex : -1;
  },
};

/** `s"…${code}"`, and any other prefix. */
function prefixed(text: string, start: number, quote: number): StringRule | null {
  if (text[quote] !== '"' || !/^[a-z]\w*$/.test(text.slice(start, quote))) return null;
  return text.startsWith('"""', quote)
    ? { ...longString('"""', BRACES_AND_NAMES), escapes: false }
    : plainString('"', BRACES_AND_NAMES);
}

/** The references of Scala. */
export const scalaReferences: ReferenceRules = {
  lexis: {
    keywords: words(
      "_ abstract case catch class def do else enum export extends extension false final finally for " +
        "forSome given if implicit import inline lazy macro match new null object opaque open " +
        "override package private protected return sealed super then this throw trait true try " +
        "type using val var while with yield",
    ),
    beforeValue: words("return case match if else while throw yield new then do"),
    rules: [LINE_COMMENT, NESTED_COMMENT, rawString('"""', '"""'), plainString('"'), CHARACTER],
    prefixed,
  },
  imports: ["import"],
  packages: ["package"],
  heads: ["class", "trait", "object", "enum"],
  inherits: { words: ["extends", "with"], signs: "", arguments: true },
  typeWords: [],
  capitalTypes: true,
  colonTypes: true,
  typeParameters: { behindNames: true },
  lambdas: { signs: ["=>"] },
  variables: ["val", "var", "def", "class"],
  casePatterns: true,
  localEverywhere: true,
  typePatterns: true,
  valueArguments: true,
  squareArguments: true,
  blockArguments: true,
  order: "name",
  assigns: false,
  namedArguments: true,
  bareCalls: false,
  elision: {
    containers: ["class", "trait", "object", "enum", "package", "extension"],
    functions: ["def"],
    starts: ["val", "var", "import", "type", "given"],
    parentheses: false,
    values: true,
  },
};
