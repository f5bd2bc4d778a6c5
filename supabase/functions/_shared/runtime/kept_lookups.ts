/**
 * What a generation of a tree was found to have, for as long as it is kept in memory: it never changes. An answer
 * is of use only to who was told by the database, in the same request, that this generation is the published
 * one. Knows neither questions nor answers.
 */

/** What an entry costs beside its key and what was found. */
const ENTRY_UNITS = 200;

/** What was found, and in which generation. */
export interface KeptLookup<Found> {
  readonly state: string;
  readonly found: Found;
}

/** What one instance of a function remembers; what was used longest ago is forgotten first. */
export class KeptLookups<Found> {
  readonly #unitsOf: (found: Found) => number;
  readonly #unitsMax: number;
  readonly #kept = new Map<string, KeptLookup<Found> & { readonly units: number }>();
  #units = 0;

  constructor(unitsMax: number, unitsOf: (found: Found) => number) {
    this.#unitsMax = unitsMax;
    this.#unitsOf = unitsOf;
  }

  /** What the question was answered last, in whichever generation. */
  get(question: string): KeptLookup<Found> | null {
    const kept = this.#kept.get(question);
    if (kept === undefined) return null;
    this.#kept.delete(question);
    this.#kept.set(question, kept);
    return kept;
  }

  keep(question: string, state: string, found: Found): void {
    this.#forget(question);
    const units = ENTRY_UNITS + question.length + this.#unitsOf(found);
    this.#kept.set(question, { state, found, units });
    this.#units += units;
    for (const oldest of this.#kept.keys()) {
      if (this.#units <= this.#unitsMax) break;
      this.#forget(oldest);
    }
  }

  #forget(question: string): void {
    this.#units -= this.#kept.get(question)?.units ?? 0;
    this.#kept.delete(question);
  }
}
