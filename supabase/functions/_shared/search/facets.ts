/**
 * Counts matching lines by repository, language and folder. Pure.
 */

/** A value, and how many matching lines have it. */
export interface FacetCount {
  readonly value: string;
  readonly count: number;
}

/** The values of each facet, the commonest first. */
export interface Facets {
  readonly repository: readonly FacetCount[];
  readonly language: readonly FacetCount[];
  readonly folder: readonly FacetCount[];
}

/** Values of one facet that are told. */
const FACET_VALUES_MAX = 20;

/** A facet in the making. */
export class FacetCounter {
  readonly #counts = {
    repository: new Map<string, number>(),
    language: new Map<string, number>(),
    folder: new Map<string, number>(),
  };

  /** Adds the lines of a file. */
  add(file: { repository: string; language: string; path: string }, lines: number): void {
    const slash = file.path.indexOf("/");
    const folder = slash === -1 ? "" : file.path.slice(0, slash + 1);
    const values = { repository: file.repository, language: file.language, folder };
    for (const facet of ["repository", "language", "folder"] as const) {
      const counts = this.#counts[facet];
      counts.set(values[facet], (counts.get(values[facet]) ?? 0) + lines);
    }
  }

  get facets(): Facets {
    const { repository, language, folder } = this.#counts;
    return { repository: top(repository), language: top(language), folder: top(folder) };
  }
}

function top(counts: ReadonlyMap<string, number>): FacetCount[] {
  return [...counts].map(([value, count]) => ({ value, count }))
    .toSorted((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
    .slice(0, FACET_VALUES_MAX);
}
