// What the operating system knows about a process: alive, whose, and how to make it go.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** PostgreSQL gives its own processes five seconds before it kills them, and then goes itself. */
const STOP_MILLISECONDS_MAX = 10_000;
const POLL_MILLISECONDS = 10;
const TAIL_UNITS = 4000;

/** True while the pid exists and is no zombie. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it exists and is somebody else's.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
  if (process.platform !== "linux") return true;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3) !== "Z";
  } catch {
    return false;
  }
}

/** The command line of a process, "" when it is gone or cannot be read. */
export function commandLine(pid: number): string {
  try {
    if (process.platform === "linux") {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
    }
    return execFileSync("ps", ["-ww", "-o", "args=", "-p", String(pid)], { encoding: "utf8" });
  } catch {
    return "";
  }
}

/** True when the pid lives and its command line still carries the mark: pids are reused. */
export function isOurs(entry: { pid: number; mark: string }): boolean {
  return isAlive(entry.pid) && commandLine(entry.pid).includes(entry.mark);
}

/** Sends the signal and waits until the process is gone; after ten seconds SIGKILL. */
export async function stopProcess(pid: number, signal: NodeJS.Signals): Promise<void> {
  sendSignal(pid, signal);
  const deadline = Date.now() + STOP_MILLISECONDS_MAX;
  while (isAlive(pid)) {
    if (Date.now() > deadline) sendSignal(pid, "SIGKILL");
    await sleep(POLL_MILLISECONDS);
  }
  killGroupOf(pid);
}

/**
 * Kills what a process that led its group has left in it (its own child processes). No stranger can
 * be met: a group's number is free for use only when nobody is left in it.
 */
export function killGroupOf(pid: number): void {
  sendSignal(-pid, "SIGKILL");
}

/** Keeps the end of what a process prints, for the error that quotes it. */
export function tailOf(output: NodeJS.ReadableStream | null): () => string {
  let tail = "";
  output?.setEncoding("utf8");
  output?.on("data", (chunk: string) => {
    tail = (tail + chunk).slice(-TAIL_UNITS);
  });
  return () => tail.trim();
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  // 0 is what a process has that could not be started, and to kill it means our own group.
  if (pid === 0) return;
  try {
    process.kill(pid, signal);
  } catch {
    // Already gone: what was asked for.
  }
}
