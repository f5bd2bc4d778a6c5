import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { searchMatches } from "../../supabase/tests/support/search.ts";
import { dumpIndex } from "./support/dump.ts";
import {
  bytePath,
  commitFiles,
  deleteRef,
  file,
  type HostedFile,
} from "./support/hosted_commits.ts";
import { createIndexing, type Indexing, type RegisteredRepository } from "./support/indexing.ts";

let indexing: Indexing;
beforeAll(async () => {
  indexing = await createIndexing();
});
afterAll(async () => {
  await indexing[Symbol.asyncDispose]();
});

const paths = [
  "a.ts",
  "A.ts",
  // Where a folder is, or was.
  "lib",
  "lib/deep",
  "lib/deep/down/g.py",
  "b.js",
  "lib/c.py",
  "lib/d.go",
  "lib/e.tsx",
  "f.txt",
  "h.h",
  "with\nnewline",
  bytePath(0x6c, 0xe9, 0x2e, 0x6a, 0x73),
];

const contents: readonly HostedFile[] = [
  file(""),
  file("export function alpha() {\n  return beta;\n}\n"),
  file("class Gamma:\n    def delta(self):\n        return 1\n"),
  file("package main\n\nfunc Epsilon() {}\n\ntype Zeta struct{}\n"),
  file("const eta = 1;\nconst theta = eta + 1; // alpha"),
  file('import { eta } from "./a";\r\neta();\r\n'),
  // Of C++ where the path says C, of its path elsewhere.
  file("namespace kappa {\n  int lambda(int eta) { return eta; }\n}\n"),
  file(Buffer.from([0x61, 0, 0x62])),
  file(Buffer.from("caf\xe9 alpha\n", "latin1")),
  { mode: "100755", content: "#!/usr/bin/env python3\ndef iota():\n    pass\n" },
  { mode: "120000", content: "../outside" },
  { mode: "160000", commitOid: "2".repeat(40) },
];

type Edit =
  | { readonly kind: "write"; readonly path: string; readonly content: HostedFile }
  | { readonly kind: "remove"; readonly path: string }
  | { readonly kind: "move"; readonly path: string; readonly to: string }
  | { readonly kind: "move_folder"; readonly from: string; readonly to: string }
  | { readonly kind: "change_mode"; readonly path: string }
  | { readonly kind: "clear" };

const anyPath = fc.constantFrom(...paths);
const anyEdit: fc.Arbitrary<Edit> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("write" as const),
      path: anyPath,
      content: fc.constantFrom(...contents),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("remove" as const), path: anyPath }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("move" as const), path: anyPath, to: anyPath }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("move_folder" as const),
      from: fc.constantFrom("lib/", "lib/deep/", ""),
      to: fc.constantFrom("lib/", "lib/deep/", "moved/", ""),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("change_mode" as const), path: anyPath }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("clear" as const) }) },
);

const MAIN = "refs/heads/main";
const DEV = "refs/heads/dev";
const ref = fc.constantFrom(MAIN, DEV);

