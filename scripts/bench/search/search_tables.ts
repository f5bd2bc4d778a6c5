// The findings of the search benchmark as tables and sentences. Pure.

import { formatCount } from "../../demo/figures.ts";
import { type Goal, goalsTable } from "../goals.ts";
import { percentileOf } from "../statistics.ts";
import { MISSING, ratio, shown, type Table } from "../table.ts";
import { type FunctionUse, profileTable } from "./database_profile.ts";
import { millisecondsOf, type QueryTimes } from "./latency.ts";
import type { LoadPlan, LoadResult } from "./load.ts";
import type { ProcessorUse } from "./processor_use.ts";
import { queryKinds } from "./queries.ts";
import { ANSWER_LINES_MAX } from "./searcher.ts";

/** Who is asked, by the names of the searchers. */
export const FUNCTION = "Quarry, function";
export const GATEWAY = "Quarry, gateway";
/** The function, asked what it has answered since anything was published. */
export const PAGE_HELD = "Quarry, page held";
export const RG = "rg";
export const ZOEKT = "zoekt";

/** The same queries beside other repositories. */
export interface NeighbourTimes {
  readonly name: string;
  /** Searching the large repository alone, and all of the tenant's. */
  readonly one: readonly number[];
  readonly all: readonly number[];
}

/** One run of the open loop. */
export interface LoadFinding {
  readonly plan: LoadPlan;
  readonly result: LoadResult;
  readonly use: ProcessorUse;
}

/** Everything that was measured; an empty list or null is what was not. */
export interface SearchFindings {
  /** The queries asked for the first time, of the function. */
  readonly first: readonly QueryTimes[];
  /** What these used. */
  readonly firstUse: ProcessorUse;
  readonly times: readonly QueryTimes[];
  /** How many lines rg finds in all, by the query's text. */
  readonly totals: Readonly<Record<string, number>>;
  /** Requests that ask for next to nothing: what a key and a call cost by themselves. */
  readonly floor: readonly number[];
  readonly floorUse: ProcessorUse;
  /** Which functions of the database took the time, when all queries were asked once more. */
  readonly functions: readonly FunctionUse[];
  readonly navigation: Readonly<Record<string, readonly number[]>>;
  /** In letters in which nothing was asked before, and in the same again. */
  readonly load: { readonly anew: LoadFinding; readonly again: LoadFinding } | null;
  readonly neighbours: readonly NeighbourTimes[];
}

const P50_MILLISECONDS_GOAL = 5;
const P95_MILLISECONDS_GOAL = 30;
const GATEWAY_FACTOR_GOAL = 2;
const LOAD_P99_MILLISECONDS_GOAL = 150;
const NEIGHBOURS_RATIO_GOAL = 2;
const NAVIGATION_P95_MILLISECONDS_GOAL = 20;
const SLOWEST_SHOWN = 12;
const FLOOR = "no search: key and one call";

const milliseconds = (value: number) => `${value.toFixed(1)} ms`;

export function searchTables(findings: SearchFindings): Table[] {
  const { times, functions, neighbours, navigation, load } = findings;
  return [
    goalsTable(searchGoals(findings)),
    ...(times.length > 0 ? [kindsTable(findings), slowestTable(findings)] : []),
    ...(load === null ? [] : [loadTable(load)]),
    ...(times.length > 0 || load !== null ? [processorTable(findings)] : []),
    ...(functions.length > 0 ? [profileTable(functions, times.length)] : []),
    ...(neighbours.length > 0 ? [neighboursTable(neighbours)] : []),
    ...(Object.keys(navigation).length > 0 ? [navigationTable(navigation)] : []),
  ];
}

