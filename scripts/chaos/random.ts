// Choices from a seed: the same seed and the same order of questions give the same answers. Knows
// nothing of what is chosen.

/** A stream of choices. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 to 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    const state = this.#state;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `min` to `max`, both possible. */
  integer(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  /** One of a list that is not empty. */
  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.integer(0, list.length - 1)] ?? list[0];
  }

  /** One of a list, null when there is none. */
  pickAny<T>(list: readonly T[]): T | null {
    return list[this.integer(0, Math.max(0, list.length - 1))] ?? null;
  }

  /** The list in another order. */
  shuffle<T>(list: readonly T[]): T[] {
    return list.map((item) => ({ item, at: this.next() }))
      .sort((one, other) => one.at - other.at).map(({ item }) => item);
  }

  /** A stream of its own, so that what is asked there changes nothing here. */
  fork(): Random {
    return new Random(this.integer(0, 2 ** 32 - 1));
  }
}
