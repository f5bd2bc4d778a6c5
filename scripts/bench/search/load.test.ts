import { expect, test } from "vitest";
import { intendedAt, openLoop } from "./load.ts";

/** Time that passes only when somebody waits for it. */
function fakeClock() {
  let now = 0;
  return {
    now: () => now,
    sleep: (milliseconds: number) => {
      now += milliseconds;
      return Promise.resolve();
    },
    pass: (milliseconds: number) => now += milliseconds,
  };
}

test("requests leave at fixed times and are counted from them", async () => {
  const clock = fakeClock();
  const left: number[] = [];
  const result = await openLoop({ perSecond: 100, seconds: 0.05 }, () => {
    left.push(clock.now());
    return Promise.resolve(null);
  }, clock);
  expect(left).toEqual([0, 10, 20, 30, 40]);
  expect(result).toMatchObject({ sent: 5, errors: 0, lateMillisecondsMax: 0 });
  expect(result.milliseconds).toHaveLength(5);
});

test("a stall counts for every request that was due in it", async () => {
  const clock = fakeClock();
  const result = await openLoop({ perSecond: 100, seconds: 0.05 }, (index) => {
    if (index === 0) clock.pass(35);
    return Promise.resolve(null);
  }, clock);
  expect(result.lateMillisecondsMax).toBe(25);
  expect(Math.max(...result.milliseconds)).toBeGreaterThanOrEqual(35);
  expect(result.milliseconds.filter((each) => each >= 5)).toHaveLength(4);
});

test("bad answers and none are errors and have no time", async () => {
  const result = await openLoop({ perSecond: 1000, seconds: 0.004 }, (index) => {
    if (index === 1) return Promise.reject(new Error("connection lost"));
    return Promise.resolve(index === 2 ? "503" : null);
  }, fakeClock());
  expect(result).toMatchObject({
    sent: 4,
    errors: 2,
    errorsByKind: { Error: 1, "503": 1 },
  });
  expect(result.milliseconds).toHaveLength(2);
});

test("the intended times do not drift", () => {
  const plan = { perSecond: 30, seconds: 60 };
  expect(intendedAt(1800, plan)).toBe(60_000);
});