export function searchGoals(findings: SearchFindings): Goal[] {
  const { first, times, load, neighbours, navigation } = findings;
  const goal = (name: string, values: readonly number[], share: number, limit: number): Goal => ({
    name,
    measured: percentileOf(values, share),
    limit,
    format: milliseconds,
  });
  const latency = (name: string, values: readonly number[], factor: number) => [
    goal(`${name}, p50`, values, 0.5, P50_MILLISECONDS_GOAL * factor),
    goal(`${name}, p95`, values, 0.95, P95_MILLISECONDS_GOAL * factor),
  ];
  return [
    ...latency("function, first time asked", millisecondsOf(first, FUNCTION), 1),
    ...latency("function, asked again", millisecondsOf(times, FUNCTION), 1),
    ...latency("gateway, asked again", millisecondsOf(times, GATEWAY), GATEWAY_FACTOR_GOAL),
    ...latency("function, page held", millisecondsOf(times, PAGE_HELD), 1),
    ...loadGoals("open loop", load?.anew),
    ...loadGoals("open loop, pages held", load?.again),
    ...neighbours.slice(1).flatMap((each) => neighbourGoals(each, neighbours[0] ?? each)),
    goal(
      "navigation, p95",
      Object.values(navigation).flat(),
      0.95,
      NAVIGATION_P95_MILLISECONDS_GOAL,
    ),
  ];
}

function loadGoals(name: string, load: LoadFinding | undefined): Goal[] {
  const { milliseconds: values = [], errors = null } = load?.result ?? {};
  const limit = LOAD_P99_MILLISECONDS_GOAL;
  return [
    { name: `${name}, p99`, measured: percentileOf(values, 0.99), limit, format: milliseconds },
    { name: `${name}, errors`, measured: errors, limit: 1, format: formatCount },
  ];
}

function neighbourGoals(each: NeighbourTimes, alone: NeighbourTimes): Goal[] {
  const worst = (values: readonly number[], before: readonly number[]) => {
    const ratios = [0.5, 0.95].map((share) =>
      (percentileOf(values, share) ?? 0) / (percentileOf(before, share) ?? Infinity)
    );
    return values.length === 0 ? null : Math.max(...ratios);
  };
  const format = (value: number) => `${value.toFixed(2)}×`;
  const limit = NEIGHBOURS_RATIO_GOAL;
  return [
    { name: `${each.name}: one repository`, measured: worst(each.one, alone.one), limit, format },
    { name: `${each.name}: all`, measured: worst(each.all, alone.all), limit, format },
  ];
}

/** 4.1 / 9.9 / 20.0: p50, p95 and the maximum, in milliseconds. */
function percentiles(values: readonly number[]): string {
  if (values.length === 0) return MISSING;
  return [0.5, 0.95, 1].map((share) => percentileOf(values, share)?.toFixed(1)).join(" / ");
}

function kindsTable({ first, times, floor }: SearchFindings): Table {
  const names = searcherNames(times);
  const row = (name: string, asked: readonly QueryTimes[], firsts: readonly QueryTimes[]) => [
    name,
    String(asked.length),
    percentiles(millisecondsOf(firsts, FUNCTION)),
    ...names.map((searcher) => percentiles(millisecondsOf(asked, searcher))),
  ];
  const of = (list: readonly QueryTimes[], kind: string) =>
    list.filter(({ query }) => query.kind === kind);
  const none = names.map((name) => name === FUNCTION ? percentiles(floor) : MISSING);
  return {
    title: `The first ${ANSWER_LINES_MAX} lines: p50 / p95 / max in ms`,
    columns: ["", "queries", `${FUNCTION}, first time`, ...names],
    rows: [
      ...queryKinds.map((kind) => row(kind, of(times, kind), of(first, kind))),
      row("all", times, first),
      [FLOOR, MISSING, MISSING, ...none],
    ],
  };
}

function searcherNames(times: readonly QueryTimes[]): string[] {
  return Object.keys(times[0]?.runs ?? {});
}

function slowestTable({ times, totals }: SearchFindings): Table {
  const names = searcherNames(times);
  const median = (each: QueryTimes, name: string) =>
    percentileOf(millisecondsOf([each], name), 0.5);
  const slowest = times.toSorted((a, b) => (median(b, FUNCTION) ?? 0) - (median(a, FUNCTION) ?? 0));
  return {
    title: "The slowest queries: medians",
    columns: ["query", "kind", "lines", ...names],
    rows: slowest.slice(0, SLOWEST_SHOWN).map((each) => [
      `\`${each.query.text.replaceAll("|", "\\|")}\``,
      each.query.kind,
      shown(totals[each.query.text] ?? null, formatCount),
      ...names.map((name) => shown(median(each, name), milliseconds)),
    ]),
  };
}

