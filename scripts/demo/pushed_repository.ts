// The repository that the demo pushes from: a temporary bare one that borrows the objects of the
// given repository, so that nothing is copied and nothing of the original is written. Knows git, not
// Quarry.

import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { branchRef } from "../../supabase/functions/_shared/contracts/git_ref.ts";
import { type Environment, git, gitLine, workingEnvironment } from "./git.ts";
import type { FilesSource, RepositorySource } from "./source.ts";

const BRANCH_DEFAULT = "main";

/** An entry of a commit's tree that is a regular file. */
export interface TreeFile {
  readonly path: string;
  readonly oid: string;
  readonly mode: "100644" | "100755";
}

/** A file's new content in a commit. */
export interface FileChange {
  readonly path: string;
  readonly mode: "100644" | "100755";
  readonly content: Buffer;
}

/** The temporary repository and the commit that is its branch's head. */
export class PushedRepository {
  readonly directory: string;
  readonly branch: string;
  readonly #environment: Environment;
  readonly #signal: AbortSignal;

  private constructor(
    directory: string,
    branch: string,
    environment: Environment,
    signal: AbortSignal,
  ) {
    this.directory = directory;
    this.branch = branch;
    this.#environment = environment;
    this.#signal = signal;
  }

  /** Makes the repository inside `parent`, a folder of the caller's that is thrown away. */
  static async create(
    source: RepositorySource | FilesSource,
    parent: string,
    environment: Environment,
    signal: AbortSignal,
  ): Promise<PushedRepository> {
    const home = path.join(parent, "home");
    await mkdir(home);
    const directory = path.join(parent, "repository.git");
    const named = source.kind === "repository" ? source.branch : null;
    // git allows names that no code host's API takes.
    const branch = named !== null && branchRef(named) !== null ? named : BRANCH_DEFAULT;
    const working = workingEnvironment(environment, home);
    const repository = new PushedRepository(directory, branch, working, signal);
    await git(["init", "--quiet", "--bare", directory], { environment: working, signal });
    if (source.kind === "repository") await repository.#borrow(source);
    else await repository.#addFiles(source.directory);
    return repository;
  }

  /** The commit that the branch points to. */
  async headOid(): Promise<string> {
    return (await this.#git("rev-parse", `refs/heads/${this.branch}`)).toString().trim();
  }

  /** The head's subject, and how many commits lead to it; counting ends at `commitsMax`. */
  async describeHead(commitsMax: number): Promise<{ subject: string; commits: number }> {
    const ref = `refs/heads/${this.branch}`;
    const subject = await this.#git("log", "-1", "--format=%s", ref);
    const commits = await this.#git("rev-list", "--count", `--max-count=${commitsMax}`, ref);
    return { subject: subject.toString().trim(), commits: Number(commits.toString()) };
  }

  /** Makes the head a commit of the same tree and message without parents. */
  async dropHistory(): Promise<void> {
    const commit = await this.#git("cat-file", "commit", await this.headOid());
    const hash = ["hash-object", "-t", "commit", "-w", "--stdin"];
    await this.#setHead((await this.#gitWithInput(hash, [rootCommit(commit)])).toString().trim());
  }

  /** How many paths the head has, links and submodules too. */
  async countPaths(): Promise<number> {
    const list = await this.#git("ls-tree", "-r", "-z", "--name-only", `refs/heads/${this.branch}`);
    return list.reduce((count, byte) => byte === 0 ? count + 1 : count, 0);
  }

  /** The head's regular files, in git's order. */
  async files(): Promise<TreeFile[]> {
    const list = await this.#git("ls-tree", "-r", "-z", `refs/heads/${this.branch}`);
    return list.toString().split("\0").flatMap((entry) => {
      const [, mode, oid, file] = /^(100644|100755) blob (\S+)\t(.+)$/s.exec(entry) ?? [];
      if (oid === undefined || file === undefined) return [];
      return [{ mode: mode === "100755" ? mode : "100644", oid, path: file }];
    });
  }

  /** Contents of the given blobs, without those that are missing or larger than `bytesMax`. */
  async readBlobs(oids: readonly string[], bytesMax: number): Promise<Map<string, Buffer>> {
    const checked = await this.#gitWithInput(["cat-file", "--batch-check"], lines(oids));
    const small = checked.toString().split("\n").flatMap((line) => {
      const [oid, type, size] = line.split(" ");
      return oid !== undefined && type === "blob" && Number(size) <= bytesMax ? [oid] : [];
    });
    const batch = await this.#gitWithInput(["cat-file", "--batch"], lines(small));
    return readBatch(batch);
  }

  /** Commits new contents on top of the head and moves the branch. Answers the new commit. */
  async commit(changes: readonly FileChange[], message: string, at: Date): Promise<string> {
    const head = await this.headOid();
    const seconds = Math.floor(at.getTime() / 1000);
    const text = Buffer.from(message);
    const stream: (string | Buffer)[] = [
      `commit refs/heads/${this.branch}\n`,
      `committer Quarry demo <demo@quarry.invalid> ${seconds} +0000\n`,
      `data ${text.length}\n`,
      text,
      `\nfrom ${head}\n`,
    ];
    for (const { mode, path: file, content } of changes) {
      stream.push(`M ${mode} inline ${quotePath(file)}\ndata ${content.length}\n`, content, "\n");
    }
    const input = Buffer.concat(stream.map((part) => Buffer.from(part)));
    await this.#gitWithInput(["fast-import", "--quiet", "--done"], [input, "done\n"]);
    return await this.headOid();
  }

  /** Pushes the branch; `onProgress` hears git's own words. */
  async push(url: string, onProgress: (text: string) => void): Promise<void> {
    const ref = `refs/heads/${this.branch}`;
    await git(["-C", this.directory, "push", "--progress", url, `${ref}:${ref}`], {
      environment: this.#environment,
      signal: this.#signal,
      onStderr: (text) => {
        const line = text.split(/[\r\n]+/).map((each) => each.trim()).findLast((each) =>
          each !== ""
        );
        if (line !== undefined) onProgress(line);
      },
    });
  }

  /** HEAD's commit as it is, or without its history where that is known to have gaps. */
  async #borrow(source: RepositorySource): Promise<void> {
    const alternates = path.join(this.directory, "objects", "info", "alternates");
    await writeFile(alternates, `${source.objectsDirectory}\n`);
    await this.#setHead(source.commitOid);
    if (source.isIncomplete) await this.dropHistory();
  }

