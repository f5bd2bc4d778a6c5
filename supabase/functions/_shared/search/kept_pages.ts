/**
 * Pages that an instance of a function has answered, so that the same need not be made again: what is on
 * one depends on the question, which has the tenant in it, and on what is published. Of that each page
 * keeps what the database called it, which it is asked about before a page is shown again. Pure.
 */

/** Of JSON, questions and answers together: a page of 200 lines has some 60,000. */
const UNITS_MAX = 12 * 1024 * 1024;
/** A page with more would leave little room for others. */
const PAGE_UNITS_MAX = 512 * 1024;

/** A page, and where the next one begins. */
export interface KeptPage<Position> {
  /** While the database says that it is this, the page is the answer. */
  readonly state: string;
  /** In JSON, and so without the texts that its lines are cut from. */
  readonly json: string;
  readonly next: Position | null;
}

/** What was used longest ago is forgotten first. */
export class KeptPages<Position> {
  readonly #unitsMax: number;
  readonly #pages = new Map<string, KeptPage<Position>>();
  #units = 0;

  constructor(unitsMax = UNITS_MAX) {
    this.#unitsMax = unitsMax;
  }

  /** The page that answered a question; null where there is none. */
  of(question: string): KeptPage<Position> | null {
    const page = this.#pages.get(question);
    if (page === undefined) return null;
    this.#pages.delete(question);
    this.#pages.set(question, page);
    return page;
  }

  /** Keeps a page in place of an earlier one. */
  keep(question: string, page: KeptPage<Position>): void {
    this.#forget(question);
    const units = unitsOf(question, page);
    if (units > PAGE_UNITS_MAX) return;
    this.#pages.set(question, page);
    this.#units += units;
    for (const oldest of this.#pages.keys()) {
      if (this.#units <= this.#unitsMax) break;
      this.#forget(oldest);
    }
  }

  #forget(question: string): void {
    const page = this.#pages.get(question);
    if (page === undefined) return;
    this.#pages.delete(question);
    this.#units -= unitsOf(question, page);
  }
}

function unitsOf<Position>(question: string, { json, next }: KeptPage<Position>): number {
  return question.length + json.length + JSON.stringify(next).length;
}
