// How much processor time the parts of a stack use for a piece of work. Unlike the clock it does not tell
// what else the machine does meanwhile.

import { familyMilliseconds, parseStat, readStat } from "../proc.ts";
import type { StackFile } from "../stack_process.ts";

/** Milliseconds of processor time by part; a part is missing where the system does not tell. */
export type ProcessorUse = Readonly<Record<string, number>>;

/** Does the work and answers what it used, beside what came of it. */
export async function withProcessorUse<Outcome>(
  stack: StackFile,
  work: () => Promise<Outcome>,
): Promise<{ readonly outcome: Outcome; readonly use: ProcessorUse }> {
  const before = readUse(stack);
  const outcome = await work();
  const after = readUse(stack);
  const use = Object.entries(after).map(([part, used]) => [part, used - (before[part] ?? used)]);
  return { outcome, use: Object.fromEntries(use) as ProcessorUse };
}

function readUse({ pid, children }: StackFile): ProcessorUse {
  const pidOf = (part: string) => children.find(({ name }) => name === part)?.pid ?? 0;
  const own = readStat(pid);
  const parts = {
    PostgreSQL: familyMilliseconds(pidOf("postgres")),
    functions: familyMilliseconds(pidOf("functions")),
    // One process plays the platform: gateway and Data API.
    "gateway and Data API": own === null ? null : parseStat(own).ownMilliseconds,
  };
  const known = Object.entries(parts).filter((entry) => entry[1] !== null);
  return Object.fromEntries(known) as ProcessorUse;
}
