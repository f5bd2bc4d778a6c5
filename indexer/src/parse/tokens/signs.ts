/**
 * The code units of the signs that tell something about the words between them.
 */
import { NumberSet } from "./number_set.ts";

export const BANG = 0x21;
export const DOLLAR = 0x24;
export const AMPERSAND = 0x26;
export const OPEN = 0x28;
export const CLOSE = 0x29;
export const STAR = 0x2a;
export const PLUS = 0x2b;
export const COMMA = 0x2c;
export const MINUS = 0x2d;
export const DOT = 0x2e;
export const SLASH = 0x2f;
export const HASH = 0x23;
export const COLON = 0x3a;
export const SEMICOLON = 0x3b;
export const LESS = 0x3c;
export const EQUALS = 0x3d;
export const GREATER = 0x3e;
export const QUESTION = 0x3f;
export const AT = 0x40;
export const OPEN_BRACKET = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSE_BRACKET = 0x5d;
export const BACKTICK = 0x60;
export const OPEN_BRACE = 0x7b;
export const BAR = 0x7c;
export const CLOSE_BRACE = 0x7d;

/** The code units of some signs. */
export function unitsOf(signs: string): NumberSet {
  return new NumberSet(Array.from(signs, (sign) => sign.charCodeAt(0)));
}

export const OPENING = unitsOf("([{");
export const CLOSING = unitsOf(")]}");

/** The bracket that a sign closes; 0 for any other sign. */
export function openerOf(sign: number): number {
  if (sign === CLOSE) return OPEN;
  if (sign === CLOSE_BRACE) return OPEN_BRACE;
  return sign === CLOSE_BRACKET ? OPEN_BRACKET : 0;
}
