// A clone whose commits are pushed to the stack's host: the hand of a developer. Knows git alone.

import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { git } from "../local/github/git_process.ts";

/** A branch of the host, as the workload pushes it. */
export type Branch = "main" | "side";

export class WorkingCopy {
  readonly directory: string;
  readonly #remote: string;

  constructor(directory: string, remote: string) {
    this.directory = directory;
    this.#remote = remote;
  }

  async create(): Promise<void> {
    await mkdir(this.directory, { recursive: true });
    await this.#git("init", "--quiet", "--initial-branch=main");
    await this.#git("config", "user.name", "A Person");
    await this.#git("config", "user.email", "person@example.org");
  }

  async write(file: string, content: string): Promise<void> {
    await mkdir(path.dirname(path.join(this.directory, file)), { recursive: true });
    await writeFile(path.join(this.directory, file), content);
  }

  async rename(from: string, to: string): Promise<void> {
    await rename(path.join(this.directory, from), path.join(this.directory, to));
  }

  async remove(file: string): Promise<void> {
    await rm(path.join(this.directory, file));
  }

  /** The files of the top folder. */
  async files(): Promise<string[]> {
    const entries = await readdir(this.directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map(({ name }) => name).sort();
  }

  async commit(message: string): Promise<void> {
    await this.#git("add", "--all");
    await this.#git("commit", "--quiet", "--allow-empty", "-m", message);
  }

  /** Forgets the last commits, as many as there are to forget. */
  async reset(commits: number): Promise<void> {
    const count = Number(await this.#git("rev-list", "--count", "HEAD"));
    await this.#git("reset", "--quiet", "--hard", `HEAD~${Math.min(commits, count - 1)}`);
  }

  async push(branch: Branch): Promise<void> {
    await this.#git("push", "--quiet", "--force", this.#remote, `HEAD:refs/heads/${branch}`);
  }

  async deleteBranch(branch: Branch): Promise<void> {
    await this.#git("push", "--quiet", this.#remote, `:refs/heads/${branch}`);
  }

  #git(...args: string[]): Promise<string> {
    return git(this.directory, ...args);
  }
}
