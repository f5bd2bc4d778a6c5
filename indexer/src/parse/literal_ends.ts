/**
 * Where numbers end, and names and code in strings. Knows no language.
 */
import type { Interpolation } from "./lexis/lexis.ts";
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
