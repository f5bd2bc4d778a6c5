// The repositories that the GitHub stand-in hosts: their numbers, names and bare directories, and who
// may see them. Does not know HTTP, hooks or pushes.

import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { git } from "./git_process.ts";
import { readRefs } from "./git_refs.ts";

const OWNER = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})$/;
const NAME = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/;
/** Fetching by oid and without blobs, as GitHub allows; no fsync, since it all goes with the stack. */
const CONFIG = `[http]
  receivepack = true
[uploadpack]
  allowFilter = true
  allowAnySHA1InWant = true
[receive]
  autogc = false
[gc]
  auto = 0
[core]
  fsync = none
`;

/** One repository. Its number stays, whatever its name. */
export interface HostedRepository {
  readonly id: number;
  owner: string;
  name: string;
  isPrivate: boolean;
  isArchived: boolean;
  defaultBranch: string;
  /** The bare repository. */
  readonly directory: string;
  /** A copy from before, which is what fetches are shown; null: none. */
  formerDirectory: string | null;
  readonly createdAt: Date;
  pushedAt: Date;
}

/** What a request may do: nothing known of it, a token nobody issued, or one and its reach. */
export type Caller =
  | { readonly kind: "anonymous" }
  | { readonly kind: "unknown_token" }
  | { readonly kind: "token"; readonly reach: "everything" | ReadonlySet<number> };

/** The name as people write it. */
export function fullName(repository: HostedRepository): string {
  return `${repository.owner}/${repository.name}`;
}

export class Repositories {
  readonly #root: string;
  #lastId = 700_000_000;
  #lateCount = 0;
  readonly #byId = new Map<number, HostedRepository>();
  /** Lower-case full names, former ones too: those answer with a redirect. */
  readonly #idByName = new Map<string, number>();
  readonly #reachByToken = new Map<string, "everything" | Set<number>>();
  /** First pushes under way, so that two of one name make one repository. */
  readonly #creating = new Map<string, Promise<HostedRepository>>();

  constructor(root: string, operatorToken: string) {
    this.#root = root;
    this.#reachByToken.set(operatorToken, "everything");
  }

  get(id: number): HostedRepository | null {
    return this.#byId.get(id) ?? null;
  }

  /** By name in any case; a former name finds it too. */
  find(owner: string, name: string): HostedRepository | null {
    const id = this.#idByName.get(`${owner}/${name}`.toLowerCase());
    return id === undefined ? null : this.get(id);
  }

  static isValidName(owner: string, name: string): boolean {
    return OWNER.test(owner) && NAME.test(name);
  }

  /** Finds it or makes it, empty and public. */
  async findOrCreate(owner: string, name: string): Promise<HostedRepository> {
    const known = this.find(owner, name);
    if (known !== null) return known;
    const key = `${owner}/${name}`.toLowerCase();
    const creating = this.#creating.get(key) ?? this.#create(owner, name);
    this.#creating.set(key, creating);
    try {
      return await creating;
    } finally {
      this.#creating.delete(key);
    }
  }

  async #create(owner: string, name: string): Promise<HostedRepository> {
    const id = this.#lastId += 1;
    const directory = path.join(this.#root, `${id}.git`);
    await mkdir(directory);
    await git(directory, "init", "--quiet", "--bare", "--template=", "--initial-branch=main");
    await writeFile(path.join(directory, "config"), CONFIG, { flag: "a" });
    const now = new Date();
    const repository = {
      id,
      owner,
      name,
      isPrivate: false,
      isArchived: false,
      defaultBranch: "main",
      directory,
      formerDirectory: null,
      createdAt: now,
      pushedAt: now,
    };
    this.#byId.set(id, repository);
    this.#idByName.set(`${owner}/${name}`.toLowerCase(), id);
    return repository;
  }

  /** From now on fetches are shown all that there is as it is now, or again as it will be. */
  async setLate(isLate: boolean): Promise<void> {
    this.#lateCount += 1;
    await Promise.all([...this.#byId.values()].map(async (repository) => {
      const copy = repository.directory.replace(/\.git$/, `.former-${this.#lateCount}.git`);
      if (isLate) {
        await git(this.#root, "clone", "--quiet", "--mirror", repository.directory, copy);
        await writeFile(path.join(copy, "config"), CONFIG, { flag: "a" });
      }
      // What is read from it at this moment may go on: it goes with the others.
      repository.formerDirectory = isLate ? copy : null;
    }));
  }

  rename(repository: HostedRepository, owner: string, name: string): void {
    repository.owner = owner;
    repository.name = name;
    this.#idByName.set(fullName(repository).toLowerCase(), repository.id);
  }

  async delete(repository: HostedRepository): Promise<void> {
    // Its number stays taken: a new repository of the same name is another one.
    this.#byId.delete(repository.id);
    await rm(repository.directory, { recursive: true, force: true });
  }

  async setDefaultBranch(repository: HostedRepository, branch: string): Promise<void> {
    repository.defaultBranch = branch;
    await writeFile(path.join(repository.directory, "HEAD"), `ref: refs/heads/${branch}\n`);
  }

  /** After the first push: the default branch is main if there is one, else what was pushed. */
  async followFirstBranch(repository: HostedRepository): Promise<void> {
    const refs = await readRefs(repository.directory);
    const head = await readFile(path.join(repository.directory, "HEAD"), "utf8");
    if (refs.has(head.replace(/^ref: /, "").trim())) return;
    const branches = [...refs.keys()].filter((ref) => ref.startsWith("refs/heads/"));
    const first = branches.includes("refs/heads/main") ? "refs/heads/main" : branches.sort()[0];
    if (first !== undefined) {
      await this.setDefaultBranch(repository, first.slice("refs/heads/".length));
    }
  }

  /** Issues a token that reads one repository and administers none. */
  addToken(token: string, repository: HostedRepository): void {
    const reach = this.#reachByToken.get(token) ?? new Set<number>();
    if (reach !== "everything") this.#reachByToken.set(token, reach.add(repository.id));
  }

  /** Who asks, by an Authorization header: Bearer, token, or Basic with the token in either place. */
  callerOf(header: string | undefined): Caller {
    if (header === undefined) return { kind: "anonymous" };
    const [scheme = "", value = ""] = header.split(" ");
    const candidates = scheme.toLowerCase() === "basic"
      ? Buffer.from(value, "base64").toString("utf8").split(":")
      : [value];
    for (const candidate of candidates) {
      const reach = this.#reachByToken.get(candidate);
      if (reach !== undefined) return { kind: "token", reach };
    }
    return { kind: "unknown_token" };
  }
}

/** Private repositories are visible to a token that reaches them. */
export function canRead(caller: Caller, repository: HostedRepository): boolean {
  if (!repository.isPrivate) return true;
  if (caller.kind !== "token") return false;
  return caller.reach === "everything" || caller.reach.has(repository.id);
}

/** Hooks belong to the administrator: the operator's token. */
export function canAdminister(caller: Caller): boolean {
  return caller.kind === "token" && caller.reach === "everything";
}
