import { expect, test } from "vitest";
import { SEARCHES_IN_FULL_MAX } from "../../_shared/contracts/limits.ts";
import { type BatchRequest } from "../../_shared/runtime/database_index_functions.ts";
import { type SearchBatchAnswer } from "../../_shared/runtime/search_batch_answer.ts";
import { KeptChunks } from "../../_shared/search/kept_chunks.ts";
import { packText } from "../../_shared/segment/stored_text.ts";
import { readQuery } from "./search.ts";
import { runSearch } from "./search_engine.ts";
import { type SearchPosition, searchPosition } from "./search_run.ts";

const COMMIT = "a".repeat(40);
const LINES = 100;

/** A file of so many lines, each of which matches. */
function storedLines(count: number, line = "ab"): Uint8Array {
  return packText(Array(count).fill(line).join("\n"));
}

/** What the database answers of these files, three in a batch. */
function databaseOf(files: readonly Uint8Array[]) {
  return {
    searchBatch: (_tenant: string, { cursor }: BatchRequest) => {
      const after = cursor?.from?.blob ?? -1;
      const last = cursor?.until?.blob ?? Math.min(after + 3, files.length - 1);
      const blobs = files.flatMap((stored, blob) =>
        blob > after && blob <= last
          ? [{
            tier: 1,
            tree: 1,
            segment: 1,
            blob,
            language: "Go",
            marks: 0,
            paths: [`f${blob}`],
            defines: [],
            chunks: [{ no: blob, mask: 1, firstLine: 1, packed: stored }],
            outline: null,
          }]
          : []
      );
      return Promise.resolve<SearchBatchAnswer>({
        outcome: "ok",
        state: "published",
        trees: { 1: { repository: "acme/demo", ref: "refs/heads/main", commit_oid: COMMIT } },
        blobs,
        weight: blobs.length,
        at: { tier: 1, tree: 1, segment: 1, blob: last },
        pins: { 1: [1, COMMIT, false] },
        known: null,
        done: (cursor?.until ?? null) === null && last === files.length - 1,
        unindexed: 0,
        symbols_pending: 0,
        access_lost: 0,
        skipped: 0,
      });
    },
  };
}

type Dependencies = Parameters<typeof runSearch>[0];
type Request = Parameters<typeof runSearch>[1];

/** A search for "ab" by itself, from the start, unless told otherwise. */
function searchAb(
  dependencies: Pick<Dependencies, "database"> & Partial<Dependencies>,
  request: Pick<Request, "limit"> & Partial<Request>,
) {
  const alone = { reads: { running: 1 }, keptChunks: new KeptChunks(), now: () => 0 };
  return runSearch({ ...alone, ...dependencies }, {
    tenantId: "tenant",
    repository: null,
    query: readQuery("ab", "query"),
    wishes: { context: false, enclosing: false },
    position: null,
    countsAll: false,
    state: null,
    ...request,
  });
}

/** Follows cursors to the end; every look at the clock takes so many milliseconds. */
async function follow(files: readonly Uint8Array[], tick: number, limit: number) {
  const shown: string[] = [];
  let position: SearchPosition | null = null;
  let time = 0;
  for (let pages = 1;; pages += 1) {
    const started = time;
    const found = await searchAb({ database: databaseOf(files), now: () => time += tick }, {
      query: readQuery("/a+b/", "query"),
      position,
      limit,
    });
    if (found.outcome !== "ok") throw new Error(found.outcome);
    shown.push(...found.lines.map(({ file, match }) => `${file.path}:${match.line}`));
    const { reason, total } = found;
    if (found.next === null) return { shown, reason, total, pages };
    expect(time - started).toBeLessThan(3_100);
    expect(found.next).not.toEqual(position);
    position = searchPosition.parse(JSON.parse(JSON.stringify(found.next)));
  }
}

const all = (files: readonly number[]) =>
  files.flatMap((file) => Array.from({ length: LINES }, (_, line) => `f${file}:${line + 1}`));

