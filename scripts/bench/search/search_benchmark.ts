// `npm run bench -- search`: what people type, asked of an index of a large repository and, in the same
// run, of rg and zoekt; then navigation, a fixed load, and the same beside many other repositories.

import path from "node:path";
import type { Benchmark, BenchmarkContext, BenchmarkResult } from "../benchmark.ts";
import { git } from "../command.ts";
import { buildPackageCorpus, type Corpus, importRepository } from "../corpus/corpus.ts";
import { indexOnce } from "../index_run.ts";
import { findGoProgram, findProgram, type Program } from "../programs.ts";
import { copyCheckout } from "../sandbox.ts";
import { indexWithZoekt } from "../zoekt_index.ts";
import { askInTurns } from "./latency.ts";
import { NewForms, offeredMode, quarrySearcher, type SearchMode } from "./quarry_searcher.ts";
import { type BenchQuery, deriveQueries } from "./queries.ts";
import { countLines, rgSearcher } from "./rg_searcher.ts";
import { readSearchPlan, type SearchPlan } from "./search_plan.ts";
import {
  accessTo,
  measureFirst,
  measureFloor,
  measureFunctions,
  measureLoad,
  measureNavigation,
  measureNeighbours,
  openDatabase,
  readTexts,
  type SearchBench,
} from "./search_run.ts";
import {
  compareAnswers,
  FUNCTION,
  GATEWAY,
  PAGE_HELD,
  type SearchFindings,
  searchTables,
} from "./search_tables.ts";
import { ANSWER_LINES_MAX, type Searcher } from "./searcher.ts";
import { startZoekt } from "./zoekt_searcher.ts";

const NAMES_SHOWN_MAX = 10;

export const searchBenchmark: Benchmark = {
  name: "search",
  usage: "search [--quick] [--rounds 5] [--only latency,navigation,load,neighbours] [PATH]   " +
    "queries beside rg and zoekt, navigation, load, neighbours",
  run: async (args, context) => {
    const plan = readSearchPlan(args);
    return await measure(plan, context);
  },
};

/** What is there before anything is asked. */
interface Prepared {
  readonly corpus: Corpus;
  readonly checkout: string;
  readonly files: readonly string[];
  readonly queries: readonly BenchQuery[];
  readonly rg: Program | null;
  readonly zoekt: Program | null;
  readonly zoektIndex: string | null;
}

async function measure(plan: SearchPlan, context: BenchmarkContext): Promise<BenchmarkResult> {
  const prepared = await prepare(plan, context);
  const product = path.join(context.directory, "checkout");
  await copyCheckout(context.root, product);
  let mode: SearchMode = "literal";
  let findings: SearchFindings | null = null;
  await indexOnce(product, prepared.corpus, context.signal, async (indexed) => {
    const access = accessTo(indexed, context.signal);
    mode = await offeredMode(access.gateway);
    const database = await openDatabase(indexed);
    try {
      const { queries } = prepared;
      findings = await measureParts(
        { plan, indexed, mode, queries, forms: new NewForms(), context, ...access, ...database },
        prepared,
      );
    } finally {
      await database.sql.end();
    }
  });
  if (findings === null) throw new Error("nothing was measured");
  return {
    tables: searchTables(findings),
    notes: notesOf(findings, prepared, mode),
    data: { queries: prepared.queries, findings },
  };
}

async function prepare(plan: SearchPlan, context: BenchmarkContext): Promise<Prepared> {
  const { root, directory, signal, say } = context;
  const target = path.join(directory, "corpus.git");
  say("preparing the corpus");
  const corpus = plan.repository === undefined
    ? await buildPackageCorpus(path.join(root, "node_modules"), target, plan.corpus, signal)
    : await importRepository(plan.repository, target, signal);
  const checkout = path.join(directory, "files");
  await git(directory, ["clone", "--quiet", "--shared", corpus.directory, checkout], { signal });
  const files = (await git(checkout, ["ls-files", "-z"], { signal })).split("\0").filter(Boolean);
  const queries = deriveQueries(await readTexts(checkout, files));
  const [rg, indexer, zoekt] = await Promise.all([
    findProgram("rg"),
    findGoProgram("zoekt-git-index"),
    findGoProgram("zoekt-webserver"),
  ]);
  const zoektIndex = indexer === null || zoekt === null || !plan.parts.has("latency")
    ? null
    : path.join(directory, "zoekt");
  if (zoektIndex !== null && indexer !== null) {
    say("indexing with zoekt");
    await indexWithZoekt(indexer, null, corpus.directory, zoektIndex, signal);
  }
  say(`${queries.length} queries; indexing`);
  return { corpus, checkout, files, queries, rg, zoekt, zoektIndex };
}