  async #addFiles(directory: string): Promise<void> {
    const exclude = path.join(this.directory, "info", "exclude");
    await mkdir(path.dirname(exclude), { recursive: true });
    await writeFile(exclude, "node_modules\n.local\n");
    const options = { environment: this.#environment, signal: this.#signal };
    const place = [`--git-dir=${this.directory}`, `--work-tree=${directory}`];
    await git([...place, "-C", directory, "add", "--all", "."], options);
    const tree = await gitLine([...place, "write-tree"], options);
    const who = ["-c", "user.name=Quarry demo", "-c", "user.email=demo@quarry.invalid"];
    const message = ["-m", "The files of a folder that is no repository"];
    await this.#setHead(
      await gitLine([...place, ...who, "commit-tree", ...message, tree], options),
    );
  }

  async #setHead(oid: string): Promise<void> {
    await this.#git("update-ref", `refs/heads/${this.branch}`, oid);
    await this.#git("symbolic-ref", "HEAD", `refs/heads/${this.branch}`);
  }

  #git(...args: string[]): Promise<Buffer> {
    return this.#gitWithInput(args, []);
  }

  async #gitWithInput(args: string[], input: readonly (string | Buffer)[]): Promise<Buffer> {
    return await git(["-C", this.directory, ...args], {
      environment: this.#environment,
      signal: this.#signal,
      input: Buffer.concat(input.map((part) => Buffer.from(part))),
    });
  }
}

/** A commit object without its parents, and without the signature that no longer fits. */
export function rootCommit(raw: Buffer): Buffer {
  const text = raw.toString("latin1");
  const end = text.indexOf("\n\n");
  const header = text.slice(0, end).replace(/\n(?:parent .*|(?:gpgsig|mergetag).*(?:\n .*)*)/g, "");
  return Buffer.from(header + text.slice(end), "latin1");
}

function readBatch(batch: Buffer): Map<string, Buffer> {
  const contents = new Map<string, Buffer>();
  for (let at = 0; at < batch.length;) {
    const end = batch.indexOf("\n", at);
    const [oid = "", , size] = batch.toString("utf8", at, end).split(" ");
    contents.set(oid, batch.subarray(end + 1, end + 1 + Number(size)));
    at = end + 1 + Number(size) + 1;
  }
  return contents;
}

function lines(values: readonly string[]): string[] {
  return values.map((value) => `${value}\n`);
}

/** Quoted as fast-import reads it; quotes are always allowed. */
function quotePath(file: string): string {
  return `"${file.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n")}"`;
}
