/**
 * Sets of small numbers, as code units and the numbers of keywords are: asked several times for each
 * token, so they are tables. Know nothing of what the numbers mean.
 */

/** A set of numbers from 0 up, of which the largest decides the size. */
export class NumberSet {
  readonly #table: Uint8Array;

  /** Numbers below 0 are left out. */
  constructor(numbers: Iterable<number>) {
    const members = Array.from(numbers).filter((number) => number >= 0);
    this.#table = new Uint8Array(members.reduce((size, number) => Math.max(size, number + 1), 0));
    for (const number of members) this.#table[number] = 1;
  }

  /** Whether any whole number is in it. */
  has(number: number): boolean {
    return number >= 0 && number < this.#table.length && this.#table[number] === 1;
  }
}
