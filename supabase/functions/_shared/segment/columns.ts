/**
 * A table as columns of numbers, with its texts in one run of UTF-8 before them. Made to be deflated:
 * neighbours in a column are alike. A text is 0 where it first occurs, and its number plus one after
 * that. Knows neither the table nor its columns.
 */
import { NumberReader, NumberWriter, signedOf } from "./numbers.ts";
import { decodeUtf8 } from "./utf8.ts";

/** Writes columns, and collects the texts that they name. */
export class ColumnWriter {
  readonly columns = new NumberWriter();
  readonly #texts = new Map<string, number>();

  /** Columns of one number an entry. */
  unsigned<Entry>(entries: readonly Entry[], value: (entry: Entry) => number): void {
    for (const entry of entries) this.columns.unsigned(value(entry));
  }

  /** A column of differences, each from the entry before. */
  differences<Entry>(entries: readonly Entry[], value: (entry: Entry) => number): void {
    let last = 0;
    for (const entry of entries) {
      const next = value(entry);
      this.columns.signed(next - last);
      last = next;
    }
  }

  texts<Entry>(entries: readonly Entry[], value: (entry: Entry) => string): void {
    for (const entry of entries) this.columns.unsigned(this.#numberOf(value(entry)));
  }

  /** A column of texts in which null is 0, and what texts writes is one more. */
  textsOrNull<Entry>(entries: readonly Entry[], value: (entry: Entry) => string | null): void {
    for (const entry of entries) {
      const text = value(entry);
      this.columns.unsigned(text === null ? 0 : 1 + this.#numberOf(text));
    }
  }

  #numberOf(text: string): number {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    this.#texts.set(text, this.#texts.size + 1);
    return 0;
  }

  /** The version, the texts and the columns. */
  finish(version: number): Uint8Array<ArrayBuffer> {
    const texts = [...this.#texts.keys()];
    const run = new TextEncoder().encode(texts.join(""));
    const all = new NumberWriter();
    all.unsigned(version);
    all.unsigned(texts.length);
    all.unsigned(run.length);
    for (const text of texts) all.unsigned(text.length);
    all.raw(run);
    all.raw(this.columns.finish());
    return all.finish();
  }
}

/** What is thrown where the bytes are not those of a ColumnWriter of this version. */
export function malformed(): Error {
  return new Error("a packed outline is malformed or of another version");
}

/** As Array.from with a length, in a fraction of its time. */
export function times<Value>(count: number, next: () => Value): Value[] {
  const values: Value[] = [];
  for (let index = 0; index < count; index++) values.push(next());
  return values;
}

/** A column as it is read. */
export type Column = Readonly<ArrayLike<number>>;

/**
 * Reads columns in the order in which they were written. All numbers are decoded at once, which is fast;
 * a column that nobody asks for is passed over without a value made of it.
 */
export class ColumnReader {
  readonly #numbers: Uint16Array | Uint32Array;
  readonly #run: string;
  /** Where each text ends in the run. */
  readonly #ends: Uint32Array;
  /** Those that were made, by number: most stand in many places. */
  readonly #texts: (string | undefined)[] = [];
  #next: number;
  #newTexts = 0;

  constructor(packed: Uint8Array, version: number) {
    const head = new NumberReader(packed);
    if (head.unsigned() !== version) throw malformed();
    const count = head.unsigned();
    const runLength = head.unsigned();
    if (count > head.left) throw malformed();
    this.#ends = new Uint32Array(count);
    // With its holes at once: texts are made in any order.
    this.#texts.length = count;
    let end = 0;
    for (let index = 0; index < count; index++) this.#ends[index] = end += head.unsigned();
    this.#run = decodeUtf8(head.raw(runLength));
    if (end !== this.#run.length) throw malformed();
    this.#numbers = head.rest();
    this.#next = 0;
  }

  /** A number of entries, of which each has a number at least. */
  count(): number {
    const count = this.#numbers[this.#next++];
    if (count === undefined || count > this.#numbers.length - this.#next) throw malformed();
    return count;
  }

  unsigned(count: number): Uint16Array | Uint32Array {
    const column = this.#numbers.subarray(this.#next, this.#next + count);
    if (column.length < count) throw malformed();
    this.#next += count;
    return column;
  }

  signed(count: number): Int32Array {
    const column = new Int32Array(count);
    const written = this.unsigned(count);
    for (let index = 0; index < count; index++) column[index] = signedOf(written[index] ?? 0);
    return column;
  }

  differences(count: number): readonly number[] {
    const column: number[] = [];
    let last = 0;
    for (const written of this.unsigned(count)) column.push(last += signedOf(written));
    return column;
  }

  texts(count: number): string[] {
    const texts: string[] = [];
    for (const number of this.unsigned(count)) texts.push(this.#textOf(number));
    return texts;
  }

  textsOrNull(count: number): (string | null)[] {
    const texts: (string | null)[] = [];
    for (const number of this.unsigned(count)) {
      texts.push(number === 0 ? null : this.#textOf(number - 1));
    }
    return texts;
  }

  /** Of a column of texts those that are wanted, and where they stand; null: all. `withBefore`: with the one before each. */
  textsAmong(
    count: number,
    wanted: ReadonlySet<string> | null,
    withBefore: boolean,
  ): { readonly places: readonly number[]; readonly texts: readonly string[] } {
    const column = this.unsigned(count);
    const numbers = wanted === null ? null : this.#numbersOf(wanted);
    const places: number[] = [];
    const texts: string[] = [];
    let before = 0;
    for (let place = 0; place < count; place++) {
      const index = this.#indexOf(column[place] ?? 0);
      if (numbers === null || numbers.has(index)) {
        if (withBefore && place > 0 && places.at(-1) !== place - 1) {
          places.push(place - 1);
          texts.push(this.#textAt(before));
        }
        places.push(place);
        texts.push(this.#textAt(index));
      }
      before = index;
    }
    return { places, texts };
  }

  /** Whether a column of texts has this one. */
  hasText(count: number, text: string): boolean {
    const [wanted] = this.#numbersOf(new Set([text]));
    if (wanted === undefined) return false;
    for (const number of this.unsigned(count)) if (this.#indexOf(number) === wanted) return true;
    return false;
  }

  /** The texts at some places of a column, ascending. */
  textsAt(count: number, places: readonly number[]): string[] {
    const column = this.unsigned(count);
    const texts: string[] = [];
    for (let place = 0; place < count; place++) {
      const index = this.#indexOf(column[place] ?? 0);
      if (place === places[texts.length]) texts.push(this.#textAt(index));
    }
    return texts;
  }

  /** The numbers of these texts: told by their lengths, few others need be made. */
  #numbersOf(wanted: ReadonlySet<string>): Set<number> {
    const lengths = new Set(Array.from(wanted, ({ length }) => length));
    const numbers = new Set<number>();
    let start = 0;
    for (let index = 0; index < this.#ends.length; index++) {
      const end = this.#ends[index] ?? start;
      if (lengths.has(end - start) && wanted.has(this.#textAt(index))) numbers.add(index);
      start = end;
    }
    return numbers;
  }

  /** Passes over columns of numbers. */
  skip(count: number): void {
    this.unsigned(count);
  }

  /** Passes over a column of texts; `isNew` is what stands there for a text that first occurs. */
  skipTexts(count: number, isNew: 0 | 1): void {
    for (const number of this.unsigned(count)) if (number === isNew) this.#newTexts++;
  }

  /** Remembers this place: what is called later reads on from here. */
  later<Arguments extends readonly unknown[], Value>(
    read: (...values: Arguments) => Value,
  ): (...values: Arguments) => Value {
    const [next, newTexts] = [this.#next, this.#newTexts];
    return (...values) => {
      this.#next = next;
      this.#newTexts = newTexts;
      return read(...values);
    };
  }

  /** Which text a number of a column means; a new one is counted. */
  #indexOf(number: number): number {
    return number === 0 ? this.#newTexts++ : number - 1;
  }

  #textOf(number: number): string {
    return this.#textAt(this.#indexOf(number));
  }

  #textAt(index: number): string {
    const known = this.#texts[index];
    if (known !== undefined) return known;
    const end = this.#ends[index];
    if (end === undefined) throw malformed();
    const made = this.#run.slice(index === 0 ? 0 : this.#ends[index - 1], end);
    this.#texts[index] = made;
    return made;
  }

  /** Demands that everything was read or passed over. */
  end(): void {
    if (this.#next < this.#numbers.length) throw malformed();
  }
}
