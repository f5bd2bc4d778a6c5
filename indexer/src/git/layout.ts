/**
 * The files that make a directory a bare repository of ours: what `git init --bare` makes, without
 * the time it takes and without templates and hooks. Does not run git.
 */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { layOutSeed, type Seed } from "./tree_packs.ts";
import { removeDirectory } from "./work_area.ts";

/** The commit that was fetched. */
export const HEAD = "refs/quarry/head";
/** The commit that the repository was seeded with: what git says it has. */
export const SEEDED = "refs/quarry/seeded";

/**
 * A host that computes says so every five seconds. Besides, git's helper for HTTP outlives a git that
 * is killed, for as long as this.
 */
const SILENCE_SECONDS_MAX = 30;

/** Makes the directory an empty repository, whatever it was, that fetches from the address. */
export async function layOutRepository(directory: string, url: string): Promise<void> {
  await Promise.all(
    ["objects", "refs", "shallow", "info"].map((name) =>
      removeDirectory(path.join(directory, name))
    ),
  );
  await Promise.all([
    mkdir(path.join(directory, "objects"), { recursive: true }),
    mkdir(path.join(directory, "refs", "quarry"), { recursive: true }),
    writeFile(path.join(directory, "HEAD"), "ref: refs/heads/none\n"),
    writeConfig(directory, url),
  ]);
}

/** The same with an earlier commit and its trees in it, whose history ends there. */
export async function layOutSeeded(
  directory: string,
  url: string,
  seed: Seed,
  isShallow: boolean,
): Promise<void> {
  await layOutRepository(directory, url);
  await Promise.all([
    layOutSeed(directory, seed, isShallow),
    writeFile(path.join(directory, SEEDED), `${seed.commitOid}\n`),
  ]);
}

/** Without an address git looks for nothing elsewhere: what is missing is missing. */
export async function writeConfig(directory: string, url: string | null): Promise<void> {
  const remote = `
[extensions]
	partialClone = origin
[remote "origin"]
	url = ${url}
	promisor = true
	partialclonefilter = blob:none
[fetch]
	negotiationAlgorithm = noop
[gc]
	auto = 0
[maintenance]
	auto = false
[http]
	lowSpeedLimit = 1
	lowSpeedTime = ${SILENCE_SECONDS_MAX}
`;
  // It all goes with the job: nothing of it has to survive a loss of power.
  const core = "[core]\n\trepositoryformatversion = 1\n\tbare = true\n\tfsync = none\n" +
    "[advice]\n\tgraftFileDeprecated = false\n";
  await writeFile(path.join(directory, "config"), url === null ? core : core + remote);
}
