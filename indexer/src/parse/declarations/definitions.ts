/**
 * Where the definitions of a file are, for a walk over its text from the start to the end: which one
 * is innermost at an index, and whether the name there is a definition's own. Knows no language.
 */
import type { SymbolKind } from "../symbol.ts";

/** One definition's places in the text. */
export interface DefinitionSpan {
  readonly kind: SymbolKind;
  readonly nameStart: number;
  /** Where what is the name alone ends: a computed name is code but for its bracket. */
  readonly nameEnd: number;
  readonly start: number;
  readonly end: number;
}

/** A value may be a function, so that its definition may have locals too. */
const CODE: ReadonlySet<SymbolKind> = new Set([
  "constant",
  "constructor",
  "field",
  "function",
  "macro",
  "method",
  "property",
  // A function's type has parameters.
  "type",
  "variable",
]);

/** The ordinals of spans in an order; those that are equal stay as they are. */
function ordered(
  spans: readonly DefinitionSpan[],
  compare: (first: DefinitionSpan, second: DefinitionSpan) => number,
): readonly number[] {
  const ordinals = spans.map((_, ordinal) => ordinal);
  // Most languages declare in the order of the source.
  const isOrdered = spans.every((span, ordinal) => {
    const before = spans[ordinal - 1];
    return before === undefined || compare(before, span) <= 0;
  });
  if (isOrdered) return ordinals;
  return ordinals.sort((a, b) => {
    const first = spans[a];
    const second = spans[b];
    return first === undefined || second === undefined ? 0 : compare(first, second);
  });
}

/** Answers for ascending indexes only. */
export class Definitions {
  readonly #spans: readonly DefinitionSpan[];
  /** Ordinals by where the definitions begin, the larger first. */
  readonly #order: readonly number[];
  /** Ordinals by where the names begin. */
  readonly #names: readonly number[];
  #next = 0;
  #nextName = 0;
  readonly #open: number[] = [];
  /** The innermost one that is open, -1 for none, and where it ends. */
  #top = -1;
  #topEnd = Infinity;
  /** Where the next one begins, and where the next name does. */
  #nextStart: number;
  #nextNameStart: number;

  /** The ordinals are the indexes of `spans`. */
  constructor(spans: readonly DefinitionSpan[]) {
    this.#spans = spans;
    this.#order = ordered(
      spans,
      (first, second) => first.start - second.start || second.end - first.end,
    );
    this.#names = ordered(spans, (first, second) => first.nameStart - second.nameStart);
    this.#nextStart = this.#startOf(0);
    this.#nextNameStart = this.#nameStartOf(0);
  }

  /** The ordinal of the innermost definition around an index; -1 outside of all. */
  around(index: number): number {
    if (index < this.#topEnd && index < this.#nextStart) return this.#top;
    for (let top = this.#open.at(-1); top !== undefined; top = this.#open.at(-1)) {
      if ((this.#spans[top]?.end ?? 0) > index) break;
      this.#open.pop();
    }
    for (let ordinal = this.#order[this.#next]; ordinal !== undefined;) {
      const span = this.#spans[ordinal];
      if (span === undefined || span.start > index) break;
      if (span.end > index) this.#open.push(ordinal);
      this.#next += 1;
      ordinal = this.#order[this.#next];
    }
    this.#nextStart = this.#startOf(this.#next);
    this.#top = this.#open.at(-1) ?? -1;
    this.#topEnd = this.#spans[this.#top]?.end ?? Infinity;
    return this.#top;
  }

  #startOf(next: number): number {
    return this.#spans[this.#order[next] ?? -1]?.start ?? Infinity;
  }

  #nameStartOf(next: number): number {
    return this.#spans[this.#names[next] ?? -1]?.nameStart ?? Infinity;
  }

  /** The ordinal of the definition whose name a token belongs to; -1 where it belongs to none. */
  named(start: number, end: number): number {
    while (this.#nextNameStart < end) {
      const ordinal = this.#names[this.#nextName] ?? -1;
      if ((this.#spans[ordinal]?.nameEnd ?? 0) > start) return ordinal;
      this.#nextName += 1;
      this.#nextNameStart = this.#nameStartOf(this.#nextName);
    }
    return -1;
  }

  /** Whether a definition can have parameters and variables of its own. */
  isCode(ordinal: number): boolean {
    // To ask an array for what is at -1 is slow.
    const span = ordinal < 0 ? undefined : this.#spans[ordinal];
    return span !== undefined && CODE.has(span.kind);
  }
}
