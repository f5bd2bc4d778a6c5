/**
 * A table as columns of numbers, with its texts in one run of UTF-8 before them. Made to be deflated:
 * neighbours in a column are alike. A text is 0 where it first occurs, and its number plus one after
 * that. Knows neither the table nor its columns.
 */
import { NumberReader, NumberWriter } from "./numbers.ts";

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

/** Reads columns in the order in which they were written. */
export class ColumnReader {
  readonly #numbers: NumberReader;
  readonly #texts: readonly string[];
  #newTexts = 0;

  constructor(packed: Uint8Array, version: number) {
    this.#numbers = new NumberReader(packed);
    if (this.#numbers.unsigned() !== version) throw malformed();
    const count = this.count();
    const runLength = this.#numbers.unsigned();
    const lengths = this.unsigned(count);
    const run = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(this.#numbers.raw(runLength));
    let end = 0;
    this.#texts = lengths.map((length) => run.slice(end, end += length));
    if (end !== run.length) throw malformed();
  }

  /** A number of entries, of which each has a byte at least. */
  count(): number {
    const count = this.#numbers.unsigned();
    if (count > this.#numbers.left) throw malformed();
    return count;
  }

  unsigned(count: number): number[] {
    return times(count, () => this.#numbers.unsigned());
  }

  signed(count: number): number[] {
    return times(count, () => this.#numbers.signed());
  }

  differences(count: number): number[] {
    let last = 0;
    return times(count, () => last += this.#numbers.signed());
  }

  texts(count: number): string[] {
    return times(count, () => this.#textOf(this.#numbers.unsigned()));
  }

  textsOrNull(count: number): (string | null)[] {
    return times(count, () => {
      const number = this.#numbers.unsigned();
      return number === 0 ? null : this.#textOf(number - 1);
    });
  }

  #textOf(number: number): string {
    const text = this.#texts[number === 0 ? this.#newTexts++ : number - 1];
    if (text === undefined) throw malformed();
    return text;
  }

  /** Demands that everything was read. */
  end(): void {
    if (this.#numbers.left > 0) throw malformed();
  }
}
