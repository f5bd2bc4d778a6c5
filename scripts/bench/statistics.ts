// What repeated measurements amount to. Knows numbers, not what they measure.

/** Minimum, median and maximum of a number of runs; all null when there was none. */
export interface Statistics {
  readonly runs: number;
  readonly min: number | null;
  readonly median: number | null;
  readonly max: number | null;
}

/** The median of an even count is the mean of the two in the middle. */
export function statisticsOf(values: readonly number[]): Statistics {
  const sorted = values.toSorted((a, b) => a - b);
  const low = sorted[Math.ceil(sorted.length / 2) - 1];
  const high = sorted[Math.floor(sorted.length / 2)];
  return {
    runs: sorted.length,
    min: sorted[0] ?? null,
    median: low === undefined || high === undefined ? null : (low + high) / 2,
    max: sorted.at(-1) ?? null,
  };
}

/** A moment of a run, in milliseconds since 1970. Null: this run has no such moment. */
export interface Mark {
  readonly name: string;
  readonly at: number | null;
}

/** A stretch of a run, named after the mark that ends it. */
export interface Stage {
  readonly name: string;
  readonly milliseconds: number;
}

/**
 * The time between each mark and the one before it. Marks without a time are left out, so their
 * time counts to the next one that has one, and the stages always add up to the whole.
 */
export function stagesOf(marks: readonly Mark[]): Stage[] {
  const known = marks.flatMap(({ name, at }) => at === null ? [] : [{ name, at }]);
  return known.slice(1).map(({ name, at }, index) => ({
    name,
    milliseconds: at - (known[index]?.at ?? at),
  }));
}

/** Statistics of each stage over many runs, in the order in which the stages first appear. */
export function stageStatistics(runs: readonly (readonly Stage[])[]): Map<string, Statistics> {
  const values = new Map<string, number[]>();
  for (const { name, milliseconds } of runs.flat()) {
    values.set(name, [...values.get(name) ?? [], milliseconds]);
  }
  return new Map([...values].map(([name, list]) => [name, statisticsOf(list)]));
}

/** Of many values the one that this share of them does not exceed (nearest rank); null when none. */
export function percentileOf(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}
