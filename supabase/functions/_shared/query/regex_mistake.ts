/**
 * Where an expression goes wrong. RE2 says what is wrong and with which piece, which may be in the
 * expression more than once, or be all of it. Pure.
 */
import { RE2JS, RE2JSSyntaxException } from "re2js";
import { REGEX_TOKENS, writtenOutParts } from "./regex_parts.ts";

/** What RE2 says of an expression; `piece` is empty where it names none. */
export interface RegexMistake {
  readonly what: string;
  readonly piece: string;
}

/**
 * With more parts written out an expression is read and not compiled, which would take seconds. A few times
 * what is accepted, for RE2 needs fewer instructions where alternatives begin alike.
 */
const COMPILED_PARTS_MAX = 10_000;

/** The instructions that an expression compiles to, about as many where they are far too many; or what is wrong with it. */
export function compiledSize(source: string): number | RegexMistake {
  const parts = writtenOutParts(source);
  if (parts <= COMPILED_PARTS_MAX) return compiled(source);
  const found = read(source);
  return isUnclosed(found) ? parts : found;
}

function compiled(source: string): number | RegexMistake {
  try {
    return RE2JS.compile(source).programSize();
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error;
    return { what: error.getDescription(), piece: error.getPattern() ?? "" };
  }
}

/** What RE2 finds wrong as it reads: at the latest that a group is not closed, so that it compiles nothing. */
function read(source: string): number | RegexMistake {
  return compiled(`(?:${source}`);
}

function isUnclosed(found: number | RegexMistake): boolean {
  return typeof found !== "number" && found.what === "missing closing )";
}

/** Where an expression wants a line feed; null where it does not, or in brackets, for others are beside it. */
export function placeOfLineFeed(source: string): number | null {
  for (const { 0: token, index } of source.matchAll(REGEX_TOKENS)) {
    if (token === "\\n") return index;
  }
  return null;
}

/** Where the mistake of an expression is, in UTF-16 units from 0. */
export function placeOfMistake(source: string, mistake: RegexMistake): number {
  if (isUnclosed(mistake) || mistake.what === "unexpected )") return loneParenthesis(source);
  const first = source.indexOf(mistake.piece);
  if (first === source.lastIndexOf(mistake.piece)) return Math.max(0, first);
  // RE2 reads from left to right: of the places that have the piece, the mistake is in the one that ends
  // the shortest beginning with the same mistake.
  let [sound, wrong] = [0, source.length];
  while (wrong - sound > 1) {
    const middle = Math.floor((sound + wrong) / 2);
    if (isSame(read(source.slice(0, middle)), mistake)) wrong = middle;
    else sound = middle;
  }
  return Math.max(0, source.slice(0, wrong).lastIndexOf(mistake.piece));
}

function isSame(found: number | RegexMistake, { what, piece }: RegexMistake): boolean {
  return typeof found !== "number" && found.what === what && found.piece === piece;
}

/** The first parenthesis that closes nothing, else the last one that is not closed. */
function loneParenthesis(source: string): number {
  const open: number[] = [];
  for (const { index, groups } of source.matchAll(REGEX_TOKENS)) {
    if (groups?.["open"] !== undefined) open.push(index);
    else if (groups?.["close"] !== undefined && open.pop() === undefined) return index;
  }
  return open.at(-1) ?? 0;
}