test.each([1000, 30])(
  "an expression that takes long stops within a batch and goes on, %i lines a page",
  async (limit) => {
    const files = Array<Uint8Array>(7).fill(storedLines(LINES));
    // About 200 looks a file: two files take all the time.
    const { shown, reason, total, pages } = await follow(files, 2.5, limit);
    expect(shown.toSorted()).toEqual(all([0, 1, 2, 3, 4, 5, 6]).toSorted());
    expect({ reason, total }).toEqual({
      reason: null,
      total: { count: 700, is_lower_bound: false },
    });
    expect(pages).toBeGreaterThanOrEqual(3);
  },
);

test.each([
  ["takes more than all the time", storedLines(LINES * 20)],
  ["has a line that is too long for the expression", storedLines(1, "ab".repeat(2_000_000))],
])("a file that %s is passed over, and the answer says so to the end", async (_, large) => {
  const files = [0, 1, 2, 3].map((no) => no === 1 ? large : storedLines(LINES));
  const { shown, reason, total } = await follow(files, 2, 1000);
  expect(shown.toSorted()).toEqual(all([0, 2, 3]).toSorted());
  expect({ reason, total }).toEqual({
    reason: "work_budget",
    total: { count: 300, is_lower_bound: true },
  });
});

test.each([
  ["as much again where that fills the page", { limit: 5 }, "ab", [64, 64]],
  ["twice as much where everything is counted", { limit: 5, countsAll: true }, "ab", [
    64,
    128,
    256,
  ]],
  ["what the yield of the first says in a large page", { limit: 200 }, "ab", [128, 247, 247]],
  ["four times as much where nothing was found", { limit: 5 }, "no", [64, 256, 512]],
])("a second batch is %s", async (_, wanted, line, weights) => {
  const asked: number[] = [];
  const { searchBatch } = databaseOf(Array<Uint8Array>(9).fill(storedLines(1, line)));
  const database = {
    searchBatch: (tenant: string, request: BatchRequest) => {
      asked.push(request.weightMax);
      return searchBatch(tenant, request);
    },
  };
  await searchAb({ database }, wanted);
  expect(asked).toEqual(weights);
});

test.each([true, false])(
  "each batch is told what the one before knew, ahead: %s",
  async (isAhead) => {
    const told: (string | null | undefined)[] = [];
    const { searchBatch } = databaseOf(Array<Uint8Array>(12).fill(storedLines(1)));
    const database = {
      searchBatch: async (tenant: string, request: BatchRequest) => {
        told.push(request.cursor?.known);
        const answer = await searchBatch(tenant, request);
        return answer.outcome === "ok" ? { ...answer, known: `of ${told.length}` } : answer;
      },
    };
    const reads = { running: isAhead ? 1 : 1 + SEARCHES_IN_FULL_MAX };
    await searchAb({ database, reads }, { limit: 100 });
    expect(told).toEqual([undefined, "of 1", "of 2", "of 3"]);
  },
);

test("the database is told what cannot be in a text where the page goes on beyond the first batch", async () => {
  const told: (readonly string[])[] = [];
  const { searchBatch } = databaseOf(Array<Uint8Array>(9).fill(storedLines(1, "xabyabc")));
  const database = {
    searchBatch: (tenant: string, request: BatchRequest) => {
      told.push(Object.values(request.lacking));
      return searchBatch(tenant, request);
    },
  };
  const keptChunks = new KeptChunks();
  const ask = async (q: string, position: SearchPosition | null) => {
    told.length = 0;
    const query = readQuery(q, "query");
    const found = await searchAb({ database, keptChunks }, { limit: 5, query, position });
    return found.outcome === "ok" ? found.next : null;
  };
  // Nothing is known of what was not looked at twice.
  for (const q of ["abc", "ab"]) {
    await ask(q, null);
    expect(told.flat(), q).toEqual([]);
  }
  const seen = btoa("?" + "\0".repeat(63));
  await ask("abd", null);
  expect(told).toEqual([[], [seen], [seen]]);
  for (const q of ["ab", "abd or abc", "abc -abd", "-abd", "abd path:f"]) {
    await ask(q, null);
    expect(told.flat(), q).toEqual([]);
  }
  // What is read again for the next page was handed out.
  const next = await ask("abc", null);
  expect(next?.until).not.toBeNull();
  await ask("abd", next);
  expect(told.map(({ length }) => length)).toEqual([0, 1]);
});

