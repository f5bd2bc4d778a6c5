/**
 * C++: its grammar. The walk is the one that it shares with C.
 */
import { SLASH_COMMENTS } from "../../declarations/doc_comment.ts";
import { collectDeclarations } from "../c_family/declarations.ts";
import { macroUses } from "../c_family/macro_uses.ts";
import { blankMacros } from "../c_family/macros.ts";
import { cppReferences } from "../c_family/references.ts";
import type { LanguageSupport } from "../language_support.ts";

/** C++. */
export const cpp: LanguageSupport = {
  grammar: "tree-sitter-cpp/tree-sitter-cpp.wasm",
  comments: SLASH_COMMENTS,
  references: cppReferences,
  prepare: blankMacros,
  collect: collectDeclarations,
  findUses: macroUses(cppReferences.lexis.keywords),
};
