/**
 * Text within a number of tokens. Tokens are estimated, since every model cuts text in its own way:
 * code has 3.2 to 3.6 UTF-16 units a token in the common encodings, so 3 stays on the safe side.
 */

const UNITS_PER_TOKEN = 3;

/** What an answer costs when nothing is asked for, and at most. */
export const BUDGET_TOKENS_DEFAULT = 4_000;
export const BUDGET_TOKENS_MAX = 25_000;
/** Less would not hold one answer's head. */
export const BUDGET_TOKENS_MIN = 200;

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

/** Collects blocks of lines until the budget is used up. */
export class BudgetedText {
  readonly #blocks: string[] = [];
  #unitsLeft: number;
  #leftOut = 0;

  constructor(budgetTokens: number) {
    this.#unitsLeft = budgetTokens * UNITS_PER_TOKEN;
  }

  /** How many blocks did not fit. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /** Adds a block whole or not at all; after one that does not fit, none is added. */
  add(block: string): boolean {
    if (this.#leftOut > 0 || block.length + 1 > this.#unitsLeft) {
      this.#leftOut += 1;
      return false;
    }
    this.#unitsLeft -= block.length + 1;
    this.#blocks.push(block);
    return true;
  }

  /** All blocks, one after the other. */
  toString(): string {
    return this.#blocks.join("\n");
  }
}
