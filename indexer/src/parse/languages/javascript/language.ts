/**
 * JavaScript, with JSX.
 */
import { collectDeclarations } from "../ecmascript/declarations.ts";
import type { LanguageSupport } from "../language_support.ts";

/** JavaScript. */
export const javascript: LanguageSupport = {
  grammar: "tree-sitter-javascript/tree-sitter-javascript.wasm",
  collect: collectDeclarations,
};
