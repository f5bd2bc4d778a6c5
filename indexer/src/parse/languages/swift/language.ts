/**
 * Swift, by its tokens: its own grammar does not come as WebAssembly. What is not private can be seen from other
 * files.
 */
import { SLASH_COMMENTS } from "../../declarations/doc_comment.ts";
import { FILE_SCOPE } from "../../symbol.ts";
import type { LexedLanguage } from "../language_support.ts";
import { collectDeclarations } from "./declarations.ts";
import { swiftReferences } from "./references.ts";
import { SwiftSource } from "./source.ts";

/** Swift. */
export const swift: LexedLanguage = {
  grammar: null,
  comments: { ...SLASH_COMMENTS, attributes: /@[\w.]+/y },
  references: swiftReferences,
  find(tokens, identifiers, collector) {
    const source = new SwiftSource(collector.text, tokens, identifiers);
    const place = { scope: FILE_SCOPE, owner: null, exported: true };
    collectDeclarations(source, 0, source.count, place, collector);
  },
};