/** A push: what it edits, or which earlier state it forces the ref back to. Or what happens between pushes. */
const anyStep = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ ref, edits: fc.array(anyEdit, { minLength: 1, maxLength: 6 }) }),
  },
  { weight: 1, arbitrary: fc.record({ ref, backTo: fc.nat({ max: 3 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      event: fc.constantFrom("deleted", "left out", "cleaned", "merged", "old"),
    }),
  },
);
type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never;
type Event = Extract<Step, { readonly event: string }>["event"];

type Files = Map<string, HostedFile>;

/** What git has after these were written in turn: a path is a file or a folder. */
function written(files: Files, entries: Iterable<readonly [string, HostedFile]>): Files {
  const next = new Map(files);
  for (const [path, content] of entries) {
    for (const other of [...next.keys()]) {
      if (other.startsWith(`${path}/`) || path.startsWith(`${other}/`)) next.delete(other);
    }
    next.set(path, content);
  }
  return next;
}

function apply(files: Files, edit: Edit): Files {
  switch (edit.kind) {
    case "write":
      return written(files, [[edit.path, edit.content]]);
    case "remove":
      return new Map([...files].filter(([path]) => path !== edit.path));
    case "move": {
      const moved = files.get(edit.path);
      const rest = new Map([...files].filter(([path]) => path !== edit.path));
      return moved === undefined ? rest : written(rest, [[edit.to, moved]]);
    }
    case "move_folder": {
      const isMoved = (path: string) => path.startsWith(edit.from) && !isBytes(path);
      const moved = [...files].filter(([path]) => isMoved(path)).map(([path, content]) =>
        [`${edit.to}${path.slice(edit.from.length)}`, content] as const
      );
      return written(new Map([...files].filter(([path]) => !isMoved(path))), moved);
    }
    case "change_mode":
      return new Map(
        [...files].map((
          [path, content],
        ) => [path, path === edit.path ? toggled(content) : content]),
      );
    case "clear":
      return new Map();
  }
}

/** A path that bytePath made has no folder. */
function isBytes(path: string): boolean {
  return path.startsWith("\u{f0000}");
}

function toggled(content: HostedFile): HostedFile {
  if (content.mode === "100644") return { ...content, mode: "100755" };
  return content.mode === "100755" ? { ...content, mode: "100644" } : content;
}

const needles = ["alpha", "eta", "a", "{", "(self)", "\u00e9", "Zeta"];

async function answers(repository: RegisteredRepository): Promise<unknown[]> {
  const { serviceRole } = indexing.database;
  return await Promise.all(
    needles.map((needle) =>
      searchMatches(serviceRole, repository.tenantId, needle, { mode: "literal" })
    ),
  );
}

async function follow({ tenantId, id }: RegisteredRepository, refs: readonly string[]) {
  await indexing.database.serviceRole`select api.set_refs(${tenantId}, ${id}, ${refs}, 'a test')`;
  await indexing.work();
}

async function happen(event: Event, repository: RegisteredRepository): Promise<void> {
  const { admin } = indexing.database;
  switch (event) {
    case "deleted":
      await deleteRef(repository.hosted.directory, DEV);
      await indexing.enqueue(repository, {}, DEV);
      return await indexing.work();
    case "left out":
      await follow(repository, []);
      return await follow(repository, [DEV]);
    case "cleaned":
      await admin`update quarry.trees set indexed_at = clock_timestamp() - interval '1 hour'`;
      await admin`select quarry.clean_index(10, 3)`;
      return;
    case "merged":
      await indexing.enqueue(repository, {}, "", "compact");
      return await indexing.work();
    case "old":
      // By another version than this one, a part of it.
      await admin`
        update quarry.blobs set extractor_version = 0 where (segment_id + blob_no) % 3 = 0`;
      await admin`update quarry.trees set extractor_version = 0 where extractor_version > 0`;
  }
}

/** A repository whose refs are pushed to, and what they were in turn. */
class Pushed {
  readonly repository: RegisteredRepository;
  readonly #states: Files[];
  readonly #commits: string[];

  private constructor(repository: RegisteredRepository, first: Files, commit: string) {
    this.repository = repository;
    this.#states = [first];
    this.#commits = [commit];
  }

  static async create(): Promise<Pushed> {
    const hosted = await indexing.createHosted();
    const first: Files = new Map([["a.ts", file("let first;\n")]]);
    const commit = await commitFiles(hosted.directory, first);
    await commitFiles(hosted.directory, first, DEV, commit);
    return new Pushed(await registered(hosted), first, commit);
  }

  async take(step: Step): Promise<void> {
    if ("event" in step) return await happen(step.event, this.repository);
    const before = this.#states.at(-1) ?? new Map();
    const after = "edits" in step
      ? step.edits.reduce(apply, before)
      : this.#states[step.backTo % this.#states.length] ?? before;
    this.#states.push(new Map(after));
    // On top of the last, beside it, or with a history of its own.
    const back = (this.#states.length + 2) % 3;
    const parent = back === 0 ? null : this.#commits.at(-back) ?? null;
    const { directory } = this.repository.hosted;
    this.#commits.push(await commitFiles(directory, after, step.ref, parent));
    await this.update(step.ref);
  }

  async update(ref: string): Promise<void> {
    await indexing.enqueue(this.repository, {}, ref);
    await indexing.work();
  }
}

async function registered(hosted: RegisteredRepository["hosted"]): Promise<RegisteredRepository> {
  const repository = await indexing.register(hosted);
  await follow(repository, [DEV]);
  return repository;
}

/** What is indexed, but for a ref that is gone. */
async function dump(repository: RegisteredRepository) {
  const trees = await dumpIndex(indexing.database.admin, repository);
  return trees.filter(({ commit_oid: commit }) => commit !== null);
}

test("invariant 4: after any history of pushes the index equals a fresh one", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: 5 }), async (steps) => {
      const pushed = await Pushed.create();
      for (const step of steps) await pushed.take(step);
      for (const each of [MAIN, DEV]) await pushed.update(each);
      const fresh = await registered(pushed.repository.hosted);
      expect(await dump(pushed.repository)).toEqual(await dump(fresh));
      expect(await answers(pushed.repository)).toEqual(await answers(fresh));
    }),
    { numRuns: 8 },
  );
}, 240_000);
