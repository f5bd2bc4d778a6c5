/**
 * A piece of a file's text that is being verified, with what is worked out of it once and not before
 * it is asked for: the text itself, its folded form, and where its lines begin. Pure.
 */
import { type UnpackedText, unpackKnownText } from "../segment/stored_text.ts";
import { fold } from "../text/fold.ts";
import { type ChunkGrams, mayHold } from "./chunk_grams.ts";

/** Whole lines, without the line feed of the last one. */
export class ChunkText {
  /** The number of the first line, from 1. */
  readonly firstLine: number;
  /** Packed until it is looked at, and then no more: that is a part of an answer, which it would keep as a whole. */
  #content: Uint8Array | UnpackedText;
  #folded: string | null = null;
  #lineStarts: readonly number[] | null = null;
  /** Known from when it was looked at before. */
  readonly #grams: ChunkGrams | null;

  /** `packed`: as it is stored. */
  constructor(firstLine: number, packed: Uint8Array, grams: ChunkGrams | null = null) {
    this.firstLine = firstLine;
    this.#content = packed;
    this.#grams = grams;
  }

  /** Whether its folded text may have all of these runs: told without unpacking it, or not at all. */
  mayHold(needed: readonly number[]): boolean {
    return this.#grams === null || mayHold(this.#grams, needed);
  }

  get text(): string {
    return this.#known().text;
  }

  /** The text folded: of the same length, so that positions are the same. */
  get folded(): string {
    if (this.#folded === null) {
      const { text, isAscii } = this.#known();
      // As fold does once it has looked.
      this.#folded = isAscii ? text.toLowerCase() : fold(text);
    }
    return this.#folded;
  }

  /** Whether it was looked at. */
  get isUnpacked(): boolean {
    return !(this.#content instanceof Uint8Array);
  }

  /** Forgets what is quickly made again: the folded form of ASCII, which takes as much memory as the text. */
  shrink(): void {
    if (!(this.#content instanceof Uint8Array) && this.#content.isAscii) this.#folded = null;
  }

  /** About what is held in memory of it: nothing before it is looked at. */
  get bytes(): number {
    if (this.#content instanceof Uint8Array) return 0;
    const { text, isAscii } = this.#content;
    const copies = this.#folded === null ? 1 : 2;
    return text.length * (isAscii ? 1 : 2) * copies + (this.#lineStarts?.length ?? 0) * 8;
  }

  get lineCount(): number {
    return this.#starts().length;
  }

  /** The index of the line that holds a position. */
  lineAt(position: number): number {
    const starts = this.#starts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Where a line begins. */
  lineStart(index: number): number {
    return this.#starts()[index] ?? this.text.length;
  }

  /** Where a line ends, before its line feed. */
  lineEnd(index: number): number {
    const next = this.#starts()[index + 1];
    return next === undefined ? this.text.length : next - 1;
  }

  line(index: number): string {
    return this.text.slice(this.lineStart(index), this.lineEnd(index));
  }

  #known(): UnpackedText {
    if (this.#content instanceof Uint8Array) this.#content = unpackKnownText(this.#content);
    return this.#content;
  }

  #starts(): readonly number[] {
    if (this.#lineStarts === null) {
      const { text } = this;
      const starts = [0];
      for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) {
        starts.push(at + 1);
      }
      this.#lineStarts = starts;
    }
    return this.#lineStarts;
  }
}
