import { expect, test } from "vitest";
import { WorkShare } from "./work_share.ts";

/** A share whose work ends when it is told to, so many milliseconds later, and a record of what has begun. */
function shareOf(atOnceMax: number, waitMillisecondsMax: number) {
  let time = 1_000_000;
  const share = new WorkShare({ atOnceMax, waitMillisecondsMax }, () => time);
  const begun: string[] = [];
  const works = new Map<string, { readonly end: () => void; readonly ended: Promise<unknown> }>();
  const begin = (name: string) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const ended = share.run(async () => {
      begun.push(name);
      await promise;
    });
    works.set(name, { end: resolve, ended });
    return ended;
  };
  const end = async (name: string, milliseconds: number) => {
    time += milliseconds;
    works.get(name)?.end();
    await works.get(name)?.ended;
  };
  return { share, begun, begin, end };
}

test("so many work at once, the others wait in the order in which they came", async () => {
  const { share, begun, begin, end } = shareOf(2, 1000);
  for (const name of ["a", "b", "c", "d"]) void begin(name);
  expect([begun, share.wanted]).toEqual([["a", "b"], 4]);
  await end("b", 1);
  // Who comes now comes after those that wait.
  void begin("e");
  await Promise.resolve();
  expect([begun, share.wanted]).toEqual([["a", "b", "c"], 4]);
  for (const name of ["a", "c", "d", "e"]) await end(name, 1);
  expect([begun, share.wanted]).toEqual([["a", "b", "c", "d", "e"], 0]);
});

test("who would wait too long at the pace of the others is refused at once, until it is faster", async () => {
  const { share, begun, begin, end } = shareOf(1, 100);
  const names = Array.from({ length: 41 }, (_, no) => `${no}`);
  for (const name of names) void begin(name);
  // The first end begins the pace; then one every 50 milliseconds.
  for (const name of names.slice(0, 38)) await end(name, 50);
  expect(share.wanted).toBe(3);
  void begin("late");
  await expect(begin("later")).rejects.toMatchObject({
    code: "busy",
    headers: { "retry-after": "1" },
  });
  expect(share.wanted).toBe(4);
  for (const name of ["38", "39", "40"]) await end(name, 1);
  void begin("again");
  for (const name of ["late", "again"]) await end(name, 1);
  expect([begun.length, share.wanted]).toEqual([43, 0]);
});

test("work that fails gives its place to the next", async () => {
  const share = new WorkShare({ atOnceMax: 1, waitMillisecondsMax: 1000 }, () => 0);
  const failing = share.run(() => Promise.reject(new Error("no")));
  const next = share.run(() => Promise.resolve("next"));
  await expect(failing).rejects.toThrow("no");
  expect([await next, share.wanted]).toEqual(["next", 0]);
});
