// A repository to index, as one commit in a bare repository of its own: either built from the
// sources of the pinned npm packages, or the tree of any repository at its HEAD. History is left
// out, since an index reads one commit.

import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { git } from "../command.ts";
import { renamingOf } from "./identifiers.ts";
import { type PackageSource, readPackageSources } from "./package_sources.ts";

/** The branch that holds the commit. */
export const CORPUS_BRANCH = "main";
const REGULAR_FILE = "100644";

/** A bare repository and what is in its one commit. */
export interface Corpus {
  readonly directory: string;
  readonly commitOid: string;
  readonly files: number;
  readonly bytes: number;
  /** What it is, for whoever reads the numbers. */
  readonly description: string;
}

/** How large a built corpus becomes: at least both. */
export interface CorpusSize {
  readonly files: number;
  readonly bytes: number;
  /** Larger files are left out. */
  readonly fileBytesMax?: number;
}

/** The same packages, the same oid: nothing of the machine or the day is in the commit. */
export async function buildPackageCorpus(
  nodeModules: string,
  directory: string,
  size: CorpusSize,
  signal?: AbortSignal,
): Promise<Corpus> {
  const { fileBytesMax = Infinity } = size;
  const sources = (await readPackageSources(nodeModules))
    .filter(({ text }) => Buffer.byteLength(text) <= fileBytesMax);
  await createBareRepository(directory);
  const written = { files: 0, bytes: 0, copies: 0 };
  const input = importStream(sources, size, written);
  const options = signal === undefined ? { input } : { input, signal };
  await git(directory, ["fast-import", "--quiet"], options);
  const packages = new Set(sources.map((source) => packageOf(source.path))).size;
  return {
    directory,
    commitOid: (await git(directory, ["rev-parse", CORPUS_BRANCH])).trim(),
    files: written.files,
    bytes: written.bytes,
    description: `the text files of ${packages} npm packages that the lock pins, in ` +
      `${written.copies} copies; from the second on, a quarter of the identifiers is renamed`,
  };
}

function packageOf(file: string): string {
  return file.split("/").slice(0, file.startsWith("@") ? 2 : 1).join("/");
}

/** What git fast-import reads: one commit with every file of as many copies as the size needs. */
function* importStream(
  sources: readonly PackageSource[],
  size: CorpusSize,
  written: { files: number; bytes: number; copies: number },
): Generator<string | Buffer> {
  const person = "Quarry benchmark <bench@example.invalid> 1767225600 +0000";
  yield `commit refs/heads/${CORPUS_BRANCH}\nauthor ${person}\ncommitter ${person}\n`;
  yield `data 6\ncorpus\n`;
  for (const { path: file, text } of copiesOf(sources)) {
    if (written.files >= size.files && written.bytes >= size.bytes) return;
    const bytes = Buffer.from(text);
    written.files += 1;
    written.bytes += bytes.length;
    written.copies = Number(/^copy_(\d+)\//.exec(file)?.[1]);
    yield `M ${REGULAR_FILE} inline ${file}\ndata ${bytes.length}\n`;
    yield bytes;
    yield "\n";
  }
}

/** Copy after copy, without end. A file that a copy would not change is not repeated. */
function* copiesOf(sources: readonly PackageSource[]): Generator<PackageSource> {
  for (let copy = 1;; copy += 1) {
    const rename = renamingOf(copy);
    let changed = 0;
    for (const source of sources) {
      const text = copy === 1 ? source.text : rename(source.text);
      if (copy > 1 && text === source.text) continue;
      changed += 1;
      yield { path: `copy_${copy}/${source.path}`, text };
    }
    if (changed === 0) throw new Error("there is no package to build a corpus from");
  }
}

/** The tree of a repository at HEAD as one commit; the repository itself is only read. */
export async function importRepository(
  source: string,
  directory: string,
  signal?: AbortSignal,
): Promise<Corpus> {
  const options = signal === undefined ? {} : { signal };
  const read = async (...args: string[]) => (await git(source, args, options)).trim();
  const head = await read("rev-parse", "--verify", "HEAD^{commit}");
  await createBareRepository(directory);
  const objects = path.resolve(source, await read("rev-parse", "--git-path", "objects"));
  const alternates = path.join(directory, "objects/info/alternates");
  await writeFile(alternates, `${objects}\n`);

  const entries = (await read("ls-tree", "-r", "-z", head)).split("\0").filter(Boolean);
  const held = await heldBlobs(directory, entries, options);
  const kept = entries.filter((entry) => isSubmodule(entry) || held.has(oidOf(entry)));
  const env = { GIT_INDEX_FILE: path.join(directory, "corpus.index") };
  const input = kept.map((entry) => `${entry}\0`);
  await git(directory, ["update-index", "-z", "--index-info"], { ...options, env, input });
  const tree = (await git(directory, ["write-tree"], { ...options, env })).trim();
  const commitOid = (await git(directory, ["commit-tree", "-m", "corpus", tree], options)).trim();
  await git(directory, ["update-ref", `refs/heads/${CORPUS_BRANCH}`, commitOid], options);
  // Its own copy of what it has: not every program that reads it follows alternates.
  await git(directory, ["repack", "-a", "-d", "--quiet"], options);
  await rm(alternates);
  return {
    directory,
    commitOid,
    files: kept.length,
    bytes: kept.reduce((sum, entry) => sum + (held.get(oidOf(entry)) ?? 0), 0),
    description: describe(path.basename(path.resolve(source)), head, entries.length - kept.length),
  };
}

function describe(name: string, head: string, missing: number): string {
  const left = missing === 0 ? "" : `, without ${missing} files that the clone does not hold`;
  return `the tree of ${name} at ${head} as one commit${left}`;
}

/** The size of each blob; a partial clone does not hold them all. */
async function heldBlobs(
  directory: string,
  entries: readonly string[],
  options: { signal?: AbortSignal },
): Promise<Map<string, number>> {
  const oids = new Set(entries.filter((entry) => !isSubmodule(entry)).map(oidOf));
  const args = ["cat-file", "--batch-check=%(objectname) %(objectsize)", "--buffer"];
  const input = [...oids].map((oid) => `${oid}\n`);
  const lines = (await git(directory, args, { ...options, input })).split("\n");
  return new Map(lines.flatMap((line) => {
    const [oid = "", size] = line.split(" ");
    return size === undefined || size === "missing" ? [] : [[oid, Number(size)] as const];
  }));
}

// An entry of ls-tree: "100644 blob 0123…\tpath".
function isSubmodule(entry: string): boolean {
  return entry.startsWith("160000 ");
}

function oidOf(entry: string): string {
  return entry.slice(0, entry.indexOf("\t")).split(" ")[2] ?? "";
}

async function createBareRepository(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await git(directory, ["init", "--quiet", "--bare", `--initial-branch=${CORPUS_BRANCH}`, "."]);
}
