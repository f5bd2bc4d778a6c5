/**
 * Java: its words, its literals, and how its references and bodies are told.
 */
import { BLOCK_COMMENT, LINE_COMMENT, longString, plainString, words } from "../../tokens/lexis.ts";
import type { ReferenceRules } from "../../reference_rules.ts";

/** The references of Java. */
export const javaReferences: ReferenceRules = {
  lexis: {
    keywords: words(
      "abstract assert boolean break byte case catch char class const continue default do double " +
        "else enum extends final finally float for goto if implements import instanceof int " +
        "interface long native new package permits private protected public record return sealed " +
        "short static strictfp super switch synchronized this throw throws transient try var void " +
        "volatile while true false null yield",
    ),
    beforeValue: words("return case throw new else instanceof assert yield do throws"),
    wordSigns: "$",
    rules: [LINE_COMMENT, BLOCK_COMMENT, longString('"""'), plainString('"'), plainString("'")],
  },
  imports: ["import"],
  packages: ["package"],
  heads: ["class", "interface", "enum", "record"],
  inherits: { words: ["extends", "implements"], signs: "", ends: ["permits"] },
  typeWords: ["instanceof", "throws", "permits"],
  capitalTypes: true,
  lambdas: { signs: ["->"] },
  typeParameters: {
    behindNames: true,
    words: ["public", "private", "protected", "static", "final", "abstract", "default"],
  },
  variables: ["var", "class"],
  order: "type",
  assigns: false,
  namedArguments: false,
  bareCalls: false,
  elision: {
    containers: ["class", "interface", "enum", "record"],
    functions: [],
    starts: [],
    parentheses: true,
    values: true,
  },
};
