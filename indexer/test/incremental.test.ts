import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { searchMatches } from "../../supabase/tests/support/search.ts";
import { dumpIndex } from "./support/dump.ts";
import { bytePath, commitFiles, file, type HostedFile } from "./support/hosted_commits.ts";
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

/** One push: what it edits, or which earlier state it forces the ref back to. */
const anyPush = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ edits: fc.array(anyEdit, { minLength: 1, maxLength: 6 }) }),
  },
  { weight: 1, arbitrary: fc.record({ backTo: fc.nat({ max: 3 }) }) },
);

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

test("invariant 4: after any history of pushes the index equals a fresh one", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyPush, { minLength: 1, maxLength: 4 }), async (pushes) => {
      const hosted = await indexing.createHosted();
      const states: Files[] = [new Map([["a.ts", file("let first;\n")]])];
      const commits = [await commitFiles(hosted.directory, states[0] ?? new Map())];
      const followed = await indexing.register(hosted);
      await indexing.work();
      for (const push of pushes) {
        const before = states.at(-1) ?? new Map();
        const after = "edits" in push
          ? push.edits.reduce(apply, before)
          : states[push.backTo % states.length] ?? before;
        states.push(new Map(after));
        // On top of the last, beside it, or with a history of its own.
        const back = (states.length + 2) % 3;
        const parent = back === 0 ? null : commits.at(-back) ?? null;
        commits.push(await commitFiles(hosted.directory, after, "refs/heads/main", parent));
        await indexing.push(followed);
        await indexing.work();
      }
      const fresh = await indexing.register(hosted);
      await indexing.work();
      const { admin } = indexing.database;
      expect(await dumpIndex(admin, followed)).toEqual(await dumpIndex(admin, fresh));
      expect(await answers(followed)).toEqual(await answers(fresh));
    }),
    { numRuns: 12 },
  );
}, 120_000);
