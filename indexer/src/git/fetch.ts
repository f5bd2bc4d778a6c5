/**
 * One `git fetch` with progress, abort, a limit on silence and a limit on the bytes that arrive.
 * simple-git runs it. Does not know what is fetched or why.
 */
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import type { GitEnvironment } from "./environment.ts";
import { GitError } from "./git_failure.ts";

/** Git reports at least every second while anything moves. */
const SILENCE_MILLISECONDS_MAX = 90_000;
const GUARD_MILLISECONDS = 200;
const MESSAGE_TAIL_UNITS = 2000;

export interface Fetch {
  readonly directory: string;
  readonly environment: GitEnvironment;
  readonly args: readonly string[];
  /** Settings for this fetch alone, as `name=value`. */
  readonly config?: readonly string[];
  /** Oids to fetch, for `--stdin`. */
  readonly oids?: readonly string[];
  /** More than this in the object store ends the fetch. */
  readonly bytesMax: number;
  readonly signal: AbortSignal;
  readonly onPercent: (percent: number) => void;
}

/** The fetch brought, or was about to bring, more than it may. */
export class FetchTooLarge extends Error {
  override readonly name = "FetchTooLarge";
}

/** Runs the fetch. Rejects with GitError, FetchTooLarge or the reason of the abort. */
export async function runFetch(fetch: Fetch): Promise<void> {
  fetch.signal.throwIfAborted();
  const guard = new AbortController();
  const timer = setInterval(() => {
    void packBytes(fetch.directory).then((bytes) => {
      if (bytes > fetch.bytesMax) guard.abort(new FetchTooLarge(`more than ${fetch.bytesMax}`));
    });
  }, GUARD_MILLISECONDS);
  try {
    await start(fetch, AbortSignal.any([fetch.signal, guard.signal]));
    // Small and quick ones end before the guard has looked at all.
    if (await packBytes(fetch.directory) > fetch.bytesMax) {
      throw new FetchTooLarge(`more than ${fetch.bytesMax}`);
    }
  } catch (error) {
    fetch.signal.throwIfAborted();
    guard.signal.throwIfAborted();
    if (error instanceof FetchTooLarge) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new GitError("fetch", null, message.slice(-MESSAGE_TAIL_UNITS).trim());
  } finally {
    clearInterval(timer);
  }
}

async function start(fetch: Fetch, abort: AbortSignal): Promise<void> {
  // Loaded here: the claim need not wait for it.
  const { simpleGit } = await import("simple-git");
  const { oids, config = [] } = fetch;
  const git = simpleGit({
    baseDir: fetch.directory,
    abort,
    progress: ({ stage, progress }) => {
      if (stage === "receiving") fetch.onPercent(progress);
    },
    timeout: { block: SILENCE_MILLISECONDS_MAX },
    ...(oids === undefined ? {} : { input: () => `${oids.join("\n")}\n` }),
    // It refuses git's variables and some of its settings unless they are named: these are ours,
    // and they take rights away (no system configuration) or carry the token.
    allowEnvironment: Object.keys(fetch.environment).filter((name) => name.startsWith("GIT_")),
    unsafe: { allowUnsafeConfigPaths: true, allowUnsafeConfigEnvCount: true },
  });
  await git.env({ ...fetch.environment }).raw([
    ...config.flatMap((setting) => ["-c", setting]),
    "fetch",
    "--progress",
    ...fetch.args,
  ]);
}

/** What lies in the object store, complete or still arriving. */
export async function packBytes(directory: string): Promise<number> {
  const packs = path.join(directory, "objects", "pack");
  const names = await readdir(packs).catch(() => []);
  const sizes = await Promise.all(
    // A temporary file may be renamed between the two calls.
    names.map((name) => stat(path.join(packs, name)).then((file) => file.size, () => 0)),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
