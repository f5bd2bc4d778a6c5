/**
 * Collects references, and turns indexes of the text into lines and columns on the way. Takes them in
 * the order of the text.
 */
import type { Identifiers } from "./identifiers.ts";
import { cutCodePoints } from "./one_line.ts";
import { type ExtractedReference, NAME_CODE_POINTS_MAX, type ReferenceRole } from "./symbol.ts";

/** The references of one file. */
export class ReferenceList {
  readonly references: ExtractedReference[] = [];
  readonly #text: string;
  readonly #identifiers: Identifiers;
  #line = 1;
  #lineStart = 0;
  #lineEnd: number;

  constructor(text: string, identifiers: Identifiers) {
    this.#text = text;
    this.#identifiers = identifiers;
    this.#lineEnd = this.#endOf(0);
  }

  /** Adds a reference to a word; `definition` is -1 outside of all. */
  add(word: number, index: number, role: ReferenceRole, definition: number): void {
    while (index > this.#lineEnd) {
      this.#line += 1;
      this.#lineStart = this.#lineEnd + 1;
      this.#lineEnd = this.#endOf(this.#lineStart);
    }
    this.references.push({
      name: cutCodePoints(this.#identifiers.word(word), NAME_CODE_POINTS_MAX),
      line: this.#line,
      column: index - this.#lineStart + 1,
      role,
      enclosing: definition === -1 ? null : definition,
    });
  }

  #endOf(start: number): number {
    const end = this.#text.indexOf("\n", start);
    return end === -1 ? this.#text.length : end;
  }
}
