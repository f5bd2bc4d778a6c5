/**
 * A text of which only some parts are left, each where it was, so that what is found in it has its place in
 * the whole.
 */
import type { Range } from "./markup.ts";

const NO_LINE_END = /[^\n\r]/g;

export class KeptCode {
  readonly #text: string;
  readonly #blank: string;
  readonly #parts: string[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#blank = text.replace(NO_LINE_END, " ");
  }

  /** Keeps a part as it is. Parts come in the order of the text. */
  keep({ start, end }: Range): void {
    this.#parts.push(this.#blank.slice(this.#at, start), this.#text.slice(start, end));
    this.#at = Math.max(start, end);
  }

  /** Keeps an expression as a statement of its own: what stands before it, a sign of the markup, is free. */
  keepExpression({ start, end }: Range): void {
    if (start >= end) return;
    let sign = start - 1;
    while (sign > this.#at && this.#blank[sign] !== " ") sign -= 1;
    if (sign >= this.#at && this.#blank[sign] === " ") {
      this.#parts.push(this.#blank.slice(this.#at, sign), ";");
      this.#at = sign + 1;
    }
    this.keep({ start, end });
  }

  /** Keeps a part between code that takes the place of what stands around it, which is not kept yet. */
  keepWithin(before: string, { start, end }: Range, after: string): void {
    if (start - before.length < this.#at) return;
    this.#parts.push(this.#blank.slice(this.#at, start - before.length), before);
    this.#at = start;
    this.keep({ start, end });
    this.#parts.push(after);
    this.#at += after.length;
  }

  /** The text with all else blank. */
  get text(): string {
    return this.#parts.join("") + this.#blank.slice(this.#at);
  }
}
