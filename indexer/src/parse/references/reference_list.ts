/**
 * Collects references, and turns indexes of the text into lines and columns on the way. Takes them in
 * the order of the text.
 */
import type { Identifiers } from "../tokens/identifiers.ts";
import { cutCodePoints } from "../one_line.ts";
import { type ExtractedReference, NAME_CODE_POINTS_MAX, type ReferenceRole } from "../symbol.ts";

/** The references of one file. */
export class ReferenceList {
  readonly references: ExtractedReference[] = [];
  /** The token of each reference. */
  readonly #tokens: number[] = [];
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

  /**
   * Adds the reference of the token `at` to a word; `definition` is -1 outside of all. So many units at
   * its start are signs and no part of the name.
   */
  add(
    at: number,
    word: number,
    start: number,
    role: ReferenceRole,
    definition: number,
    signs = 0,
  ): void {
    const index = start + signs;
    while (index > this.#lineEnd) {
      this.#line += 1;
      this.#lineStart = this.#lineEnd + 1;
      this.#lineEnd = this.#endOf(this.#lineStart);
    }
    this.#tokens.push(at);
    this.references.push({
      name: cutCodePoints(this.#identifiers.word(word).slice(signs), NAME_CODE_POINTS_MAX),
      line: this.#line,
      column: index - this.#lineStart + 1,
      role,
      enclosing: definition === -1 ? null : definition,
    });
  }

  /** Takes back the references of tokens that turned out to be parameters: they are the last ones. */
  drop(tokens: ReadonlySet<number>): void {
    const first = Math.min(...tokens);
    let keep = this.#tokens.length;
    while (keep > 0 && (this.#tokens[keep - 1] ?? 0) >= first) keep -= 1;
    const indexes = this.#tokens.splice(keep);
    const references = this.references.splice(keep);
    for (const [position, reference] of references.entries()) {
      const at = indexes[position] ?? -1;
      if (tokens.has(at)) continue;
      this.#tokens.push(at);
      this.references.push(reference);
    }
  }

  /** Takes back the uses of a word behind a token: it turned out to be a variable. */
  dropName(word: number, opening: number): void {
    const name = this.#identifiers.word(word);
    const tokens = new Set<number>();
    for (let last = this.#tokens.length - 1; last >= 0; last--) {
      const at = this.#tokens[last] ?? 0;
      if (at < opening) break;
      const reference = this.references[last];
      if (reference?.name === name && reference.role === "read") tokens.add(at);
    }
    if (tokens.size > 0) this.drop(tokens);
  }

  #endOf(start: number): number {
    const end = this.#text.indexOf("\n", start);
    return end === -1 ? this.#text.length : end;
  }
}
