import { expect, test } from "vitest";
import { type ShareLimits, WorkShare } from "./work_share.ts";

const LIMITS: ShareLimits = { atOnceMax: 8, waitingMax: 256, waitMillisecondsMax: 1000 };
const stays = new AbortController().signal;

/** A share with a clock, whose work ends when it is told to, and what has become of each piece of it. */
function shareOf(limits: Partial<ShareLimits> = {}) {
  let time = 1_000_000;
  const share = new WorkShare({ ...LIMITS, ...limits }, () => time);
  const begun: string[] = [];
  const refused: string[] = [];
  const works = new Map<string, { readonly end: () => void; readonly ended: Promise<unknown> }>();
  const begin = (name: string, line = "key", signal = stays) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const ended = share.run({ line, request: { signal } }, async () => {
      begun.push(name);
      await promise;
    }).catch((error: unknown) => {
      refused.push(name);
      return error;
    });
    works.set(name, { end: resolve, ended });
    return ended;
  };
  const pass = (milliseconds: number) => void (time += milliseconds);
  const end = async (names: readonly string[], milliseconds: number) => {
    pass(milliseconds);
    for (const name of names) works.get(name)?.end();
    for (const name of names) await works.get(name)?.ended;
  };
  return { share, begun, refused, begin, pass, end };
}

/** Lets whatever is refused hear of it. */
const settled = () => new Promise(setImmediate);

function named(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, no) => `${prefix}${no}`);
}

test("so many work at once, the others of a line wait in the order in which they came", async () => {
  const { share, begun, begin, end } = shareOf({ atOnceMax: 2 });
  for (const name of ["a", "b", "c", "d"]) void begin(name);
  expect([begun, share.running]).toEqual([["a", "b"], 2]);
  await end(["b"], 1);
  // Who comes now comes after those that wait.
  void begin("e");
  await settled();
  expect([begun, share.running]).toEqual([["a", "b", "c"], 2]);
  for (const name of ["a", "c", "d", "e"]) await end([name], 1);
  expect([begun, share.running]).toEqual([["a", "b", "c", "d", "e"], 0]);
});

test("who would wait too long, as long as work takes, is refused at once, until it takes less", async () => {
  const { begun, refused, begin, end } = shareOf({ atOnceMax: 1, waitMillisecondsMax: 100 });
  for (const name of named("slow", 100)) {
    void begin(name);
    await end([name], 40);
  }
  void begin("running");
  for (const name of named("waits", 2)) void begin(name);
  expect(await begin("late")).toMatchObject({ code: "busy", headers: { "retry-after": "1" } });
  expect(refused).toEqual(["late"]);
  for (const name of ["running", ...named("waits", 2)]) await end([name], 1);
  for (const name of named("fast", 20)) {
    void begin(name);
    await end([name], 1);
  }
  const again = named("again", 5);
  for (const name of again) void begin(name);
  for (const name of again) await end([name], 1);
  expect([begun.slice(-5), refused]).toEqual([again, ["late"]]);
});

test("while nothing ends only so many wait, and fewer the longer it lasts", async () => {
  const { refused, begin } = shareOf();
  for (const name of named("", 20_000)) void begin(name);
  await settled();
  expect(refused.length).toBe(20_000 - 8 - 256);

  const stalled = shareOf();
  for (const name of named("", 8)) void stalled.begin(name);
  stalled.pass(2000);
  for (const name of named("after 2 s ", 100)) void stalled.begin(name);
  await settled();
  expect(stalled.refused.length).toBe(96);
  stalled.pass(8000);
  expect(await stalled.begin("after 10 s")).toMatchObject({ code: "busy" });
});

test("one that never ends keeps nobody from waiting for the others", async () => {
  const { refused, begin, end } = shareOf();
  void begin("never");
  for (let burst = 0; burst < 1000; burst += 1) {
    const names = named(`${burst}.`, 16);
    for (const name of names) void begin(name);
    await end(names, 10);
  }
  expect(refused).toEqual([]);
});

