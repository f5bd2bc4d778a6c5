/**
 * JavaScript, with JSX.
 */
import { SLASH_COMMENTS } from "../../doc_comment.ts";
import { collectDeclarations } from "../ecmascript/declarations.ts";
import { findModuleWords } from "../ecmascript/module_calls.ts";
import { findJavascript } from "../ecmascript/lexical/find.ts";
import { javascriptReferences } from "../ecmascript/references.ts";
import type { LanguageSupport } from "../language_support.ts";

/** JavaScript. */
export const javascript: LanguageSupport = {
  grammar: "tree-sitter-javascript/tree-sitter-javascript.wasm",
  comments: { ...SLASH_COMMENTS, attributes: /@[\w$.]+/y },
  references: javascriptReferences,
  find: findJavascript,
  findImports: findModuleWords,
  collect: collectDeclarations,
};