async function measureParts(bench: SearchBench, prepared: Prepared): Promise<SearchFindings> {
  const { plan, context } = bench;
  const latency = plan.parts.has("latency") ? await measureLatency(bench, prepared) : null;
  if (plan.parts.has("navigation")) context.say("navigation");
  const navigation = plan.parts.has("navigation")
    ? await measureNavigation(bench, prepared.files)
    : {};
  if (plan.parts.has("load")) context.say(`load for ${plan.load.seconds} s, twice`);
  const load = plan.parts.has("load")
    ? { anew: await measureLoad(bench, bench.forms), again: await measureLoad(bench, null) }
    : null;
  const neighbours = plan.parts.has("neighbours")
    ? await measureNeighbours(bench, prepared.corpus)
    : [];
  const nothing = {
    ...{ first: [], firstUse: {}, times: [], totals: {} },
    ...{ functions: [], floor: [], floorUse: {} },
  };
  return { ...(latency ?? nothing), navigation, load, neighbours };
}

async function measureLatency(bench: SearchBench, prepared: Prepared) {
  const { plan, mode, direct, gateway, forms, context, queries } = bench;
  const { rg, zoekt, zoektIndex, checkout } = prepared;
  context.say("asking every query for the first time");
  const { first, use: firstUse } = await measureFirst(bench);
  await using server = zoekt === null || zoektIndex === null
    ? null
    : await startZoekt(zoekt.file, zoektIndex, context.signal);
  const searchers: Searcher[] = [
    quarrySearcher(FUNCTION, direct, mode, forms),
    quarrySearcher(GATEWAY, gateway, mode, forms),
    quarrySearcher(PAGE_HELD, direct, mode, null),
    ...(rg === null ? [] : [rgSearcher(checkout)]),
    ...(server === null ? [] : [server]),
  ];
  const totals: Record<string, number> = {};
  if (rg !== null) {
    for (const query of queries) {
      totals[query.text] = await countLines(checkout, query, context.signal);
    }
  }
  context.say(`asking everybody in turns, ${plan.rounds} rounds`);
  // Once to warm whoever was not asked yet, which is not counted.
  await askInTurns(queries, searchers.slice(1), 1, context.signal);
  const times = await askInTurns(queries, searchers, plan.rounds, context.signal);
  const functions = await measureFunctions(bench);
  return { first, firstUse, times, totals, functions, ...await measureFloor(bench) };
}

function notesOf(findings: SearchFindings, prepared: Prepared, mode: SearchMode): string[] {
  const { corpus, rg, zoekt, zoektIndex, queries } = prepared;
  const { unequal, cut } = compareAnswers(findings);
  const rest = unequal.length > NAMES_SHOWN_MAX ? ", …" : "";
  const shown = `${unequal.slice(0, NAMES_SHOWN_MAX).join("; ")}${rest}`;
  return [
    `Repository: ${corpus.description}; ${corpus.files} files, ${corpus.bytes} bytes, commit ` +
    `${corpus.commitOid}. ${queries.length} queries made of its words; PostgreSQL's vacuum and ` +
    "analyze ran after the index was written.",
    mode === "query"
      ? "Quarry was asked with mode=query."
      : "This API has no mode=query: literals were asked with mode=literal, expressions not at all.",
    "Function: HTTP at the functions' own port, with a key. Gateway: the address that users have. " +
    "One question at a time, in turns; asked again: after every query was asked twice at least, and each " +
    "time in other letters (with one more blank), so that it is searched for and not answered with a page " +
    "that an instance has kept. Page held: in the same letters, as who asks the same again.",
    rg === null
      ? "rg: absent, not measured."
      : `${rg.version}: a process for each query, its start included, until ${ANSWER_LINES_MAX} lines are there.`,
    zoekt === null || zoektIndex === null
      ? "zoekt: absent, or not asked for; not measured."
      : `${zoekt.version}: its web server's JSON interface, with an index without ctags.`,
    rg === null || findings.times.length === 0
      ? "Answers were compared with nobody's."
      : unequal.length === 0
      ? "Every answer that does not say that it stopped early has as many lines as rg finds."
      : `Answers with other numbers of lines than rg: ${unequal.length}: ${shown}.`,
    ...(cut.length === 0 ? [] : [`Answers that say that they stopped early: ${cut.join("; ")}.`]),
  ];
}
