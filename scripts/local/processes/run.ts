// One run of local processes: the list of what it started, kept in a file as it changes, and a
// guard that works through that file when the run's own process dies without doing so (kill -9).
// Knows pids, marks on command lines and directories; does not know what any of them is for.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { commandLine, isOurs, stopProcess } from "./process.ts";
import { startTogether } from "./start_together.ts";

/** A process that a run answers for. */
export interface RunProcess {
  readonly name: string;
  readonly pid: number;
  readonly port: number | null;
  /** A piece of its command line: a pid whose command line lacks it was reused by a stranger. */
  readonly mark: string;
  /** SIGQUIT lets PostgreSQL drop its shared memory; the others can go at once. */
  readonly lastSignal: "SIGKILL" | "SIGQUIT";
}

/** What the file of a run holds. */
export interface RunFile {
  /** The process that opened it. */
  readonly pid: number;
  readonly mark: string;
  processes: RunProcess[];
  directories: string[];
}

/** The open list of one run. Every change is on disk when the call returns. */
export interface Run {
  readonly file: string;
  readonly processes: readonly RunProcess[];
  /** Adds a process, or replaces what is known of that pid. */
  add(entry: RunProcess): void;
  remove(pid: number): void;
  addDirectory(directory: string): void;
  /**
   * Removes the directories and the file and lets the guard go. Processes must be gone already.
   * Further calls do nothing more.
   */
  close(): Promise<void>;
}

export interface RunOptions {
  /** Where the list lies; without it in a temporary directory of its own. */
  file?: string;
}

const guardEntry = fileURLToPath(new URL("./guard.ts", import.meta.url));

/** Opens a run, or throws EEXIST when the given file exists (another run, or a dead one's). */
export async function openRun(options: RunOptions = {}): Promise<Run> {
  const directories: string[] = [];
  let file = options.file;
  if (file === undefined) {
    const directory = await mkdtemp(path.join(os.tmpdir(), "quarry-run-"));
    directories.push(directory);
    file = path.join(directory, "run.json");
  }
  return new OpenRun(file, directories);
}

class OpenRun implements Run {
  readonly file: string;
  readonly #content: RunFile;
  readonly #guard: ReturnType<typeof startGuard>;
  #closed: Promise<void> | null = null;

  constructor(file: string, directories: string[]) {
    this.file = file;
    const mark = commandLine(process.pid);
    this.#content = { pid: process.pid, mark, processes: [], directories };
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(this.#content), { flag: "wx", mode: 0o600 });
    this.#guard = startGuard(file);
  }

  get processes(): readonly RunProcess[] {
    return this.#content.processes;
  }

  add(entry: RunProcess): void {
    const others = this.#content.processes.filter((other) => other.pid !== entry.pid);
    this.#content.processes = [...others, entry];
    this.#write();
  }

  remove(pid: number): void {
    this.#content.processes = this.#content.processes.filter((entry) => entry.pid !== pid);
    this.#write();
  }

  addDirectory(directory: string): void {
    this.#content.directories.push(directory);
    this.#write();
  }

  close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  async #close(): Promise<void> {
    await removeDirectories(this.#content.directories);
    rmSync(this.file, { force: true });
    const gone = once(this.#guard, "exit");
    this.#guard.ref();
    this.#guard.stdin.end();
    await gone;
  }

  #write(): void {
    // Renamed into place: the guard must never meet half a list.
    writeFileSync(`${this.file}.new`, JSON.stringify(this.#content), { mode: 0o600 });
    renameSync(`${this.file}.new`, this.file);
  }
}

/**
 * A shell that sleeps until its input ends, which it does however this process dies, and only then
 * starts Node: so a guard costs a megabyte, not forty.
 */
function startGuard(file: string) {
  const script = 'cat > /dev/null; [ -e "$1" ] && exec "$2" "$3" "$1"';
  const guard = spawn(
    "/bin/sh",
    ["-c", script, "quarry-guard", file, process.execPath, guardEntry],
    // A session of its own: neither Ctrl-C nor a closed terminal may take the guard away.
    { detached: true, stdio: ["pipe", "ignore", "ignore"], cwd: "/" },
  );
  guard.stdin.on("error", () => undefined);
  guard.unref();
  return guard;
}

/** The list of a run that may be alive or dead; null when there is none, or it is not readable. */
export function readRun(file: string): RunFile | null {
  try {
    // Written whole by this module alone, so that its shape needs no check.
    return JSON.parse(readFileSync(file, "utf8")) as RunFile;
  } catch {
    return null;
  }
}

/**
 * Stops what a dead run left and removes its directories. Safe to repeat, and to do twice at once:
 * the file itself stays, since by now it may be that of the next run.
 */
export async function cleanUpAfter(file: string): Promise<RunProcess[]> {
  const left = readRun(file);
  const stopped = left === null ? [] : left.processes.filter((entry) => isOurs(entry));
  await Promise.all(stopped.map((entry) => stopProcess(entry.pid, entry.lastSignal)));
  await removeDirectories(left?.directories ?? []);
  return stopped;
}

/** A process that was killed may have children that write for a moment more: hence the retries. */
async function removeDirectories(directories: readonly string[]): Promise<void> {
  const patiently = { recursive: true, force: true, maxRetries: 10, retryDelay: 100 };
  await startTogether(directories.map((directory) => rm(directory, patiently)));
}
