/**
 * Where an expression goes wrong. RE2 says what is wrong and with which piece, which may be in the
 * expression more than once, or be all of it. Pure.
 */
import { RE2JS, RE2JSSyntaxException } from "re2js";

/** What RE2 says of an expression; `piece` is empty where it names none. */
export interface RegexMistake {
  readonly what: string;
  readonly piece: string;
}

/** Escapes, quoted text and classes, in which a parenthesis is text; and parentheses. */
const PARTS =
  /\\Q[^]*?(?:\\E|$)|\\[^]|\[\^?\]?(?:\[:\^?\w+:\]|\\[^]|[^\]\\])*\]|(?<parenthesis>[()])/g;

/** The instructions that an expression compiles to, or what is wrong with it. */
export function compiledSize(source: string): number | RegexMistake {
  try {
    return RE2JS.compile(source).programSize();
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error;
    return { what: error.getDescription(), piece: error.getPattern() ?? "" };
  }
}

/** Where the mistake of an expression is, in UTF-16 units from 0. */
export function placeOfMistake(source: string, mistake: RegexMistake): number {
  if (/^(?:missing closing|unexpected) \)$/.test(mistake.what)) return loneParenthesis(source);
  // RE2 reads from left to right: of the places that have the piece, the mistake is in the one that ends
  // the shortest beginning with the same mistake.
  let [sound, wrong] = [0, source.length];
  while (wrong - sound > 1) {
    const middle = Math.floor((sound + wrong) / 2);
    if (isSame(compiledSize(source.slice(0, middle)), mistake)) wrong = middle;
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
  for (const { index, groups } of source.matchAll(PARTS)) {
    if (groups?.["parenthesis"] === "(") open.push(index);
    else if (groups?.["parenthesis"] === ")" && open.pop() === undefined) return index;
  }
  return open.at(-1) ?? 0;
}