test.each([
  ["nothing is published meanwhile", ["a", "a", "a"], 0, "a"],
  ["something is", ["a", "a", "b"], 0, null],
  ["time decides where it ends", ["a", "a", "a"], 700, null],
])("what a page depends on is known when %s", async (_, states, tick, state) => {
  const { searchBatch } = databaseOf(Array<Uint8Array>(9).fill(storedLines(1)));
  let asked = 0;
  let time = 0;
  const database = {
    searchBatch: async (tenant: string, request: BatchRequest) => {
      const answer = await searchBatch(tenant, request);
      time += tick;
      return answer.outcome === "ok" ? { ...answer, state: states[asked++] ?? "" } : answer;
    },
  };
  const found = await searchAb({ database, now: () => time }, { limit: 100 });
  expect(found).toMatchObject({ outcome: "ok", state });
});

test("the database is told of a page that is there with the first question alone", async () => {
  const told: (string | null)[] = [];
  const { searchBatch } = databaseOf(Array<Uint8Array>(6).fill(storedLines(1)));
  const ask = (isUnchanged: boolean) => ({
    searchBatch: (tenant: string, request: BatchRequest) => {
      told.push(request.state);
      return isUnchanged
        ? Promise.resolve({ outcome: "unchanged" as const })
        : searchBatch(tenant, request);
    },
  });
  const wanted = { limit: 100, state: "before" };
  expect(await searchAb({ database: ask(true) }, wanted)).toEqual({ outcome: "unchanged" });
  expect(await searchAb({ database: ask(false) }, wanted)).toMatchObject({ state: "published" });
  expect(told).toEqual(["before", "before", null]);
});

/** In which order batches are asked for and verified, by their numbers. */
async function orderOf(files: readonly Uint8Array[], limit: number): Promise<readonly string[]> {
  const order: string[] = [];
  const add = (step: string) => {
    if (!order.includes(step)) order.push(step);
  };
  const { searchBatch } = databaseOf(files);
  let asked = 0;
  const database = {
    searchBatch: async (tenant: string, request: BatchRequest) => {
      const no = asked += 1;
      add(`ask ${no}`);
      const answer = await searchBatch(tenant, request);
      if (answer.outcome !== "ok") return answer;
      for (const blob of answer.blobs) {
        Object.defineProperty(blob, "outline", {
          get: () => {
            add(`verify ${no}`);
            return null;
          },
        });
      }
      return answer;
    },
  };
  await searchAb({ database }, { limit });
  return order;
}

test("the next batch is asked for before one is verified, where the page will want it", async () => {
  const files = (count: number, line: string) =>
    Array<Uint8Array>(count).fill(storedLines(1, line));
  expect(await orderOf(files(10, "no"), 5)).toEqual([
    ...["ask 1", "verify 1", "ask 2", "ask 3", "verify 2", "ask 4", "verify 3", "verify 4"],
  ]);
  // Of six lines in two batches another one is not expected to be needed.
  expect(await orderOf(files(10, "ab"), 5)).toEqual(["ask 1", "verify 1", "ask 2", "verify 2"]);
});

test.each([
  ["three searches each go on to the end", 3, 4, null],
  ["of many each stops as soon as it has its share, and says so", 60, 1, "work_budget"],
])("%s", async (_, count, batches, reason) => {
  const reads = { running: count };
  const answers = new Map<number, number>();
  let time = 0;
  const one = async (number: number) => {
    const { searchBatch } = databaseOf(Array<Uint8Array>(12).fill(storedLines(1, "no")));
    const database = {
      searchBatch: async (tenant: string, request: BatchRequest) => {
        // All have begun before the first has its answer.
        await new Promise<void>((resolve) => void setImmediate(resolve));
        answers.set(number, (answers.get(number) ?? 0) + 1);
        time += 90;
        return await searchBatch(tenant, request);
      },
    };
    return await searchAb({ database, reads, now: () => time }, { limit: 5 });
  };
  const found = await Promise.all(Array.from({ length: count }, (_each, number) => one(number)));
  expect(found[0]).toMatchObject({ outcome: "ok", reason });
  expect(answers.get(0)).toBe(batches);
});
