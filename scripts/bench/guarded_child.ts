// A process that a benchmark starts and that would go on without it: it ends when the benchmark's own
// process has, however that came. Does not know what it is for.

import type { ChildProcess } from "node:child_process";
import { openRun, type Run } from "../local/processes/run.ts";

/** Of this process. Nobody closes it: its guard does what there is to do. */
let opened: Promise<Run> | null = null;

/** `mark` is a piece of the child's command line. A child that leads a group ends with all of it. */
export async function guardChild(child: ChildProcess, mark: string): Promise<void> {
  const run = await (opened ??= openRun());
  const { pid } = child;
  if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  run.add({ name: mark, pid, port: null, mark, lastSignal: "SIGKILL" });
  child.once("exit", () => run.remove(pid));
}
