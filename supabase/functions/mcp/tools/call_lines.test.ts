import { expect, test } from "vitest";
import { type Call, type CallsAnswer } from "../../_shared/contracts/graph.ts";
import { BudgetedText } from "../token_budget.ts";
import { addCalls } from "./call_lines.ts";

const end = (name: string, path: string, line: number) => ({ name, kind: "function", path, line });

function callOf(from: Call["from"], to: Call["to"], line: number, more: Partial<Call> = {}): Call {
  const sure = { depth: 1, proximity: "imported", candidates: 1, certainty: "likely" } as const;
  return { from, to, path: from.path, line, column: 1, ...sure, ...more };
}

function shownOf(calls: Call[], direction: "callers" | "callees", followed: number, budget = 4000) {
  const text = new BudgetedText(budget);
  const definitions = [{ path: "lib/burn.ts", line: 3 }];
  const answer = { calls, definitions, followed } as unknown as CallsAnswer;
  const shown = addCalls(text, answer, direction);
  return { lines: text.toString().split("\n"), shown };
}

const burn = end("burn", "lib/burn.ts", 3);
const fly = end("fly", "src/fly.ts", 1);
const land = end("land", "src/fly.ts", 9);
const main = end("main", "src/main.ts", 1);

test("callers of one file stand below its path, each once with all its lines", () => {
  const calls = [
    callOf(fly, burn, 2),
    callOf(land, burn, 10),
    callOf(fly, burn, 4),
    callOf(land, burn, 12, { certainty: "possible", candidates: 3 }),
    callOf(main, fly, 5, { depth: 2 }),
  ];
  const { lines, shown } = shownOf(calls, "callers", 1);
  expect(lines).toEqual([
    "(possible: by its name alone; 1 of N: N may be meant)",
    "src/fly.ts",
    "2,4: fly",
    "10: land",
    "12: land  (possible, 1 of 3)",
    "2 steps away:",
    "src/main.ts  calls fly",
    "5: main",
  ]);
  expect(shown).toHaveLength(calls.length);
});

test("of several that are followed each is named with its place, once", () => {
  const other = end("burn", "old/burn.ts", 7);
  const calls = [callOf(fly, burn, 2), callOf(main, burn, 3), callOf(land, other, 10)];
  expect(shownOf(calls, "callers", 2).lines).toEqual([
    "src/fly.ts  calls burn at lib/burn.ts:3",
    "2: fly",
    "src/main.ts  calls burn",
    "3: main",
    "src/fly.ts  calls burn at old/burn.ts:7",
    "10: land",
  ]);
});

test("what is called stands below who calls it, with the place where it is defined", () => {
  const calls = [
    callOf(burn, fly, 4),
    callOf(burn, fly, 5),
    callOf(burn, end("heat", "lib/burn.ts", 20), 6),
    callOf(fly, land, 2, { depth: 2 }),
  ];
  expect(shownOf(calls, "callees", 1).lines).toEqual([
    "lib/burn.ts  burn calls",
    "4,5: fly at src/fly.ts:1",
    "6: heat at line 20",
    "2 steps away:",
    "src/fly.ts  fly calls",
    "2: land at line 9",
  ]);
});

test("calls that have no room are not among those that are shown", () => {
  const calls = Array.from(
    { length: 400 },
    (_, line) => callOf(end(`f${line}`, "a.ts", line), burn, line),
  );
  const { lines, shown } = shownOf(calls, "callers", 1, 300);
  expect(shown.length).toBe(lines.length - 1);
  expect(shown.length).toBeLessThan(calls.length);
});
