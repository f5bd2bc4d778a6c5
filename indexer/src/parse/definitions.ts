/**
 * Where the definitions of a file are, for a walk over its text from the start to the end: which one
 * is innermost at an index, and whether the name there is a definition's own. Knows no language.
 */
import type { SymbolKind } from "./symbol.ts";

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

/** Answers for ascending indexes only. */
export class Definitions {
  readonly #spans: readonly DefinitionSpan[];
  /** Ordinals by where the definitions begin, the larger first. */
  readonly #order: readonly number[];
  /** Ordinals by where the names begin. */
  readonly #names: readonly number[];
  #next = 0;
  #nextName = 0;
  #open: number[] = [];

  /** The ordinals are the indexes of `spans`. */
  constructor(spans: readonly DefinitionSpan[]) {
    this.#spans = spans;
    this.#order = Array.from(spans.keys()).toSorted((a, b) => {
      const first = spans[a];
      const second = spans[b];
      if (first === undefined || second === undefined) return 0;
      return first.start - second.start || second.end - first.end || a - b;
    });
    this.#names = Array.from(spans.keys()).toSorted((a, b) =>
      (spans[a]?.nameStart ?? 0) - (spans[b]?.nameStart ?? 0) || a - b
    );
  }

  /** The ordinal of the innermost definition around an index; -1 outside of all. */
  around(index: number): number {
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
    return this.#open.at(-1) ?? -1;
  }

  /** The ordinal of the definition whose name a token belongs to; -1 where it belongs to none. */
  named(start: number, end: number): number {
    for (;;) {
      const ordinal = this.#names[this.#nextName];
      const span = ordinal === undefined ? undefined : this.#spans[ordinal];
      if (ordinal === undefined || span === undefined || span.nameStart >= end) return -1;
      if (span.nameEnd > start) return ordinal;
      this.#nextName += 1;
    }
  }

  /** Whether a definition can have parameters and variables of its own. */
  isCode(ordinal: number): boolean {
    const span = this.#spans[ordinal];
    return span !== undefined && CODE.has(span.kind);
  }
}
