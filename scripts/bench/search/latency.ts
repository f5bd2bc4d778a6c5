// Asks several the same queries in turns, one at a time, so that whatever the machine does meanwhile
// meets them all alike.

import type { BenchQuery } from "./queries.ts";
import type { Searcher, SearchRun } from "./searcher.ts";

/** The answers to one query, by the name of who answered; empty for who offers no such query. */
export interface QueryTimes {
  readonly query: BenchQuery;
  readonly runs: Readonly<Record<string, readonly SearchRun[]>>;
}

/** Every query `rounds` times of every searcher. Whoever answers first moves on by one each time. */
export async function askInTurns(
  queries: readonly BenchQuery[],
  searchers: readonly Searcher[],
  rounds: number,
  signal: AbortSignal,
): Promise<QueryTimes[]> {
  const times = queries.map((query) => ({
    query,
    runs: Object.fromEntries(searchers.map(({ name }): [string, SearchRun[]] => [name, []])),
  }));
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, { query, runs }] of times.entries()) {
      for (let turn = 0; turn < searchers.length; turn += 1) {
        signal.throwIfAborted();
        const searcher = searchers[(turn + index + round) % searchers.length];
        const run = await searcher?.search(query);
        if (searcher !== undefined && run) runs[searcher.name]?.push(run);
      }
    }
  }
  return times;
}

/** The milliseconds of every answer of one searcher to a part of the queries. */
export function millisecondsOf(times: readonly QueryTimes[], name: string): number[] {
  return times.flatMap(({ runs }) => (runs[name] ?? []).map(({ milliseconds }) => milliseconds));
}
