// Notices that a process of a stack has died without being stopped. Knows pids; does not know what
// follows from a death, and tells whoever asked alone.

import { isAlive } from "./process.ts";
import type { RunProcess } from "./run.ts";

/** How soon a death is noticed. */
const POLL_MILLISECONDS = 200;

/** A part of a stack that died by itself. */
export interface DeadPart {
  readonly name: string;
  readonly pid: number;
}

/** The processes that end only when they are stopped; a machine comes and goes. */
const lastingParts: ReadonlySet<string> = new Set(["functions", "postgres"]);

/**
 * Calls `onDeath` once, for the first part that is dead and still listed: whoever stops one takes it
 * off the list. Answers how to stop watching, which alone does not keep a process alive.
 */
export function watchParts(
  processes: () => readonly RunProcess[],
  onDeath: (part: DeadPart) => void,
): () => void {
  const timer = setInterval(() => {
    const dead = processes().find(({ name, pid }) => lastingParts.has(name) && !isAlive(pid));
    if (dead === undefined) return;
    clearInterval(timer);
    onDeath(dead);
  }, POLL_MILLISECONDS);
  timer.unref();
  return () => clearInterval(timer);
}
