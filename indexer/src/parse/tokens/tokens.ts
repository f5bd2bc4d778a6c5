/**
 * The tokens of a source as columns of numbers, so that millions of them cost no object each.
 */

/** What a token is. */
export const TOKEN = {
  /** A word; its value is the number that Identifiers gave it. */
  word: 1,
  /** One sign; its value is the code unit. */
  sign: 2,
  /** A string, a number, a regular expression; its value says nothing. */
  literal: 3,
  /** A preprocessor's fork; its value is one of FORK. */
  fork: 4,
} as const;

/** The values of a fork. */
export const FORK = { start: 1, next: 2, end: 3 } as const;

const TOKENS_MIN = 4096;

/** Tokens in the order of the source. */
export class Tokens {
  count = 0;
  kinds = new Uint8Array(TOKENS_MIN);
  /** 1 where the token is the first on its line. */
  breaks = new Uint8Array(TOKENS_MIN);
  starts = new Int32Array(TOKENS_MIN);
  ends = new Int32Array(TOKENS_MIN);
  values = new Int32Array(TOKENS_MIN);

  /** Forgets all of them, so that nothing of one source is seen behind the end of the next. */
  clear(): void {
    this.kinds.fill(0, 0, this.count);
    this.breaks.fill(0, 0, this.count);
    this.count = 0;
  }

  /** Appends one. */
  add(kind: number, start: number, end: number, value: number, isFirst: boolean): void {
    const index = this.count;
    if (index === this.kinds.length) this.#grow();
    this.kinds[index] = kind;
    this.breaks[index] = isFirst ? 1 : 0;
    this.starts[index] = start;
    this.ends[index] = end;
    this.values[index] = value;
    this.count = index + 1;
  }

  /** The code unit of a sign; 0 for any other token and beyond the ends. */
  sign(index: number): number {
    return this.kinds[index] === TOKEN.sign ? this.values[index] ?? 0 : 0;
  }

  /** The number of a word; -1 for any other token and beyond the ends. */
  word(index: number): number {
    return this.kinds[index] === TOKEN.word ? this.values[index] ?? -1 : -1;
  }

  /** Whether nothing stands between a token and the one before. */
  touches(index: number): boolean {
    return this.starts[index] === this.ends[index - 1];
  }

  #grow(): void {
    const length = this.kinds.length * 2;
    const bytes = (from: Uint8Array) => {
      const to = new Uint8Array(length);
      to.set(from);
      return to;
    };
    const numbers = (from: Int32Array) => {
      const to = new Int32Array(length);
      to.set(from);
      return to;
    };
    this.kinds = bytes(this.kinds);
    this.breaks = bytes(this.breaks);
    this.starts = numbers(this.starts);
    this.ends = numbers(this.ends);
    this.values = numbers(this.values);
  }
}
