/**
 * What is known of each word of a source, as a number, for one source after another: words are
 * numbered themselves, so that this is a table. Knows nothing of what it means.
 */

const WORDS_MIN = 1024;

/** A number for each word; 0 until another one is set. */
export class WordNumbers {
  #numbers = new Int32Array(WORDS_MIN);

  /** Forgets all, and makes room for so many words. */
  begin(count: number): void {
    if (count > this.#numbers.length) this.#numbers = new Int32Array(count * 2);
    else this.#numbers.fill(0, 0, count);
  }

  of(word: number): number {
    return this.#numbers[word] ?? 0;
  }

  set(word: number, number: number): void {
    this.#numbers[word] = number;
  }
}
