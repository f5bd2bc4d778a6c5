import { expect, test } from "vitest";
import { isMet } from "../goals.ts";
import type { QueryTimes } from "./latency.ts";
import type { QueryKind } from "./queries.ts";
import {
  compareAnswers,
  FUNCTION,
  GATEWAY,
  type LoadFinding,
  PAGE_HELD,
  type SearchFindings,
  searchGoals,
  searchTables,
} from "./search_tables.ts";

function times(text: string, kind: QueryKind, milliseconds: number, lines: number): QueryTimes {
  const run = { milliseconds, lines };
  const query = { kind, text, isRegex: false };
  return {
    query,
    runs: {
      [FUNCTION]: [run],
      [GATEWAY]: [{ ...run, milliseconds: 9 }],
      [PAGE_HELD]: [{ ...run, milliseconds: 3 }],
      rg: [run],
    },
  };
}

function loadOf(errorsByKind: Readonly<Record<string, number>>): LoadFinding {
  const errors = Object.keys(errorsByKind).length;
  return {
    plan: { perSecond: 100, seconds: 1 },
    result: { sent: 100, errors, errorsByKind, milliseconds: [10, 149], lateMillisecondsMax: 1 },
    use: { PostgreSQL: 900, functions: 100 },
  };
}

const findings: SearchFindings = {
  first: [times("a|b", "rare", 40, 2), times("c", "common", 6, 200)],
  firstUse: { PostgreSQL: 30, functions: 10 },
  times: [times("a|b", "rare", 4, 2), times("c", "common", 12, 200)],
  totals: { "a|b": 3, c: 4000 },
  functions: [{ name: "term_chunks", calls: 4, selfMilliseconds: 8 }],
  floor: [2, 2],
  floorUse: { PostgreSQL: 4, functions: 2 },
  navigation: { "outline of a file": [5, 25] },
  load: { anew: loadOf({ "503": 1 }), again: loadOf({}) },
  neighbours: [
    { name: "alone", one: [10], all: [10] },
    { name: "100 repositories", one: [15], all: [25] },
  ],
};

test("goals are judged by what was measured", () => {
  const met = searchGoals(findings).map((goal) => [goal.name, isMet(goal)]);
  expect(Object.fromEntries(met)).toEqual({
    "function, first time asked, p50": false,
    "function, first time asked, p95": false,
    "function, asked again, p50": true,
    "function, asked again, p95": true,
    "gateway, asked again, p50": true,
    "gateway, asked again, p95": true,
    "function, page held, p50": true,
    "function, page held, p95": true,
    "open loop, p99": true,
    "open loop, errors": false,
    "open loop, pages held, p99": true,
    "open loop, pages held, errors": true,
    "100 repositories: one repository": true,
    "100 repositories: all": false,
    "navigation, p95": false,
  });
});

test("tables show the parts that were measured, and pipes of a query do not end a cell", () => {
  const tables = searchTables(findings);
  expect(tables.map(({ title }) => title.split(":")[0])).toEqual([
    "Against the goals",
    "The first 200 lines",
    "The slowest queries",
    "Open loop through the gateway",
    "Processor time of one query",
    "Functions of the database, by their own time in one query",
    "Beside other repositories",
    "Navigation, from the function's call to its answer",
  ]);
  expect(tables[1]?.rows.find(([kind]) => kind === "rare")).toEqual([
    "rare",
    "1",
    "40.0 / 40.0 / 40.0",
    "4.0 / 4.0 / 4.0",
    "9.0 / 9.0 / 9.0",
    "3.0 / 3.0 / 3.0",
    "4.0 / 4.0 / 4.0",
  ]);
  expect(tables[2]?.rows[1]?.[0]).toBe("`a\\|b`");
  const nothing = {
    ...{ ...findings, first: [], times: [], functions: [] },
    ...{ navigation: {}, load: null, neighbours: [] },
  };
  expect(searchTables(nothing).map(({ title }) => title)).toEqual(["Against the goals"]);
});

test("what went wrong under load is told by its kind", () => {
  const table = searchTables(findings).find(({ title }) => title.startsWith("Open loop"));
  expect(table?.rows[0]?.slice(-2)).toEqual(["1", "503: 1"]);
});

test("processor time is shared out over the queries", () => {
  const table = searchTables(findings).find(({ title }) => title.startsWith("Processor"));
  expect(table?.rows).toEqual([
    ["no search: key and one call", "2.0 ms", "1.0 ms", "3.0 ms"],
    ["function, first time asked", "15.0 ms", "5.0 ms", "20.0 ms"],
    ["open loop through the gateway", "9.0 ms", "1.0 ms", "10.0 ms"],
    ["the same, pages held", "9.0 ms", "1.0 ms", "10.0 ms"],
  ]);
});

test("an answer with fewer lines than rg has is named, a full page is not, a cut one is told apart", () => {
  expect(compareAnswers(findings)).toEqual({ unequal: ["a|b: 2 lines, rg 3"], cut: [] });
  const [first, second] = findings.times;
  const cut = { ...first, runs: { [FUNCTION]: [{ milliseconds: 4, lines: 2, isCut: true }] } };
  expect(compareAnswers({ ...findings, times: [cut, second] as QueryTimes[] })).toEqual({
    unequal: [],
    cut: ["a|b"],
  });
});
