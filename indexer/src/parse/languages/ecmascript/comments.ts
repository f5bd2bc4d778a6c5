/**
 * Comments of JavaScript and TypeScript, and the decorators that stand between one and what it documents.
 */
import { type CommentMarks, SLASH_COMMENTS } from "../../declarations/doc_comment.ts";

export const ECMASCRIPT_COMMENTS: CommentMarks = { ...SLASH_COMMENTS, attributes: /@[\w$.]+/y };
