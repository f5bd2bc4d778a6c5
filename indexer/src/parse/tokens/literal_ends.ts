/**
 * Where numbers end, and names and code in strings. Knows no language.
 */
import type { Heredoc, Interpolation } from "./lexis.ts";
import { ASCII_COUNT, LETTER, OTHER } from "./unit_classes.ts";

/** The index behind the number that begins at `start`; `separator` may stand between digits. */
export function numberEnd(
  text: string,
  start: number,
  classes: Uint8Array,
  separator: string | undefined,
): number {
  let end = start + 1;
  for (; end < text.length; end++) {
    const unit = text.charCodeAt(end);
    const isPart = unit < ASCII_COUNT && (classes[unit] ?? OTHER) >= LETTER;
    if (isPart) continue;
    const sign = text[end];
    const isInside = sign === "." || (sign !== undefined && sign === separator);
    const follows = text.charCodeAt(end + 1);
    if (!isInside || follows < 0x30 || follows > 0x39) break;
  }
  return end;
}

/** The index behind the name that begins at `start`; -1 where none does. */
export function nameEnd(text: string, start: number): number {
  const name = /[\p{L}_][\p{L}\p{N}_]*/uy;
  name.lastIndex = start;
  return name.test(text) ? name.lastIndex : -1;
}

/** The index behind `{`, `{#` or `{!`; `start` where none of them is. */
export function behindBrace(text: string, start: number): number {
  if (text[start] !== "{") return start;
  return text[start + 1] === "#" || text[start + 1] === "!" ? start + 2 : start + 1;
}

/** Where the line that ends a heredoc begins and ends, from `start` on; null where none does. */
export function heredocEnd(
  text: string,
  start: number,
  { tag, indents }: Heredoc,
): { readonly line: number; readonly end: number } | null {
  for (let line = start; line < text.length;) {
    const lineFeed = text.indexOf("\n", line);
    const end = lineFeed === -1 ? text.length : lineFeed;
    const content = text.slice(line, end).trimEnd();
    if ((indents ? content.trimStart() : content) === tag) return { line, end };
    line = end + 1;
  }
  return null;
}

/** The index of the unit that closes what is open at `start`, or `limit`. */
export function codeEnd(
  units: Uint16Array,
  start: number,
  limit: number,
  { openUnit, closeUnit }: Interpolation,
): number {
  for (let index = start, depth = 0; index < limit; index++) {
    const unit = units[index];
    if (unit === openUnit) depth += 1;
    else if (unit === closeUnit && --depth < 0) return index;
  }
  return limit;
}