function loadTable({ anew, again }: NonNullable<SearchFindings["load"]>): Table {
  const { perSecond, seconds } = anew.plan;
  const row = (name: string, { result }: LoadFinding) => [
    name,
    formatCount(result.sent),
    ...[0.5, 0.95, 0.99, 1].map((share) =>
      shown(percentileOf(result.milliseconds, share), milliseconds)
    ),
    milliseconds(result.lateMillisecondsMax),
    formatCount(result.errors),
    Object.entries(result.errorsByKind).map((pair) => pair.join(": ")).join(", ") || MISSING,
  ];
  return {
    title: `Open loop through the gateway: ${perSecond} queries a second for ${seconds} s`,
    columns: ["", "sent", "p50", "p95", "p99", "max", "sent late by at most", "errors", "of them"],
    rows: [row("in new letters", anew), row("in the same again", again)],
  };
}

function processorTable({ first, firstUse, floor, floorUse, load }: SearchFindings): Table {
  const parts = Object.keys(load?.anew.use ?? firstUse);
  const row = (name: string, use: ProcessorUse, queries: number) => {
    const each = parts.map((part) => (use[part] ?? 0) / queries);
    const all = each.reduce((sum, value) => sum + value, 0);
    return [name, ...[...each, all].map(milliseconds)];
  };
  const asked = millisecondsOf(first, FUNCTION).length;
  return {
    title: "Processor time of one query",
    columns: ["", ...parts, "together"],
    rows: [
      ...(floor.length > 0 ? [row(FLOOR, floorUse, floor.length)] : []),
      ...(asked > 0 ? [row("function, first time asked", firstUse, asked)] : []),
      ...(load === null ? [] : [
        row("open loop through the gateway", load.anew.use, load.anew.result.sent),
        row("the same, pages held", load.again.use, load.again.result.sent),
      ]),
    ],
  };
}

function neighboursTable(neighbours: readonly NeighbourTimes[]): Table {
  const [alone] = neighbours;
  const compared = (values: readonly number[], before: readonly number[] = []) => [
    percentiles(values),
    ...[0.5, 0.95].map((share) => ratio(percentileOf(values, share), percentileOf(before, share))),
  ];
  return {
    title: "Beside other repositories: p50 / p95 / max in ms, and p50 and p95 beside being alone",
    columns: ["", "the large one", "p50", "p95", "all of the tenant's", "p50", "p95"],
    rows: neighbours.map(({ name, one, all }) => [
      name,
      ...compared(one, alone?.one),
      ...compared(all, alone?.all),
    ]),
  };
}

function navigationTable(navigation: SearchFindings["navigation"]): Table {
  const row = (name: string, values: readonly number[]) => [
    name,
    String(values.length),
    ...[0.5, 0.95, 1].map((share) => shown(percentileOf(values, share), milliseconds)),
  ];
  return {
    title: "Navigation, from the function's call to its answer",
    columns: ["", "asked", "p50", "p95", "max"],
    rows: [
      ...Object.entries(navigation).map(([name, values]) => row(name, values)),
      row("all", Object.values(navigation).flat()),
    ],
  };
}

/**
 * Answers that have other numbers of lines than rg finds, of those that must have all or a full page; and
 * answers that say that they stopped early.
 */
export function compareAnswers({ times, totals }: SearchFindings) {
  const unequal: string[] = [];
  const cut: string[] = [];
  for (const each of times) {
    const { text } = each.query;
    const total = totals[text];
    const run = each.runs[FUNCTION]?.at(-1);
    if (total === undefined || run === undefined) continue;
    const expected = Math.min(total, ANSWER_LINES_MAX);
    if (run.isCut === true) cut.push(text);
    else if (run.lines !== expected) unequal.push(`${text}: ${run.lines} lines, rg ${expected}`);
  }
  return { unequal, cut };
}
