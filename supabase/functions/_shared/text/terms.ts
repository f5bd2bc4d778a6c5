/**
 * What a term is: the unit of the text index. A text is cut into maximal runs of word characters
 * and maximal runs of other characters that are not white space, so every character that is not
 * white space lies in exactly one run. A run of up to TERM_CODE_POINTS_MAX code points is one
 * term, folded; a longer one is stored as overlapping windows. Knows nothing of files, postings or
 * queries.
 */
import { fold } from "./fold.ts";

/** The longest term, in code points. A longer run becomes windows of this length. */
export const TERM_CODE_POINTS_MAX = 64;

/** The distance between the starts of two windows, in code points. */
export const WINDOW_STRIDE = 32;

/**
 * The longest text, in code points, that lies in one window wherever it stands in a long run: it
 * starts at most WINDOW_STRIDE - 1 after the start of some window.
 */
export const WINDOW_INFIX_MAX = TERM_CODE_POINTS_MAX - WINDOW_STRIDE + 1;

const ASCII_END = 0x80;

/** The classes of units: runs are of one class, and space is in none. */
export const SPACE = 0;
export const WORD = 1;
export const OTHER = 2;

function asciiClass(code: number): number {
  // Control characters count as white space: PostgreSQL and terminals mangle them, and the first
  // few are free to serve as marks inside the index.
  if (code <= 0x20 || code === 0x7f) return SPACE;
  return /[A-Za-z0-9_$]/.test(String.fromCharCode(code)) ? WORD : OTHER;
}

const ASCII_CLASSES = Uint8Array.from({ length: ASCII_END }, (_, code) => asciiClass(code));

/** JavaScript's white space beyond ASCII (`\s`), all of it in the basic plane. */
function isWideSpace(code: number): boolean {
  if (code < 0x1680) return code === 0xa0;
  if (code < 0x2000) return code === 0x1680;
  if (code <= 0x200a) return true;
  return code === 0x2028 || code === 0x2029 || code === 0x202f || code === 0x205f ||
    code === 0x3000 || code === 0xfeff;
}

/** The class of a UTF-16 unit. Both halves of a surrogate pair are word characters. */
export function classOf(code: number): number {
  if (code < ASCII_END) return ASCII_CLASSES[code] ?? SPACE;
  return isWideSpace(code) ? SPACE : WORD;
}

/** Whether a UTF-16 unit separates runs and belongs to none. */
export function isSpaceUnit(code: number): boolean {
  return classOf(code) === SPACE;
}

/**
 * Receives one run: its bounds in the text in UTF-16 units, and whether it is ASCII throughout
 * (then a reader may fold and store it unit by unit).
 */
export type RunVisitor = (start: number, end: number, isAscii: boolean) => void;

/**
 * Visits the runs of `text` between `from` and `to`, in order. Line ends are white space, so whole
 * chunks may be visited at once. This is the hot loop of indexing: it allocates nothing.
 */
export function visitRuns(text: string, from: number, to: number, visit: RunVisitor): void {
  let position = from;
  while (position < to) {
    let code = text.charCodeAt(position);
    const runClass = classOf(code);
    if (runClass === SPACE) {
      position++;
      continue;
    }
    const start = position;
    let bits = code;
    while (++position < to) {
      code = text.charCodeAt(position);
      if (classOf(code) !== runClass) break;
      bits |= code;
    }
    visit(start, position, bits < ASCII_END);
  }
}

/** The pieces of a run as they are stored: itself, or its windows when it is too long. */
export function splitRun(run: string): string[] {
  if (run.length <= TERM_CODE_POINTS_MAX) return [run];
  const codePoints = Array.from(run);
  const lastStart = codePoints.length - TERM_CODE_POINTS_MAX;
  if (lastStart <= 0) return [run];
  const windows: string[] = [];
  for (let start = 0; start < lastStart; start += WINDOW_STRIDE) {
    windows.push(codePoints.slice(start, start + TERM_CODE_POINTS_MAX).join(""));
  }
  windows.push(codePoints.slice(lastStart).join(""));
  return windows;
}

/** The terms of a text in order, folded, repeated where they repeat. */
export function termsOf(text: string): string[] {
  const terms: string[] = [];
  visitRuns(text, 0, text.length, (start, end) => {
    for (const piece of splitRun(text.slice(start, end))) terms.push(fold(piece));
  });
  return terms;
}
