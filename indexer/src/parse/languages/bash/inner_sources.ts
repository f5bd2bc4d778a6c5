/**
 * Scripts that a script sources, wherever it does: functions are not walked.
 */
import type { ImportTokens } from "../../import_tokens.ts";
import { DOT, unitsOf } from "../../signs.ts";

/** Signs and words behind which a command begins. */
const BEFORE_COMMAND = unitsOf(";|&(){}`!");
const WORDS_BEFORE_COMMAND = new Set(["then", "else", "do", "if", "while", "until", "elif"]);
/** Signs that end a word of a command. */
const ENDS_WORD = unitsOf(";|&()<>");

function isCommand(tokens: ImportTokens, index: number): boolean {
  return tokens.isFirst(index) || BEFORE_COMMAND.has(tokens.sign(index - 1)) ||
    WORDS_BEFORE_COMMAND.has(tokens.word(index - 1));
}

/** The last token of the word of a command that begins at a token. */
function wordEnd(tokens: ImportTokens, first: number): number {
  let last = first;
  const touches = () => tokens.start(last + 1) === tokens.end(last);
  while (last + 1 < tokens.count && touches() && !ENDS_WORD.has(tokens.sign(last + 1))) last += 1;
  return last;
}

/** Finds `source a` and `. a`. */
export function findSources(tokens: ImportTokens): void {
  for (let index = 0; index < tokens.count; index++) {
    if (tokens.sign(index) !== DOT && tokens.word(index) !== "source") continue;
    const path = index + 1;
    const isFollowed = path < tokens.count && !tokens.isFirst(path) &&
      tokens.start(path) > tokens.end(index);
    if (!isFollowed || !isCommand(tokens, index) || ENDS_WORD.has(tokens.sign(path))) continue;
    const last = wordEnd(tokens, path);
    if (last === path && tokens.string(path) !== null) tokens.addString(path, { kind: "file" });
    else tokens.addTokens(path, last, { kind: "file" });
  }
}
