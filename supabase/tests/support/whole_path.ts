// A running stack with a clone that is pushed to it: for tests of the whole way from git to an
// answer. Waits by polling with a deadline, never by sleeping a guessed time.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { git } from "../../../scripts/local/github/git_process.ts";
import type { Stack } from "../../../scripts/local/stack.ts";
import { send } from "./http.ts";

const POLL_MILLISECONDS = 20;
const WAIT_SECONDS_MAX = 25;

/** Calls `look` until it answers something. */
export async function until<T>(
  what: string,
  look: () => Promise<T | null | undefined | false> | T | null | undefined | false,
): Promise<T> {
  const deadline = performance.now() + WAIT_SECONDS_MAX * 1000;
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await sleep(POLL_MILLISECONDS);
  }
}

export interface JobView {
  readonly id: string;
  readonly state: string;
  readonly outcome: string | null;
  readonly commit_oid: string | null;
  readonly attempt: number;
  readonly progress: Readonly<Record<string, number>>;
  readonly errors: { readonly code: string }[];
}

/** Waits until a job has ended, and answers it. */
export async function ended(stack: Stack, jobId: string): Promise<JobView> {
  return await until(`the end of job ${jobId}`, async () => {
    const { body } = await send(stack, `/api/jobs/${jobId}`);
    const job = body as unknown as JobView;
    return ["completed", "failed", "cancelled"].includes(job.state) && job;
  });
}

/** Waits until nothing of the stack's queue is live, and answers the newest job. */
export async function settled(stack: Stack): Promise<JobView> {
  return await until("an empty queue", async () => {
    const { body } = await send(stack, "/api/jobs?limit=200");
    const jobs = body["items"] as JobView[];
    return jobs.every((job) => !["queued", "running"].includes(job.state)) && jobs[0];
  });
}

export interface Match {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
  readonly text: string;
  readonly commit_oid: string;
}

/** Every match of a literal, page by page; fails when an answer is incomplete for another reason. */
export async function searchAll(stack: Stack, q: string, limit = 200): Promise<Match[]> {
  const matches: Match[] = [];
  let cursor: string | null = null;
  do {
    const parameters = new URLSearchParams({ mode: "literal", q, limit: String(limit) });
    if (cursor !== null) parameters.set("cursor", cursor);
    const { status, body } = await send(stack, `/api/search?${parameters.toString()}`);
    if (status !== 200) throw new Error(`search ${JSON.stringify(q)}: ${JSON.stringify(body)}`);
    matches.push(...body["matches"] as Match[]);
    cursor = body["next_cursor"] as string | null;
  } while (cursor !== null);
  return matches;
}

/** A working copy whose commits are pushed to the stack's host. */
export class Clone implements AsyncDisposable {
  readonly directory: string;
  readonly #remote: string;

  private constructor(directory: string, remote: string) {
    this.directory = directory;
    this.#remote = remote;
  }

  static async create(stack: Stack, fullName: string): Promise<Clone> {
    const directory = await mkdtemp(path.join(os.tmpdir(), "quarry-clone-"));
    const clone = new Clone(directory, `${stack.githubUrl}/${fullName}.git`);
    await clone.git("init", "--quiet", "--initial-branch=main");
    await clone.git("config", "user.name", "A Person");
    await clone.git("config", "user.email", "person@example.org");
    return clone;
  }

  git(...args: string[]): Promise<string> {
    return git(this.directory, ...args);
  }

  async write(file: string, content: string | Uint8Array): Promise<void> {
    const target = path.join(this.directory, file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, content);
  }

  /** Commits all there is and answers the commit's oid. */
  async commit(message = "Change"): Promise<string> {
    await this.git("add", "--all");
    await this.git("commit", "--quiet", "--allow-empty", "-m", message);
    return (await this.git("rev-parse", "HEAD")).trim();
  }

  async push(...args: string[]): Promise<void> {
    await this.git("push", "--quiet", ...args, this.#remote, "HEAD:refs/heads/main");
  }

  async commitAndPush(message?: string): Promise<string> {
    const oid = await this.commit(message);
    await this.push();
    return oid;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return rm(this.directory, { recursive: true, force: true });
  }
}
