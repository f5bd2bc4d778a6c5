// The text files of the npm packages that the lock pins, in an order that depends on nothing but
// their names. Packages of one platform are left out, so that every machine finds the same files.

import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";

/** A source file: where it lies below node_modules, with slashes, and what is in it. */
export interface PackageSource {
  readonly path: string;
  readonly text: string;
}

const TEXT_ENDINGS = new Set(
  [".c", ".cc", ".cjs", ".css", ".cts", ".go", ".h", ".html", ".js", ".json", ".jsx", ".md"]
    .concat([".mjs", ".mts", ".py", ".scm", ".sh", ".sql", ".ts", ".tsx", ".yaml", ".yml"]),
);
/** What is larger is a bundle or a generated table, of which few repositories have many. */
const FILE_BYTES_MAX = 192 * 1024;

const manifest = z.object({ os: z.unknown().optional(), cpu: z.unknown().optional() });

/** Every text file of every package below a node_modules folder; equal contents come once. */
export async function readPackageSources(nodeModules: string): Promise<PackageSource[]> {
  const sources: PackageSource[] = [];
  const seen = new Set<string>();
  for (const directory of await packagesIn(nodeModules)) {
    for (const file of await filesIn(directory)) {
      const bytes = await readFile(file);
      const text = bytes.toString("utf8");
      if (bytes.length === 0 || bytes.length > FILE_BYTES_MAX || text.includes("\0")) continue;
      if (seen.has(text)) continue;
      seen.add(text);
      sources.push({ path: path.relative(nodeModules, file).replaceAll(path.sep, "/"), text });
    }
  }
  return sources;
}

async function packagesIn(directory: string): Promise<string[]> {
  const packages: string[] = [];
  for (const entry of await entriesOf(directory)) {
    // A link is a workspace: the project itself. A dot begins what npm keeps for itself.
    if (!entry.isDirectory() || entry.name.startsWith(".")) continue;
    const child = path.join(directory, entry.name);
    if (entry.name.startsWith("@")) packages.push(...await packagesIn(child));
    else if (await runsEverywhere(child)) packages.push(child);
  }
  return packages;
}

async function runsEverywhere(packageDirectory: string): Promise<boolean> {
  const text = await readFile(path.join(packageDirectory, "package.json"), "utf8");
  const { os, cpu } = manifest.parse(JSON.parse(text));
  return os === undefined && cpu === undefined;
}

async function filesIn(directory: string): Promise<string[]> {
  const files: string[] = [];
  for (const entry of await entriesOf(directory)) {
    const child = path.join(directory, entry.name);
    if (entry.isDirectory()) files.push(...await filesIn(child));
    else if (entry.isFile() && TEXT_ENDINGS.has(path.extname(entry.name))) files.push(child);
  }
  return files;
}

async function entriesOf(directory: string) {
  const entries = await readdir(directory, { withFileTypes: true });
  return entries.sort((a, b) => a.name < b.name ? -1 : 1);
}
