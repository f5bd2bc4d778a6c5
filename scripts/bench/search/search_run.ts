// The parts of the search benchmark on a living index, one after the other.

import { readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import postgres, { type Sql } from "postgres";
import { outlineAnswer } from "../../../supabase/functions/_shared/contracts/navigation.ts";
import type { BenchmarkContext } from "../benchmark.ts";
import type { Corpus } from "../corpus/corpus.ts";
import type { IndexedCorpus } from "../index_run.ts";
import { liftLimits, tidyUp } from "./bench_tenant.ts";
import { copyRepositories } from "./copy_repositories.ts";
import { profileFunctions } from "./database_profile.ts";
import { exchange } from "./http_exchange.ts";
import { askInTurns, millisecondsOf } from "./latency.ts";
import { openLoop } from "./load.ts";
import { apiDescription, navigationQuestions, type Subject } from "./navigation.ts";
import {
  askQuarry,
  type NewForms,
  type QuarryAccess,
  quarrySearcher,
  type SearchMode,
} from "./quarry_searcher.ts";
import { withProcessorUse } from "./processor_use.ts";
import type { BenchQuery } from "./queries.ts";
import type { SearchPlan } from "./search_plan.ts";
import { FUNCTION, type NeighbourTimes } from "./search_tables.ts";
import { indexSmallRepositories } from "./small_repositories.ts";

const FLOOR_ASKED = 200;
const REFUSAL_UNITS_SHOWN = 200;
/** An answer that takes longer is as good as none. */
const LOAD_ANSWER_MILLISECONDS_MAX = 30_000;

/** A living index, and all that its parts need. */
export interface SearchBench {
  readonly plan: SearchPlan;
  readonly indexed: IndexedCorpus;
  readonly sql: Sql;
  readonly tenantId: string;
  readonly mode: SearchMode;
  readonly queries: readonly BenchQuery[];
  readonly forms: NewForms;
  /** The functions themselves, and the same through the gateway. */
  readonly direct: QuarryAccess;
  readonly gateway: QuarryAccess;
  readonly context: BenchmarkContext;
}

/** The two ways to ask. */
export function accessTo(
  { stack, repositoryId }: IndexedCorpus,
  signal: AbortSignal,
): { readonly direct: QuarryAccess; readonly gateway: QuarryAccess } {
  const port = stack.file.children.find(({ name }) => name === "functions")?.port;
  if (port === undefined || port === null) throw new Error("the stack serves no functions");
  const rest = { apiKey: stack.file.api_key, repositoryId, signal };
  return {
    direct: { ...rest, apiUrl: `http://127.0.0.1:${port}/api` },
    gateway: { ...rest, apiUrl: `${stack.file.functions_url}/api` },
  };
}

/** The database as its owner, who may do what an operator does. */
export async function openDatabase({ stack, repositoryId }: IndexedCorpus) {
  const sql = postgres(stack.file.database_url, { max: 1, onnotice: () => undefined });
  const tenantId = await liftLimits(sql, repositoryId);
  await tidyUp(sql);
  return { sql, tenantId };
}

/** A request that asks for next to nothing, again and again. */
export async function measureFloor({ direct, indexed }: SearchBench) {
  const ask = async () => {
    const times: number[] = [];
    for (let asked = 0; asked < FLOOR_ASKED; asked += 1) {
      const { milliseconds } = await get(direct, "/repositories?limit=1");
      times.push(milliseconds);
    }
    return times;
  };
  const { outcome: floor, use: floorUse } = await withProcessorUse(indexed.stack.file, ask);
  return { floor, floorUse };
}

/** Where the database's time goes when every query is asked once more. */
export async function measureFunctions(
  { direct, queries, mode, forms, indexed, context }: SearchBench,
) {
  const searcher = quarrySearcher(FUNCTION, direct, mode, forms);
  const askAll = () => askInTurns(queries, [searcher], 1, context.signal);
  return await profileFunctions(indexed.stack.file.database_url, askAll);
}

/** Every question of navigation about definitions all over the checkout; what is refused is told once. */
export async function measureNavigation(
  { direct, plan, indexed, context }: SearchBench,
  files: readonly string[],
): Promise<Record<string, number[]>> {
  const described = apiDescription.parse(JSON.parse((await get(direct, "/openapi.json")).text));
  const times: Record<string, number[]> = {};
  const refused = new Set<string>();
  const step = Math.max(1, Math.floor(files.length / (plan.navigationSubjects * 2)));
  let subjects = 0;
  for (let index = 0; index < files.length && subjects < plan.navigationSubjects; index += step) {
    const subject = await definitionIn(direct, files[index] ?? "");
    if (subject === null) continue;
    subjects += 1;
    for (const { kind, route } of navigationQuestions(described, subject, indexed.repositoryId)) {
      const { status, milliseconds, text } = await get(direct, route);
      if (status === 200) (times[kind] ??= []).push(milliseconds);
      else if (!refused.has(kind)) {
        refused.add(kind);
        context.say(`not counted: ${kind}: ${status} ${text.slice(0, REFUSAL_UNITS_SHOWN)}`);
      }
    }
  }
  return times;
}

/** The middle one of a file's definitions that are names in code; null when it has none. */
async function definitionIn(access: QuarryAccess, file: string): Promise<Subject | null> {
  const parameters = new URLSearchParams({ repository: access.repositoryId ?? "", path: file });
  const { status, text } = await get(access, `/outline?${parameters.toString()}`);
  if (status !== 200) return null;
  const named = outlineAnswer.parse(JSON.parse(text)).definitions
    .filter(({ name }) => /^[A-Za-z_$][\w$]*$/.test(name));
  const definition = named[Math.floor(named.length / 2)];
  if (definition === undefined) return null;
  const { name, line, column } = definition;
  return { name, path: file, line, column };
}

async function get({ apiUrl, apiKey, signal }: QuarryAccess, route: string) {
  const headers = { authorization: `Bearer ${apiKey}` };
  const answer = await exchange({ url: `${apiUrl}${route}`, headers, signal });
  return { ...answer, text: answer.body.toString("utf8") };
}

/** All queries in turns, through the gateway, at a fixed rate: in new forms, or in the same. */
export async function measureLoad(bench: SearchBench, forms: NewForms | null) {
  const { plan, gateway, queries, mode, indexed, context } = bench;
  const offered = queries.filter((query) => mode === "query" || !query.isRegex);
  const send = async (index: number) => {
    const query = offered[index % offered.length];
    if (query === undefined) return "no query";
    const timeout = AbortSignal.timeout(LOAD_ANSWER_MILLISECONDS_MAX);
    const signal = AbortSignal.any([timeout, context.signal]);
    const answer = await askQuarry({ ...gateway, signal }, query, mode, forms);
    return answer?.status === 200 ? null : String(answer?.status);
  };
  const clock = { now: () => performance.now(), sleep };
  const { outcome: result, use } = await withProcessorUse(
    indexed.stack.file,
    () => openLoop(plan.load, send, clock),
  );
  return { plan: plan.load, result, use };
}

/** The same queries alone, then with more repositories in the tenant, then with others' beside it. */
export async function measureNeighbours(
  bench: SearchBench,
  corpus: Corpus,
): Promise<NeighbourTimes[]> {
  const { plan, sql, tenantId, indexed, context } = bench;
  const measured = [await askBeside(bench, "alone")];
  context.say("indexing the small repositories");
  const { github_url: githubUrl } = indexed.stack.file;
  const { signal } = context;
  const small = await indexSmallRepositories(corpus, plan.small, githubUrl, indexed.api, signal);
  const missing = plan.tenantRepositories - 1 - small.length;
  const copiesEach = Math.ceil(missing / small.length);
  const mine = await copyRepositories(sql, {
    repositoryIds: small,
    copiesEach,
    tenantIds: [tenantId],
    owner: "mine",
  });
  await tidyUp(sql);
  const inTenant = 1 + small.length + mine;
  measured.push(await askBeside(bench, `${inTenant} repositories in the tenant`));

  const tenants = await sql<{ id: string }[]>`
    select quarry.create_tenant('neighbour ' || n) as id from generate_series(1, ${plan.otherTenants}) n`;
  const others = await copyRepositories(sql, {
    repositoryIds: small,
    copiesEach: Math.ceil(plan.otherRepositories / small.length),
    tenantIds: tenants.map(({ id }) => id),
    owner: "others",
  });
  await tidyUp(sql);
  measured.push(await askBeside(bench, `and ${others} of ${tenants.length} other tenants`));
  return measured;
}

async function askBeside(bench: SearchBench, name: string): Promise<NeighbourTimes> {
  const { direct, queries, plan, mode, forms, context } = bench;
  context.say(`asking: ${name}`);
  const one = quarrySearcher("one", direct, mode, forms);
  const all = quarrySearcher("all", { ...direct, repositoryId: null }, mode, forms);
  // Once to warm, which is not counted.
  await askInTurns(queries, [one, all], 1, context.signal);
  const times = await askInTurns(queries, [one, all], Math.ceil(plan.rounds / 2), context.signal);
  return { name, one: millisecondsOf(times, "one"), all: millisecondsOf(times, "all") };
}

/** The texts of a checkout's files, in the order of their paths; what cannot be read is left out. */
export async function readTexts(checkout: string, files: readonly string[]): Promise<string[]> {
  const texts: string[] = [];
  for (const file of files) {
    const text = await readFile(path.join(checkout, file), "utf8").catch(() => "");
    if (text !== "") texts.push(text);
  }
  return texts;
}

/** What is asked of the function for the first time, by nobody before. */
export async function measureFirst({ direct, queries, mode, indexed, context }: SearchBench) {
  const searcher = quarrySearcher(FUNCTION, direct, mode, null);
  const { outcome: first, use } = await withProcessorUse(
    indexed.stack.file,
    () => askInTurns(queries, [searcher], 1, context.signal),
  );
  return { first, use };
}
