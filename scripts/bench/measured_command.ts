// Another program at its work: how long it took, how much processor time and memory. Knows what
// Linux counts, not what the program does.

import { setTimeout as sleep } from "node:timers/promises";
import { type CommandOptions, run } from "./command.ts";
import { parseStat, peakResidentBytes, readStat } from "./proc.ts";

const SAMPLE_MILLISECONDS = 2;

/** One run of a program. */
export interface MeasuredRun {
  readonly milliseconds: number;
  readonly processorMilliseconds: number | null;
  /** Sampled: what it held only in its last two milliseconds can be missing. */
  readonly peakBytes: number | null;
  readonly output: Buffer;
}

/** Runs a program to its end; nothing else may be started meanwhile, or its time counts too. */
export async function measureCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<MeasuredRun> {
  const before = endedChildren();
  const ended = new AbortController();
  let peakBytes: number | null = null;
  const watch = async (pid: number) => {
    while (!ended.signal.aborted) {
      peakBytes = Math.max(peakBytes ?? 0, peakResidentBytes(pid) ?? 0) || null;
      await sleep(SAMPLE_MILLISECONDS);
    }
  };
  let watching: Promise<void> | undefined;
  const onStart = (pid: number) => {
    watching = watch(pid);
  };
  const started = performance.now();
  const output = await run(program, args, { ...options, onStart });
  const milliseconds = performance.now() - started;
  ended.abort();
  await watching;
  const after = endedChildren();
  const known = before !== null && after !== null;
  return { milliseconds, processorMilliseconds: known ? after - before : null, peakBytes, output };
}

function endedChildren(): number | null {
  const line = readStat(process.pid);
  return line === null ? null : parseStat(line).endedChildrenMilliseconds;
}
