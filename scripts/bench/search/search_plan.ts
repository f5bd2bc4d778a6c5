// How much the search benchmark does: all of it, a quick look, or some of its parts.

import { parseArgs } from "node:util";
import { countOption, UsageError } from "../benchmark.ts";
import type { CorpusSize } from "../corpus/corpus.ts";
import type { LoadPlan } from "./load.ts";
import type { SmallRepositories } from "./small_repositories.ts";

export const searchParts = ["latency", "navigation", "load", "neighbours"] as const;
export type SearchPart = (typeof searchParts)[number];

/** What is done. */
export interface SearchPlan {
  /** A repository to search; undefined: one that is built. */
  readonly repository: string | undefined;
  readonly corpus: CorpusSize;
  readonly parts: ReadonlySet<SearchPart>;
  readonly rounds: number;
  readonly navigationSubjects: number;
  readonly load: LoadPlan;
  /** Real ones, of which the neighbours are copies. */
  readonly small: SmallRepositories;
  readonly tenantRepositories: number;
  readonly otherTenants: number;
  readonly otherRepositories: number;
}

const FULL = {
  corpus: { files: 10_000, bytes: 100_000_000 },
  rounds: 5,
  navigationSubjects: 40,
  load: { perSecond: 100, seconds: 60 },
  small: { count: 10, filesEach: 20 },
  tenantRepositories: 100,
  otherTenants: 50,
  otherRepositories: 1_000,
};

const QUICK = {
  corpus: { files: 2_000, bytes: 20_000_000 },
  rounds: 2,
  navigationSubjects: 10,
  load: { perSecond: 100, seconds: 10 },
  small: { count: 5, filesEach: 10 },
  tenantRepositories: 20,
  otherTenants: 10,
  otherRepositories: 100,
};

/** Reads the command line; throws UsageError. */
export function readSearchPlan(args: readonly string[]): SearchPlan {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      only: { type: "string" },
    },
    allowPositionals: true,
  });
  if (positionals.length > 1) throw new UsageError("one PATH at most");
  const size = values.quick ? QUICK : FULL;
  return {
    ...size,
    repository: positionals[0],
    parts: readParts(values.only),
    rounds: values.rounds === undefined ? size.rounds : countOption("rounds", values.rounds),
  };
}

function readParts(only: string | undefined): ReadonlySet<SearchPart> {
  if (only === undefined) return new Set(searchParts);
  return new Set(
    only.split(",").map((name) => {
      const part = searchParts.find((each) => each === name);
      if (part === undefined) throw new UsageError(`--only takes ${searchParts.join(",")}`);
      return part;
    }),
  );
}
