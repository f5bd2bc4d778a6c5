/** Which bracket among the tokens opens what another one closes. Knows no syntax. */
import { CLOSING, OPENING } from "./signs.ts";
import type { Tokens } from "./tokens.ts";

/** The token that opens what the one at `close` closes, behind the token `limit`; -1: none does. */
export function openingBefore(tokens: Tokens, close: number, limit: number): number {
  for (let index = close, depth = 0; index > limit && index >= 0; index--) {
    const sign = tokens.sign(index);
    if (CLOSING.has(sign)) depth += 1;
    else if (OPENING.has(sign) && --depth === 0) return index;
  }
  return -1;
}

/** The token that closes what the one at `open` opens, before the token `limit`; -1: none does. */
export function closingBehind(tokens: Tokens, open: number, limit: number): number {
  const end = Math.min(tokens.count, limit);
  for (let index = open, depth = 0; index < end; index++) {
    const sign = tokens.sign(index);
    if (OPENING.has(sign)) depth += 1;
    else if (CLOSING.has(sign) && --depth === 0) return index;
  }
  return -1;
}
