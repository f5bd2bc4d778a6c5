// The command line of `npm run chaos`. Pure: words in, options or a mistake out.

import { parseArgs } from "node:util";
import { allFaults } from "./faults/all.ts";
import type { Fault } from "./faults/fault.ts";

const MINUTES_DEFAULT = 1;
const REPOSITORIES_DEFAULT = 4;
const REPOSITORIES_MAX = 50;

export const usage = `npm run chaos [-- --seed N] [--minutes M] [--repositories R] [--faults a,b]

A random workload on a whole local stack meets random faults; then everything must be as promised, and every
fault that was asked for must have taken effect at least once.
  --seed N      repeat a run's choices; without it a new seed, which is printed
  --minutes M   how long faults are injected, ${MINUTES_DEFAULT} without it
  --repositories R  of the host, ${REPOSITORIES_DEFAULT} without it; each has two tenants
  --faults a,b  only these of: ${allFaults.map(({ name }) => name).join(", ")}
`;

export type Command =
  | { readonly kind: "help" }
  | { readonly kind: "mistake"; readonly message: string }
  | {
    readonly kind: "run";
    readonly seed: number | null;
    readonly minutes: number;
    readonly repositories: number;
    readonly faults: readonly Fault[];
  };

/** Reads the words after `--`. */
export function parseArguments(args: readonly string[]): Command {
  let values;
  try {
    const text = { type: "string" } as const;
    const options = {
      seed: text,
      minutes: text,
      repositories: text,
      faults: text,
      help: { type: "boolean" },
    } as const;
    values = parseArgs({ args: [...args], options }).values;
  } catch (error) {
    return mistake(error instanceof Error ? error.message : String(error));
  }
  if (values.help === true) return { kind: "help" };
  const seed = values.seed === undefined ? null : Number(values.seed);
  if (seed !== null && !(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)) {
    return mistake("--seed must be a whole number below 4294967296");
  }
  const minutes = Number(values.minutes ?? MINUTES_DEFAULT);
  if (!(minutes > 0)) return mistake("--minutes must be a number above 0");
  const repositories = Number(values.repositories ?? REPOSITORIES_DEFAULT);
  if (!(Number.isInteger(repositories) && repositories > 0 && repositories <= REPOSITORIES_MAX)) {
    return mistake(`--repositories must be a whole number up to ${REPOSITORIES_MAX}`);
  }
  const names = values.faults?.split(",") ?? allFaults.map(({ name }) => name);
  const unknown = names.filter((name) => !allFaults.some((fault) => fault.name === name));
  if (unknown.length > 0) return mistake(`no such fault: ${unknown.join(", ")}`);
  const faults = allFaults.filter(({ name }) => names.includes(name));
  return { kind: "run", seed, minutes, repositories, faults };
}

function mistake(message: string): Command {
  return { kind: "mistake", message };
}
