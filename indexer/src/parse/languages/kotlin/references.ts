/**
 * Kotlin: its words, its literals, and how its references and bodies are told.
 */
import {
  BRACES_AND_NAMES,
  LINE_COMMENT,
  longString,
  NESTED_COMMENT,
  plainString,
  words,
} from "../../tokens/lexis.ts";
import type { ReferenceRules } from "../../reference_rules.ts";

/** The references of Kotlin. */
export const kotlinReferences: ReferenceRules = {
  lexis: {
    keywords: words(
      "_ abstract annotation as break by catch class companion const constructor continue crossinline data do " +
        "else enum external false final finally for fun get if import in infix init inline inner " +
        "interface internal is lateinit null object open operator out override package private " +
        "protected public reified return sealed set super suspend tailrec this throw true try " +
        "typealias val var vararg when where while it field",
    ),
    beforeValue: words("return in is as if else when while throw"),
    rules: [
      LINE_COMMENT,
      NESTED_COMMENT,
      { ...longString('"""', BRACES_AND_NAMES), escapes: false },
      plainString('"', BRACES_AND_NAMES),
      plainString("'"),
    ],
  },
  imports: ["import"],
  packages: ["package"],
  heads: ["class", "interface", "object"],
  inherits: { words: [], signs: ":", arguments: true },
  wordsOfTypes: [
    "data",
    "external",
    "final",
    "init",
    "inner",
    "open",
    "operator",
    "out",
    "override",
  ],
  typeWords: ["is", "as", "fun", "val", "var"],
  capitalTypes: true,
  colonTypes: true,
  typeParameters: { behindNames: true, words: ["fun"] },
  lambdas: { words: ["fun", "set"], signs: ["->"] },
  variables: ["val", "var", "for", "fun", "class"],
  keywordMembers: true,
  localEverywhere: true,
  blockArguments: true,
  order: "name",
  assigns: false,
  namedArguments: true,
  bareCalls: false,
  elision: {
    containers: ["class", "interface", "object"],
    functions: ["fun", "init"],
    starts: ["val", "var", "import", "package"],
    parentheses: false,
    values: true,
  },
};
