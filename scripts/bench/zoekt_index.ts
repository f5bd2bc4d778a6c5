// zoekt-git-index over a repository, measured: how long, how much processor time and memory, how many
// bytes. With ctags it knows definitions, without it text alone.

import { mkdir, readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { measureCommand, type MeasuredRun } from "./measured_command.ts";
import type { Program } from "./programs.ts";

/** Where the index is and what making it took. */
export interface ZoektIndex {
  readonly directory: string;
  readonly run: Omit<MeasuredRun, "output">;
  readonly bytesOnDisk: number;
}

/** Indexes the HEAD of a bare repository anew; `ctags` null leaves definitions out. */
export async function indexWithZoekt(
  zoekt: Program,
  ctags: Program | null,
  repository: string,
  directory: string,
  signal: AbortSignal,
): Promise<ZoektIndex> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const definitions = ctags === null ? "-disable_ctags" : "-require_ctags";
  const args = ["-index", directory, "-incremental=false", definitions, repository];
  const env: Record<string, string> = ctags === null ? {} : { CTAGS_COMMAND: ctags.file };
  const { output: _, ...run } = await measureCommand(zoekt.file, args, { env, signal });
  return { directory, run, bytesOnDisk: await bytesIn(directory) };
}

async function bytesIn(directory: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(directory)) {
    bytes += (await stat(path.join(directory, name))).size;
  }
  return bytes;
}
