/**
 * What Rust uses, wherever the declaration stands: functions are not walked.
 */
import type { ImportTokens } from "../../declarations/import_tokens.ts";
import { pathFromFile } from "./imports.ts";
import { CLOSE_BRACE, COLON, COMMA, OPEN_BRACE, SEMICOLON, STAR } from "../../tokens/signs.ts";

/** Trees of uses nest no deeper in anything that people write. */
const USE_DEPTH_MAX = 16;

function isPathSign(tokens: ImportTokens, index: number): boolean {
  return tokens.sign(index) === COLON && tokens.sign(index + 1) === COLON;
}

/** Adds a part of a use from a token on and answers with the token behind it; -1 at what is none. */
function useTree(tokens: ImportTokens, from: number, before: string, depth: number): number {
  if (depth > USE_DEPTH_MAX) return -1;
  let path = before;
  let name = "";
  let last = from;
  for (let index = from;;) {
    if (isPathSign(tokens, index)) index += 2;
    if (tokens.sign(index) === OPEN_BRACE) return useList(tokens, index, path, depth);
    if (tokens.sign(index) === STAR) {
      const names = [{ name: "*", alias: null }];
      const used = pathFromFile(path, tokens.modulesAround(from));
      tokens.addTokens(from, index, { kind: "name", path: used, names });
      return index + 1;
    }
    name = tokens.word(index);
    if (name === "") return -1;
    last = index;
    // `use a::{self}` is a itself.
    if (name !== "self" || path === "") path = path === "" ? name : `${path}::${name}`;
    index += 1;
    if (isPathSign(tokens, index)) continue;
    const hasAlias = tokens.word(index) === "as" && tokens.word(index + 1) !== "";
    const alias = hasAlias ? tokens.word(index + 1) : null;
    const imported = path.slice(path.lastIndexOf(":") + 1);
    const used = pathFromFile(path, tokens.modulesAround(from));
    tokens.addTokens(from, last, { kind: "name", path: used, names: [{ name: imported, alias }] });
    return hasAlias ? index + 2 : index;
  }
}

/** The parts in braces; answers with the token behind them. */
function useList(tokens: ImportTokens, open: number, path: string, depth: number): number {
  for (let index = open + 1; index < tokens.count;) {
    if (tokens.sign(index) === CLOSE_BRACE) return index + 1;
    const end = useTree(tokens, index, path, depth + 1);
    if (end === -1) return -1;
    if (tokens.sign(end) !== COMMA && tokens.sign(end) !== CLOSE_BRACE) return -1;
    index = tokens.sign(end) === COMMA ? end + 1 : end;
  }
  return -1;
}

/** Finds the uses. */
export function findUses(tokens: ImportTokens): void {
  for (const index of tokens.positionsOf("use")) {
    const before = tokens.sign(index - 1);
    const begins = tokens.isFirst(index) || before === OPEN_BRACE || before === CLOSE_BRACE ||
      before === SEMICOLON;
    if (begins) useTree(tokens, index + 1, "", 0);
  }
}
