// What a benchmark is: a name on the command line, and a function from conditions to tables.

import type { Table } from "./table.ts";

/** What every benchmark gets. */
export interface BenchmarkContext {
  /** The checkout that is measured. */
  readonly root: string;
  /** An empty temporary folder that is removed afterwards. */
  readonly directory: string;
  /** Aborts when the benchmark must stop. */
  readonly signal: AbortSignal;
  /** Tells whoever waits what is being done. */
  readonly say: (line: string) => void;
}

/** What it found: tables and sentences to read, and everything measured for programs. */
export interface BenchmarkResult {
  readonly tables: readonly Table[];
  readonly notes: readonly string[];
  readonly data: unknown;
}

export interface Benchmark {
  readonly name: string;
  readonly usage: string;
  /** Throws UsageError when the arguments are not for it. */
  run(args: readonly string[], context: BenchmarkContext): Promise<BenchmarkResult>;
}

/** The command line is wrong; the message says how. */
export class UsageError extends Error {}

/** A whole number from 1 on, given as an option. */
export function countOption(name: string, value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) {
    throw new UsageError(`--${name} must be a whole number from 1 on, and is ${value}`);
  }
  return number;
}
