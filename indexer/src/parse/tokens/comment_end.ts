/**
 * Where a comment ends.
 */
import type { CommentRule } from "./lexis.ts";

/** The index behind a comment that begins at `start`; what is not closed ends with the text. */
export function commentEnd(
  text: string,
  start: number,
  { open, close, nests }: CommentRule,
): number {
  if (close === null) {
    const end = text.indexOf("\n", start);
    return end === -1 ? text.length : end;
  }
  let index = start + open.length;
  let end = text.indexOf(close, index);
  let inner = nests === true ? text.indexOf(open, index) : -1;
  for (let depth = 1; depth > 0;) {
    if (end === -1) return text.length;
    const opens = inner !== -1 && inner < end;
    depth += opens ? 1 : -1;
    index = opens ? inner + open.length : end + close.length;
    // Each is looked for again once it is behind, so that both go over the text once.
    if (end < index) end = text.indexOf(close, index);
    if (inner !== -1 && inner < index) inner = text.indexOf(open, index);
  }
  return index;
}

/** The index behind the line that names an interpreter; 0 where there is none. */
export function shebangEnd(text: string): number {
  // `#![…]` is an attribute of Rust.
  if (!text.startsWith("#!") || text[2] === "[") return 0;
  const end = text.indexOf("\n");
  return end === -1 ? text.length : end;
}
