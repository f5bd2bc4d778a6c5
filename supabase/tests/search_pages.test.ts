// Pages of a search: every matching line exactly once, whatever the page's size and whatever is pushed
// in between; what is in scope; and what a stranger sees.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commitFiles, file, type HostedFiles } from "../../indexer/test/support/hosted_commits.ts";
import {
  createIndexing,
  type Indexing,
  type RegisteredRepository,
} from "../../indexer/test/support/indexing.ts";
import { type SearchPosition, searchPosition } from "../functions/api/search/search_run.ts";
import { KeptChunks } from "../functions/_shared/search/kept_chunks.ts";
import { showLines } from "../functions/api/search/search_views.ts";
import { searchMatches, searchPage } from "./support/search.ts";

let indexing: Indexing;
let tenantId: string;
beforeAll(async () => {
  indexing = await createIndexing();
});
afterAll(async () => {
  await indexing[Symbol.asyncDispose]();
});

async function indexed(files: HostedFiles, tenant?: string): Promise<RegisteredRepository> {
  const hosted = await indexing.createHosted();
  await commitFiles(hosted.directory, files);
  const repository = await indexing.register(
    hosted,
    tenant === undefined ? {} : { tenantId: tenant },
  );
  await indexing.work();
  return repository;
}

async function push(repository: RegisteredRepository, files: HostedFiles): Promise<void> {
  await commitFiles(repository.hosted.directory, files);
  await indexing.push(repository);
  await indexing.work();
}

/** Files of several chunks, some of which define the word that all have. */
function manyFiles(count: number, change = ""): Map<string, ReturnType<typeof file>> {
  return new Map(Array.from({ length: count }, (_, number) => {
    const body = Array.from(
      { length: 60 },
      (_each, line) => `// ${"filler ".repeat(10)}${line % 20 === 0 ? "target" : ""}${change}`,
    );
    const head = number % 3 === 0 ? "export function target() {}" : `use(target, ${number});`;
    return [`src/f${number}.ts`, file([head, ...body].join("\n"))];
  }));
}

interface Place {
  readonly repository: string;
  readonly path: string;
  readonly line: number;
  readonly commit_oid: string;
}

/** All pages; `between` runs after each. A cursor goes the way that it goes over HTTP. */
async function allPages(
  q: string,
  limit: number,
  between: (page: number) => Promise<void> = () => Promise.resolve(),
  now: () => number = () => 0,
): Promise<Place[]> {
  const places: Place[] = [];
  let position: SearchPosition | null = null;
  let page = 0;
  do {
    const { serviceRole } = indexing.database;
    const found = await searchPage(serviceRole, tenantId, q, { limit, position, now });
    if (found.outcome !== "ok") throw new Error(found.outcome);
    expect(found.lines.length).toBeLessThanOrEqual(limit);
    places.push(...showLines(found.lines, false));
    position = found.next === null
      ? null
      : searchPosition.parse(JSON.parse(JSON.stringify(found.next)));
    await between(page++);
  } while (position !== null);
  return places;
}

const key = ({ repository, path, line }: Place) => `${repository} ${path}:${line}`;

test("a file without a line is found by what it is, and by no expression", async () => {
  const repository = await indexed(
    new Map([["empty.txt", file("")], ["blank.txt", file("\n")], ["full.txt", file("x\n\n")]]),
  );
  const places = async (q: string) => {
    const { serviceRole } = indexing.database;
    const found = await searchMatches(serviceRole, repository.tenantId, q);
    return found.map(({ path, line }) => `${path}:${line}`).toSorted();
  };
  const lines = ["blank.txt:1", "full.txt:1", "full.txt:2"];
  for (const expression of ["/^/", "/x*/", "/$/", "/(a|)/"]) {
    expect(await places(expression), expression).toEqual(lines);
    expect(await places(`${expression} path:txt`), expression).toEqual(lines);
    expect(await places(`${expression} or sym:nothing`), expression).toEqual(lines);
  }
  expect(await places("/^$/")).toEqual(["blank.txt:1", "full.txt:2"]);
  expect(await places("path:empty")).toEqual(["empty.txt:1"]);
  expect(await places("-/x/")).toEqual(["blank.txt:1", "empty.txt:1"]);
});

