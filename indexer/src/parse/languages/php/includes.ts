/**
 * The files that PHP includes, wherever the expression stands: functions are not walked.
 */
import type { ImportTokens } from "../../declarations/import_tokens.ts";
import { CLOSE, COLON, DOT, GREATER, OPEN, SEMICOLON } from "../../tokens/signs.ts";

const WORDS = ["include", "include_once", "require", "require_once"];

/** `require "a.php"`, `require_once(__DIR__ . "/a.php")`; a path with a variable is none. */
export function findIncludes(tokens: ImportTokens): void {
  for (const index of tokens.positionsOf(...WORDS)) {
    const first = tokens.sign(index + 1) === OPEN ? index + 2 : index + 1;
    const isBeside = tokens.word(first) === "__DIR__" && tokens.sign(first + 1) === DOT;
    const at = isBeside ? first + 2 : first;
    const text = tokens.string(at);
    const behind = tokens.sign(at + 1);
    const isEnd = behind === SEMICOLON || behind === CLOSE || at + 1 >= tokens.count;
    // `$a->require("b")`, `A::require("b")`
    const before = tokens.sign(index - 1);
    const isMember = before === GREATER || before === COLON;
    if (text === null || !isEnd || isMember) continue;
    if (tokens.slice(at, at).startsWith('"') && text.includes("$")) continue;
    tokens.addString(at, { kind: "file", path: isBeside ? `.${text}` : text });
  }
}
