/**
 * JavaScript, with JSX.
 */
import { ECMASCRIPT_COMMENTS } from "../ecmascript/comments.ts";
import { collectDeclarations } from "../ecmascript/declarations.ts";
import { findModuleWords } from "../ecmascript/module_calls.ts";
import { findJavascript } from "../ecmascript/lexical/find.ts";
import { javascriptReferences } from "../ecmascript/references.ts";
import type { LanguageSupport } from "../language_support.ts";

/** JavaScript. */
export const javascript: LanguageSupport = {
  grammar: "tree-sitter-javascript/tree-sitter-javascript.wasm",
  comments: ECMASCRIPT_COMMENTS,
  references: javascriptReferences,
  find: findJavascript,
  findImports: findModuleWords,
  collect: collectDeclarations,
};
