/**
 * Scripts that a script sources, wherever it does: functions are not walked.
 */
import type { ImportTokens } from "../../declarations/import_tokens.ts";
import { CLOSE, DOLLAR, DOT, OPEN, unitsOf } from "../../tokens/signs.ts";

/** Signs and words behind which a command begins. */
const BEFORE_COMMAND = unitsOf(";|&(){}`!");
const WORDS_BEFORE_COMMAND = new Set(["then", "else", "do", "if", "while", "until", "elif"]);
/** Signs that end a word of a command. */
const ENDS_WORD = unitsOf(";|&()<>");

function isCommand(tokens: ImportTokens, index: number): boolean {
  return tokens.isFirst(index) || BEFORE_COMMAND.has(tokens.sign(index - 1)) ||
    WORDS_BEFORE_COMMAND.has(tokens.word(index - 1));
}

/** The token that closes the parentheses which open at one; the last of the text where none does. */
function closing(tokens: ImportTokens, open: number): number {
  let index = open;
  for (let depth = 0; index < tokens.count - 1; index++) {
    if (tokens.sign(index) === OPEN) depth += 1;
    else if (tokens.sign(index) === CLOSE && --depth === 0) return index;
  }
  return index;
}

/** The last token of the word of a command that begins at a token; `$(…)` in it is a part of it. */
function wordEnd(tokens: ImportTokens, first: number): number {
  let last = first;
  while (last + 1 < tokens.count && tokens.start(last + 1) === tokens.end(last)) {
    const isCode = tokens.sign(last + 1) === OPEN && tokens.sign(last) === DOLLAR;
    if (!isCode && ENDS_WORD.has(tokens.sign(last + 1))) return last;
    last = isCode ? closing(tokens, last + 1) : last + 1;
  }
  return last;
}

/** What a token does to how many strings are open: 1, -1 or 0. */
function opened(tokens: ImportTokens, index: number): number {
  const text = tokens.slice(index, index);
  // A quote alone ends what touches it.
  if (text === '"') return tokens.start(index) === tokens.end(index - 1) ? -1 : 1;
  if (text.startsWith('"')) return text.endsWith('"') ? 0 : 1;
  return text.endsWith('"') && !text.startsWith("'") ? -1 : 0;
}

/** The last token of a string that begins at a token and has code in it; -1 where it is no such one. */
function stringEnd(tokens: ImportTokens, first: number): number {
  if (opened(tokens, first) !== 1) return -1;
  let depth = 1;
  for (let last = first + 1; last < tokens.count && !tokens.isFirst(last); last++) {
    depth += opened(tokens, last);
    if (depth === 0) return last;
  }
  return -1;
}

/** Finds `source a` and `. a`. */
export function findSources(tokens: ImportTokens): void {
  for (let index = 0; index < tokens.count; index++) {
    if (tokens.sign(index) !== DOT && tokens.word(index) !== "source") continue;
    const path = index + 1;
    const isFollowed = path < tokens.count && !tokens.isFirst(path) &&
      tokens.start(path) > tokens.end(index);
    if (!isFollowed || !isCommand(tokens, index) || ENDS_WORD.has(tokens.sign(path))) continue;
    const isString = tokens.string(path) !== null;
    const end = isString ? path : stringEnd(tokens, path);
    const last = Math.max(end, wordEnd(tokens, path));
    if (last === end) tokens.addString(path, { kind: "file" }, end);
    else tokens.addTokens(path, last, { kind: "file" });
  }
}