describe("two repositories of one tenant", () => {
  let first: RegisteredRepository;
  let second: RegisteredRepository;
  let everything: string[];
  beforeAll(async () => {
    first = await indexed(manyFiles(40));
    tenantId = first.tenantId;
    second = await indexed(manyFiles(30), tenantId);
    everything = (await allPages("target", 100_000)).map(key);
    expect(everything).toHaveLength(70 * 4);
  });

  test("pages of every size hold every line once, in one order", async () => {
    for (const limit of [3, 17, 64, 200]) {
      expect((await allPages("target", limit)).map(key), String(limit)).toEqual(everything);
    }
  });

  test("pages that end where time is over hold every line once too", async () => {
    for (const [tick, limit] of [[100, 100_000], [100, 5], [250, 100_000]] as const) {
      let time = 0;
      let pages = 0;
      const count = () => Promise.resolve(void (pages += 1));
      const places = await allPages("target", limit, count, () => time += tick);
      expect(places.map(key).toSorted(), String(tick)).toEqual(everything.toSorted());
      expect(pages).toBeGreaterThanOrEqual(8);
    }
  });

  test("files too large for the index count where the query looks", async () => {
    const { admin, serviceRole } = indexing.database;
    await admin`update quarry.trees set too_large_count = 3 where repository_id = ${second.id}`;
    const skipped = async (q: string) => {
      const found = await searchPage(serviceRole, tenantId, q);
      return found.outcome === "ok" ? found.scope.skipped : null;
    };
    expect(await skipped("target")).toBe(3);
    expect(await skipped(`target repo:${second.name} ref:main`)).toBe(3);
    expect(await skipped(`target repo:${first.name}`)).toBe(0);
    expect(await skipped(`target -repo:${second.name}`)).toBe(0);
    expect(await skipped("target ref:other")).toBe(0);
    await admin`update quarry.trees set too_large_count = 0 where repository_id = ${second.id}`;
  });

  test("a ref, or a name, that no repository has is why nothing is found", async () => {
    const unindexed = async (q: string) => {
      const found = await searchPage(indexing.database.serviceRole, tenantId, q);
      return found.outcome === "ok" ? [found.scope.unindexed, found.lines.length] : null;
    };
    expect(await unindexed("target ref:realease")).toEqual([2, 0]);
    expect(await unindexed(`target ref:realease repo:${first.name}`)).toEqual([1, 0]);
    expect(await unindexed("target repo:mistyped")).toEqual([1, 0]);
    expect(await unindexed("target ref:main")).toEqual([0, 200]);
    expect(await unindexed("target -ref:realease")).toEqual([0, 200]);
  });

  test("files that define the word come first", async () => {
    const places = await allPages("target", 100_000);
    const firstFiles = new Set(places.slice(0, 24 * 4).map(({ path }) => path));
    for (const path of firstFiles) expect(Number(/\d+/.exec(path)?.[0]) % 3, path).toBe(0);
  });

  test("a query narrows by repository, path, language, and negation", async () => {
    const { serviceRole } = indexing.database;
    const count = async (q: string) =>
      (await searchMatches(serviceRole, tenantId, q, { limit: 100_000 })).length;
    expect(await count(`target repo:${second.name}`)).toBe(30 * 4);
    expect(await count(`target -repo:${second.name}`)).toBe(40 * 4);
    expect(await count("target path:f11.ts")).toBe(2 * 4);
    expect(await count('target path:"/src/f11.ts"')).toBe(2 * 4);
    expect(await count("target path:./src/f11.ts")).toBe(2 * 4);
    expect(await count('target path:"/rc/f11.ts"')).toBe(0);
    expect(await count('target path:"/"')).toBe(70 * 4);
    expect(await count('target -path:"/rc"')).toBe(70 * 4);
    expect(await count('target -path:"/src"')).toBe(0);
    expect(await count("target lang:ts")).toBe(70 * 4);
    expect(await count("target lang:go")).toBe(0);
    expect(await count("target -lang:ts")).toBe(0);
    expect(await count("target -export")).toBe(46 * 4);
    expect(await count("sym:target")).toBe(24);
    expect(await count("sym:TARGET kind:function")).toBe(0);
    expect(await count("sym:target kind:class")).toBe(0);
    expect(await count("sym:/^tar.et$/ kind:function path:f0.ts")).toBe(2);
    expect(await count("ref:main target")).toBe(70 * 4);
    expect(await count("ref:other target")).toBe(0);
    expect(await count("ref:refs/heads/main target")).toBe(70 * 4);
    const { admin } = indexing.database;
    const rename = (ref: string) =>
      admin`update quarry.trees set ref = ${ref} where repository_id = ${second.id}`;
    // A full name is one, and not that of a branch that is called so.
    await rename("refs/heads/refs/heads/main");
    expect(await count("ref:refs/heads/main target")).toBe(40 * 4);
    await rename("refs/heads/main");
  });

  test("invariant 3: pages stay in the generations of their first, whatever is pushed", async () => {
    const pushes = [
      () => push(second, manyFiles(35, " target")),
      () => push(first, new Map([["only.ts", file("target\n")]])),
    ];
    const places = await allPages("target", 50, async (page) => {
      await pushes[page]?.();
    });
    // The first page was of the first tree and of the tier of definitions of both.
    expect(places.filter(({ repository }) => repository === first.name).map(key))
      .toEqual(everything.filter((place) => place.startsWith(`${first.name} `)));
    for (const { name } of [first, second]) {
      const commits = places.filter(({ repository }) => repository === name)
        .map(({ commit_oid }) => commit_oid);
      expect(new Set(commits).size).toBe(1);
    }
    expect(new Set(places.map(key)).size).toBe(places.length);
    const fresh = await allPages("target", 100_000);
    expect(fresh.filter(({ repository }) => repository === first.name)).toHaveLength(1);
  });

  test("invariant 6: another tenant sees nothing of it, not with its cursor either", async () => {
    const { serviceRole } = indexing.database;
    const stranger = await indexing.createTenant();
    // One instance answers both, and keeps what it was handed for the first.
    const keptChunks = new KeptChunks();
    const page = await searchPage(serviceRole, tenantId, "target", { limit: 5, keptChunks });
    expect(keptChunks.hold(tenantId).stated).not.toEqual({});
    expect(await searchMatches(serviceRole, stranger, "target", { keptChunks })).toEqual([]);
    if (page.outcome !== "ok") throw new Error(page.outcome);
    const stolen = await searchPage(serviceRole, stranger, "target", {
      position: page.next,
      keptChunks,
    });
    expect(stolen).toEqual({ outcome: "cursor_expired" });
    const guess = await searchPage(serviceRole, stranger, "target", { repository: first.name });
    expect(guess).toEqual({ outcome: "not_found" });
  });
});

