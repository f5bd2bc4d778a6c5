// Programs of others that may be on this machine: where they are and which version they are. None is a
// need of the product; one that is absent is named as absent.

import { access, constants, readFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { run } from "./command.ts";

/** A program that is there. */
export interface Program {
  readonly name: string;
  readonly file: string;
  /** Its name and version, in its own words. */
  readonly version: string;
}

/** Where programs are looked for: the PATH, then where Go puts what it builds. */
export function programDirectories(environment: NodeJS.ProcessEnv, home: string): string[] {
  const { PATH = "", GOBIN, GOPATH } = environment;
  return [...PATH.split(path.delimiter), GOBIN, GOPATH && path.join(GOPATH, "bin")]
    .concat(path.join(home, "go", "bin"))
    .filter((directory) => directory !== undefined && directory !== "")
    .map(String);
}

async function locate(name: string): Promise<string | null> {
  for (const directory of programDirectories(process.env, os.homedir())) {
    const file = path.join(directory, name);
    const isThere = await access(file, constants.X_OK).then(() => true, () => false);
    if (isThere) return file;
  }
  return null;
}

/** A program that says its version when it is asked; null when it is absent. */
export async function findProgram(name: string): Promise<Program | null> {
  const file = await locate(name);
  if (file === null) return null;
  const said = (await run(file, ["--version"])).toString("utf8").split("\n")[0] ?? "";
  return { name, file, version: said.replace(/, Copyright.*| \(rev .*/, "") };
}

/** A program written in Go, whose version is what Go noted in it; null when it is absent. */
export async function findGoProgram(name: string): Promise<Program | null> {
  const file = await locate(name);
  if (file === null) return null;
  return { name, file, version: `${name} ${goVersion(await readFile(file)) ?? "(unknown)"}` };
}

/** The version of the main module in a Go program, or null. */
export function goVersion(program: Buffer): string | null {
  // The note has a line for the main module: mod, its path, its version, between tabs.
  const at = program.indexOf("\nmod\t");
  if (at < 0) return null;
  return /^\nmod\t\S+\t(\S+)/.exec(program.subarray(at, at + 500).toString("latin1"))?.[1] ?? null;
}
