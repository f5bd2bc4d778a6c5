/**
 * Text within a number of tokens. Tokens are estimated, since every model cuts text in its own way:
 * code has 3.2 to 3.6 UTF-16 units a token in the common encodings, so 3 stays on the safe side.
 */

const UNITS_PER_TOKEN = 3;
/** About what a line of an answer has: how many are asked for follows from it. */
const UNITS_PER_LINE = 40;

/** What an answer costs when nothing is asked for, and at most. */
export const BUDGET_TOKENS_DEFAULT = 4_000;
export const BUDGET_TOKENS_MAX = 25_000;
/** Less would not hold one answer's head. */
export const BUDGET_TOKENS_MIN = 200;

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
  readonly #units: number;
  #unitsLeft: number;
  #isCut = false;

  constructor(budgetTokens: number) {
    this.#units = budgetTokens * UNITS_PER_TOKEN;
    this.#unitsLeft = this.#units;
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
    if (this.#isCut || start.length + 1 > this.#unitsLeft) {
      this.#isCut = true;
      return null;
    }
    this.#push(start);
    return lines.length === 0 ? 0 : 1 + this.addAll(lines.slice(1));
  }

  /**
   * Adds a line in any case: what of it is longer than `share` of the budget, or than what is left, is
   * cut, with `length` in its place. Answers whether it is whole.
   */
  addCut(line: string, share = 1, length = `${line.length} UTF-16 units in all`): boolean {
    const shown = printable(line);
    const unitsMax = Math.min(this.#units * share, this.#unitsLeft - 1);
    if (shown.length <= unitsMax) {
      this.#push(shown);
      return true;
    }
    const mark = `… (cut; ${length})`;
    const kept = shown.slice(0, Math.max(0, unitsMax - mark.length)).toWellFormed();
    this.#push(`${kept}${mark}`);
    return false;
  }

  #push(text: string): void {
    this.#unitsLeft -= text.length + 1;
    this.#lines.push(text);
  }

  /** All lines. */
  toString(): string {
    return this.#lines.join("\n");
  }
}
