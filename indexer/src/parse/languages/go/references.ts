/**
 * Go: its words, its literals, and how its references and bodies are told.
 */
import { BLOCK_COMMENT, LINE_COMMENT, plainString, rawString, words } from "../../tokens/lexis.ts";
import type { ReferenceRules } from "../../reference_rules.ts";

/** The references of Go. */
export const goReferences: ReferenceRules = {
  lexis: {
    keywords: words(
      "_ break case chan const continue default defer else fallthrough for func go goto if import " +
        "interface map package range return select struct switch type var nil true false iota " +
        "bool byte complex64 complex128 error float32 float64 int int8 int16 int32 int64 rune " +
        "string uint uint8 uint16 uint32 uint64 uintptr any",
    ),
    beforeValue: words("return case go defer range"),
    rules: [LINE_COMMENT, BLOCK_COMMENT, rawString("`", "`"), plainString('"'), plainString("'")],
  },
  imports: ["import"],
  heads: [],
  inherits: { words: [], signs: "" },
  typeWords: ["struct", "interface", "chan"],
  capitalTypes: false,
  typePlaces: true,
  typeParameters: { behindNames: true },
  lambdas: { words: ["func"] },
  localCalls: true,
  variables: ["var", "const", "type"],
  squareArguments: true,
  order: "name",
  assigns: false,
  namedArguments: false,
  bareCalls: false,
  elision: {
    containers: ["struct", "interface"],
    functions: ["func"],
    starts: ["type", "var", "const", "import"],
    parentheses: false,
    values: true,
  },
};
