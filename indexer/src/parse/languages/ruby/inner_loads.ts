/**
 * The files that Ruby loads, wherever the call stands: methods are not walked.
 */
import type { ImportTokens } from "../../declarations/import_tokens.ts";
import { CLOSE, CLOSE_BRACE, COMMA, OPEN, SEMICOLON } from "../../tokens/signs.ts";
import type { ImportKind } from "../../symbol.ts";

/** How a call that loads other code looks it up. */
export const LOADING_CALLS: ReadonlyMap<string, ImportKind> = new Map([
  ["autoload", "module"],
  ["load", "file"],
  ["require", "module"],
  ["require_relative", "file"],
]);

/** Whether an argument is whole before this token: `"a" + b` is put together at run time. */
function isArgumentEnd(tokens: ImportTokens, at: number): boolean {
  const sign = tokens.sign(at);
  return sign === CLOSE || sign === CLOSE_BRACE || sign === SEMICOLON || tokens.isFirst(at) ||
    tokens.word(at) !== "";
}

/** Finds the calls. */
export function findLoads(tokens: ImportTokens): void {
  for (const index of tokens.positionsOf(...LOADING_CALLS.keys())) {
    const kind = LOADING_CALLS.get(tokens.word(index));
    const isOther = tokens.isMember(index) || tokens.word(index - 1) === "def";
    if (kind === undefined || isOther) continue;
    const first = tokens.sign(index + 1) === OPEN ? index + 2 : index + 1;
    const isNamed = tokens.word(index) === "autoload" && tokens.sign(first + 1) === COMMA;
    const constant = isNamed ? tokens.slice(first, first) : "";
    const at = isNamed ? first + 2 : first;
    if (tokens.string(at) === null || tokens.isFirst(at) || !isArgumentEnd(tokens, at + 1)) {
      continue;
    }
    const names = constant.startsWith(":") ? [{ name: constant.slice(1), alias: null }] : [];
    tokens.addString(at, { kind, names });
  }
}
