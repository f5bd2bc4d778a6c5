/**
 * Statements that say types and run nothing, as Elixir's `@spec add(t, Item.t()) :: t`: where they end, and
 * what their names are. Knows tokens and no language.
 */
import {
  AT,
  BAR,
  CLOSE,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  DOT,
  OPEN,
  OPEN_BRACE,
  OPEN_BRACKET,
  SEMICOLON,
  unitsOf,
} from "../tokens/signs.ts";
import type { Tokens } from "../tokens/tokens.ts";

/** No statement is longer than this. */
const STATEMENT_TOKENS_MAX = 2000;

const OPENING = new Set([OPEN, OPEN_BRACE, OPEN_BRACKET]);
const CLOSING = new Set([CLOSE, CLOSE_BRACE, CLOSE_BRACKET]);

/** Signs at the end of a line that another one follows: `::`, `|`, `->`, `,` */
const GOING_ON = unitsOf(":|>,");

/** Whether a statement goes on in the line that begins with a token; `when` is the number of that word. */
function goesOn(tokens: Tokens, index: number, when: number): boolean {
  const sign = tokens.sign(index);
  return sign === BAR || sign === COLON || tokens.word(index) === when ||
    tokens.word(index - 1) === when || GOING_ON.has(tokens.sign(index - 1));
}

/** The token behind the statement whose word is at `from`; that itself where it stands behind no `@`. */
export function typeStatementEnd(tokens: Tokens, from: number, when: number): number {
  if (tokens.sign(from - 1) !== AT) return from;
  const limit = Math.min(tokens.count, from + STATEMENT_TOKENS_MAX);
  let depth = 0;
  for (let index = from + 1; index < limit; index++) {
    const sign = tokens.sign(index);
    if (depth === 0 && tokens.breaks[index] === 1 && !goesOn(tokens, index, when)) return index;
    if (OPENING.has(sign)) depth += 1;
    else if (CLOSING.has(sign)) depth -= 1;
    if (depth < 0 || (depth === 0 && sign === SEMICOLON)) return index;
  }
  return limit;
}

/** `cart` of `add(cart :: t)`, which is called so for those who read. */
export function isLabel(tokens: Tokens, index: number): boolean {
  return tokens.sign(index + 1) === COLON && tokens.sign(index + 2) === COLON &&
    tokens.word(index - 1) < 0;
}

/** What a name of such a statement is: a type, but for the function that it is about and for what types are of. */
export function typedRole(tokens: Tokens, index: number): "read" | "type" {
  const isAbout = tokens.word(index - 1) >= 0 && tokens.sign(index - 2) === AT;
  const isOwner = tokens.sign(index + 1) === DOT && tokens.word(index + 2) >= 0;
  return isAbout || isOwner ? "read" : "type";
}
