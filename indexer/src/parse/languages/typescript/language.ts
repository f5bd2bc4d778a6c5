/**
 * TypeScript and TSX: two grammars, because `<T>x` is an assertion in one and an element in the
 * other, and one walk.
 */
import { ECMASCRIPT_COMMENTS } from "../ecmascript/comments.ts";
import { collectDeclarations } from "../ecmascript/declarations.ts";
import { findTypescript } from "../ecmascript/lexical/find.ts";
import { findModuleWords } from "../ecmascript/module_calls.ts";
import { tsxReferences, typescriptReferences } from "../ecmascript/references.ts";
import type { ParsedLanguage } from "../language_support.ts";

/** TypeScript without JSX. */
export const typescript: ParsedLanguage = {
  grammar: "tree-sitter-typescript/tree-sitter-typescript.wasm",
  comments: ECMASCRIPT_COMMENTS,
  references: typescriptReferences,
  find: findTypescript,
  findImports: findModuleWords,
  collect: collectDeclarations,
};

/** TypeScript with JSX. */
export const tsx: ParsedLanguage = {
  grammar: "tree-sitter-typescript/tree-sitter-tsx.wasm",
  comments: ECMASCRIPT_COMMENTS,
  references: tsxReferences,
  findImports: findModuleWords,
  collect: collectDeclarations,
};