test("after a stall bursts are refused for a moment, and no longer", async () => {
  const { refused, begin, end } = shareOf();
  const stalled = named("stalled", 12);
  for (const name of stalled) void begin(name);
  await end(stalled, 10_000);
  const refusedOf: number[] = [];
  for (let burst = 0; burst < 1000; burst += 1) {
    refused.length = 0;
    const names = named(`${burst}.`, 16);
    for (const name of names) void begin(name);
    await end(names, 1);
    refusedOf.push(refused.length);
  }
  expect(refusedOf.slice(5)).toEqual(Array(995).fill(0));
});

test("a stall that ends all at once is remembered as one", async () => {
  const { refused, begin, end } = shareOf();
  const stalled = named("stalled", 16);
  for (const name of stalled) void begin(name);
  await end(stalled.slice(0, 8), 10_000);
  for (const name of named("late", 100)) void begin(name);
  await settled();
  expect(refused.length).toBeGreaterThan(90);
});

test("who goes away leaves its line: nothing is done for it, and another may wait in its place", async () => {
  const { begun, refused, begin, end } = shareOf({ atOnceMax: 1, waitingMax: 2 });
  const gone = new AbortController();
  void begin("running");
  void begin("goes", "key", gone.signal);
  void begin("stays");
  gone.abort();
  await settled();
  void begin("comes");
  await begin("went before", "key", gone.signal);
  for (const name of ["running", "stays", "comes"]) await end([name], 1);
  expect([begun, refused]).toEqual([["running", "stays", "comes"], ["goes", "went before"]]);
});

test("who goes away while it is worked for gives its place on as any other", async () => {
  const { share, begun, begin, end } = shareOf({ atOnceMax: 1 });
  const gone = new AbortController();
  void begin("a");
  void begin("b", "key", gone.signal);
  void begin("c");
  await end(["a"], 1);
  gone.abort();
  await end(["b"], 1);
  await end(["c"], 1);
  expect([begun, share.running]).toEqual([["a", "b", "c"], 0]);
});

test("lines are served in turn: a flood in one delays another by one piece of work", async () => {
  const { begun, begin, end } = shareOf({ atOnceMax: 1 });
  for (const name of named("flood", 10)) void begin(name, "flood");
  void begin("own0", "own");
  void begin("own1", "own");
  for (const name of ["flood0", "flood1", "own0", "flood2", "own1"]) await end([name], 1);
  expect(begun.slice(0, 6)).toEqual(["flood0", "flood1", "own0", "flood2", "own1", "flood3"]);
});

test("a line is refused by its own wait: one that is too long costs another nothing", async () => {
  const { refused, begin, end } = shareOf({ atOnceMax: 1 });
  for (const name of named("slow", 100)) {
    void begin(name);
    await end([name], 200);
  }
  for (const name of named("flood", 100)) void begin(name, "flood");
  for (const name of named("own", 2)) void begin(name, "own");
  await settled();
  expect(refused).toEqual(named("flood", 100).slice(6));
});

test("where no more may wait the longest line gives up its last for a shorter one", async () => {
  const { begun, refused, begin, end } = shareOf({ atOnceMax: 1, waitingMax: 4 });
  for (const name of named("flood", 6)) void begin(name, "flood");
  for (const name of named("own", 3)) void begin(name, "own");
  await settled();
  expect(refused.toSorted()).toEqual(["flood3", "flood4", "flood5", "own2"]);
  for (const name of ["flood0", "flood1", "own0", "flood2", "own1"]) await end([name], 1);
  expect(begun).toEqual(["flood0", "flood1", "own0", "flood2", "own1"]);
});

test("work that fails gives its place to the next", async () => {
  const share = new WorkShare({ ...LIMITS, atOnceMax: 1 }, () => 0);
  const turn = { line: "key", request: { signal: stays } };
  const failing = share.run(turn, () => Promise.reject(new Error("no")));
  const next = share.run(turn, () => Promise.resolve("next"));
  await expect(failing).rejects.toThrow("no");
  expect([await next, share.running]).toEqual(["next", 0]);
});
