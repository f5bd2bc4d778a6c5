// The same literals asked of Quarry over HTTP and of programs that read the whole checkout each
// time. Not the same answer: Quarry gives the first page with its commit, the others give all lines.

import type { ApiClient } from "./api_client.ts";
import { type Contender, measureGrep } from "./contenders.ts";
import { statisticsOf } from "./statistics.ts";

const SEARCH_RUNS = 5;

/** Median milliseconds for one literal; null where a program is absent. */
export interface SearchComparison {
  readonly literal: string;
  readonly quarry: { readonly milliseconds: number | null; readonly matches: number };
  readonly rg: { readonly milliseconds: number | null; readonly lines: number } | null;
  readonly git: { readonly milliseconds: number | null; readonly lines: number };
}

export async function compareSearches(
  literals: readonly string[],
  checkout: string,
  { api, repositoryId, rg }: { api: ApiClient; repositoryId: string; rg: Contender | null },
  signal: AbortSignal,
): Promise<SearchComparison[]> {
  const comparisons: SearchComparison[] = [];
  for (const literal of literals) {
    const grep = async (program: "rg" | "git") => {
      const { milliseconds, lines } = await measureGrep(program, literal, checkout, signal);
      return { milliseconds: statisticsOf(milliseconds).median, lines };
    };
    comparisons.push({
      literal,
      quarry: await searchQuarry(api, repositoryId, literal),
      rg: rg === null ? null : await grep("rg"),
      git: await grep("git"),
    });
  }
  return comparisons;
}

async function searchQuarry(api: ApiClient, repositoryId: string, literal: string) {
  const times: number[] = [];
  let matches = 0;
  for (let run = 0; run < SEARCH_RUNS; run += 1) {
    const started = performance.now();
    const answer = await api.search(literal, repositoryId);
    times.push(performance.now() - started);
    matches = answer.matches.length;
  }
  return { milliseconds: statisticsOf(times).median, matches };
}