test("a cursor that was made up gets no more read at once than one of ours", async () => {
  const files = Array.from(
    { length: 3_000 },
    (_, number) => [`f${number}.txt`, file(`everywhere ${number}\n`)] as const,
  );
  const repository = await indexed(new Map(files));
  const { serviceRole } = indexing.database;
  const turn = async (position: SearchPosition | null) =>
    await searchPage(serviceRole, repository.tenantId, "everywhere", { limit: 1, position });
  // As autovacuum would: plans of this session are of when the tables were all but empty.
  await indexing.database.admin`analyze`;
  const first = await turn(null);
  if (first.outcome !== "ok" || first.next === null) throw new Error("there is a second page");
  expect(await turn(first.next)).toMatchObject({ outcome: "ok", lines: [{}] });
  const far = { tier: 1, tree: 1e12, segment: 1e12, blob: 1e8 };
  expect(await turn({ ...first.next, until: far })).toEqual({ outcome: "cursor_expired" });
}, 60_000);

test("a page holds until something of what it is about is published or told otherwise", async () => {
  const repository = await indexed(new Map([["a.txt", file("target\n")]]));
  const other = await indexed(new Map([["b.txt", file("target\n")]]), repository.tenantId);
  const { admin, serviceRole } = indexing.database;
  const { id, name, tenantId: tenant } = repository;
  const turn = (state: string | null) =>
    searchPage(serviceRole, tenant, `target repo:${name}`, { state });
  const stateNow = async () => {
    const found = await turn(null);
    return found.outcome === "ok" ? found.state : null;
  };
  const changes: Record<string, () => Promise<unknown>> = {
    "a push": () => push(repository, new Map([["a.txt", file("no target\n")]])),
    "a name": () =>
      admin`update quarry.repositories set full_name = ${`${name}-2`} where id = ${id}`,
    "no access": () =>
      admin`update quarry.repositories set access_lost_at = now() where id = ${id}`,
    "a file that is too large": () =>
      admin`update quarry.trees set too_large_count = 1 where repository_id = ${id}`,
    "no symbols": () =>
      admin`update quarry.trees set features = array['text'] where repository_id = ${id}`,
    "another repository that is meant": () =>
      admin`update quarry.repositories set full_name = ${`${name}-3`} where id = ${other.id}`,
    "no index": () => admin`delete from quarry.trees where repository_id = ${id}`,
  };
  const before = await stateNow();
  await push(other, new Map([["b.txt", file("no target\n")]]));
  expect(await turn(before), "a push to another one").toEqual({ outcome: "unchanged" });
  for (const [change, make] of Object.entries(changes)) {
    const state = await stateNow();
    expect(state, change).toMatch(/^[0-9a-f]{32}$/);
    expect(await turn(state), change).toEqual({ outcome: "unchanged" });
    await make();
    expect(await turn(state), change).not.toEqual({ outcome: "unchanged" });
  }
});

test("invariant 6: another tenant's state says nothing of a page", async () => {
  const files = new Map([["a.txt", file("target\n")]]);
  const mine = await indexed(files);
  const theirs = await indexed(files);
  const { serviceRole } = indexing.database;
  const found = await searchPage(serviceRole, theirs.tenantId, "target");
  if (found.outcome !== "ok") throw new Error(found.outcome);
  const answer = await searchPage(serviceRole, mine.tenantId, "target", { state: found.state });
  expect(answer).toMatchObject({ outcome: "ok", lines: [{ file: { repository: mine.name } }] });
});
