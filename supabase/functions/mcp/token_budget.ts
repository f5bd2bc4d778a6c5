/**
 * Text within a number of tokens, by an estimate that is rather too high. What an answer ends with is
 * provided for: how many there are, what is missing, and the cursor that goes on.
 */
import { estimateTokens, fitTokens } from "./token_estimate.ts";

/** About what a token of code has: how many lines are asked for follows from it. */
const UNITS_PER_TOKEN = 3;
/** About what a line of an answer has. */
const UNITS_PER_LINE = 40;

/** What an answer costs when nothing is asked for, and at most. */
export const BUDGET_TOKENS_DEFAULT = 4_000;
export const BUDGET_TOKENS_MAX = 25_000;
/** Less would not hold one answer's head. */
export const BUDGET_TOKENS_MIN = 200;

/** What the last line of an answer costs without its cursor. */
const END_TOKENS = 48;
/** What is left for the answer itself, however long its cursor is: else none would get on. */
const SHARE_MIN = 0.4;
/** A line feed. */
const LINE_END_TOKENS = 1;

/** About how many lines the budget holds, rather too many. */
export function linesWithin(budgetTokens: number): number {
  return Math.ceil((budgetTokens * UNITS_PER_TOKEN) / UNITS_PER_LINE);
}

/** Whatever could end a line or hide it, but for a tab and the end of a line of a Windows file. */
// deno-lint-ignore no-control-regex
const UNPRINTABLE = /(?!\r$)[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029]/g;

/**
 * A line as an agent may read it: control characters as JSON writes them. A path may hold a line
 * feed, and with it could forge a line of an answer.
 */
export function printable(line: string): string {
  return line.replace(UNPRINTABLE, (unit) => {
    const short = JSON.stringify(unit).slice(1, -1);
    return short === unit ? `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}` : short;
  });
}

/** Collects lines until the budget is used up. What it holds ends at the first line that did not fit. */
export class BudgetedText {
  readonly #lines: string[] = [];
  readonly #last: string[] = [];
  readonly #tokens: number;
  #tokensLeft: number;
  #isCut = false;

  constructor(budgetTokens: number, cursor: string | null = null) {
    const end = END_TOKENS + (cursor === null ? 0 : estimateTokens(cursor));
    this.#tokens = Math.max(budgetTokens * SHARE_MIN, budgetTokens - end);
    this.#tokensLeft = this.#tokens;
  }

  /** Whether something did not fit. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** Adds a line whole or not at all; after one that does not fit, none is added. */
  add(line: string): boolean {
    return this.addBlock(line, []) !== null;
  }

  /** Adds lines as long as they fit. Answers how many did. */
  addAll(lines: readonly string[]): number {
    const left = lines.findIndex((line) => !this.add(line));
    return left === -1 ? lines.length : left;
  }

  /**
   * Adds a heading and as many of its lines as fit, but no heading without its first line. Answers how
   * many lines; null: not even the heading.
   */
  addBlock(heading: string, lines: readonly string[]): number | null {
    const start = [heading, ...lines.slice(0, 1)].map(printable).join("\n");
    const { units, tokens } = fitTokens(start, this.#tokensLeft - LINE_END_TOKENS);
    if (this.#isCut || units < start.length) {
      this.#isCut = true;
      return null;
    }
    this.#push(start, tokens);
    return lines.length === 0 ? 0 : 1 + this.addAll(lines.slice(1));
  }

  /**
   * Adds a line in any case: what of it is longer than `share` of the budget, or than what is left, is
   * cut, with `length` in its place. Answers whether it is whole.
   */
  addCut(line: string, share = 1, length = `${line.length} UTF-16 units in all`): boolean {
    const shown = printable(line);
    const tokensMax = Math.min(this.#tokens * share, this.#tokensLeft - LINE_END_TOKENS);
    const { units, tokens } = fitTokens(shown, tokensMax);
    if (units === shown.length) {
      this.#push(shown, tokens);
      return true;
    }
    const mark = `… (cut; ${length})`;
    const markTokens = estimateTokens(mark);
    const kept = fitTokens(shown, Math.max(0, tokensMax - markTokens));
    this.#push(`${shown.slice(0, kept.units).toWellFormed()}${mark}`, kept.tokens + markTokens);
    return false;
  }

  /**
   * Adds a line with a list of files to those that come last: as many as `share` of the budget holds, and how
   * many more there are. What is left out of it makes nothing cut. Answers how many files are named.
   */
  addLast(heading: string, files: readonly string[], share: number): number {
    const tokensMax = Math.min(this.#tokens * share, this.#tokensLeft - LINE_END_TOKENS);
    let tokensLeft = tokensMax - estimateTokens(`${heading}: ${files.length} more`);
    const listed = files.map((file) => printable(`${file}, `));
    const left = listed.findIndex((file) => (tokensLeft -= estimateTokens(file)) < 0);
    const named = left === -1 ? files.length : left;
    const more = named === 0 ? `${files.length} files` : `${files.length - named} more`;
    const line = `${heading}: ${listed.slice(0, named).join("")}${more}`;
    const shown = named < files.length ? line : line.slice(0, line.lastIndexOf(", "));
    this.#tokensLeft -= estimateTokens(shown) + LINE_END_TOKENS;
    this.#last.push(shown);
    return named;
  }

  #push(text: string, tokens: number): void {
    this.#tokensLeft -= tokens + LINE_END_TOKENS;
    this.#lines.push(text);
  }

  /** All lines. */
  toString(): string {
    return [...this.#lines, ...this.#last].join("\n");
  }
}
