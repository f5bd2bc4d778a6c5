/**
 * Whether a name is that of a field in front of the body of a constructor: `Ring(int size) : size_(size)`.
 * Knows tokens and no language.
 */
import { CLOSE, CLOSE_BRACE, COLON, COMMA, OPEN, OPEN_BRACE, QUESTION } from "../tokens/signs.ts";
import { openingBefore } from "../tokens/brackets.ts";
import type { Tokens } from "../tokens/tokens.ts";

/** A list of fields is no longer than this. */
const LIST_TOKENS_MAX = 400;

/** Whether a colon stands behind the parameters of a constructor, and is not that of a choice. */
function beginsList(tokens: Tokens, colon: number, limit: number): boolean {
  const close = tokens.word(colon - 1) >= 0 ? colon - 2 : colon - 1;
  if (tokens.sign(close) !== CLOSE) return false;
  const open = openingBefore(tokens, close, limit);
  return open !== -1 && tokens.word(open - 1) >= 0 && tokens.sign(open - 2) !== QUESTION;
}

/** Whether the field whose name is at a token is given its value in such a list. */
export function isInitialized(tokens: Tokens, index: number): boolean {
  const next = tokens.sign(index + 1);
  if (next !== OPEN && next !== OPEN_BRACE) return false;
  const limit = Math.max(0, index - LIST_TOKENS_MAX);
  let name = index;
  while (name > limit && tokens.sign(name - 1) === COMMA) {
    const close = tokens.sign(name - 2);
    if (close !== CLOSE && close !== CLOSE_BRACE) return false;
    const open = openingBefore(tokens, name - 2, limit);
    if (open === -1 || tokens.word(open - 1) < 0) return false;
    name = open - 1;
  }
  return tokens.sign(name - 1) === COLON && tokens.sign(name - 2) !== COLON &&
    beginsList(tokens, name - 1, limit);
}
