// `npm run bench -- differential PATH…`: what we find in real repositories beside what ctags and git
// grep find, and into which classes the differences fall. The differences themselves, which quote
// names of other people's code, go into the JSON alone.

import { type Benchmark, type BenchmarkContext, UsageError } from "../benchmark.ts";
import { findProgram } from "../programs.ts";
import { pickLiteral } from "../literals.ts";
import { type Checkout, checkOut } from "./checkout.ts";
import { compareFile, type FileComparison } from "./comparison.ts";
import { findDefinitions } from "./definitions.ts";
import { differentialTables, type RepositoryFindings } from "./differential_tables.ts";
import { readTags, TAG_LANGUAGES } from "./tags.ts";
import { compareText } from "./text_search.ts";

/** Of each class so many differences are kept, spread evenly over the repository. */
const SAMPLES = 12;

/** So many names are searched for. */
const LITERALS = 10;
const LITERAL_ABSENT = "quarryBenchmarkIsNowhere";

async function examine(repository: string, context: BenchmarkContext): Promise<RepositoryFindings> {
  const { directory, signal, say } = context;
  const checkout = await checkOut(repository, directory, signal);
  say(`${checkout.name}: ${checkout.paths.length} files`);
  const files = await findDefinitions(checkout, new Set(TAG_LANGUAGES.keys()), signal);
  const languageOf = new Map(Array.from(files, ([file, { language }]) => [file, language]));
  const tags = await readTags(checkout.folder, languageOf, signal);
  const byLanguage = new Map<string, FileComparison[]>();
  for (const [path, file] of files) {
    const comparisons = byLanguage.get(file.language) ?? [];
    byLanguage.set(file.language, comparisons);
    comparisons.push(compareFile(path, file, tags.get(path) ?? []));
  }
  const literals = await pickLiterals(checkout);
  const text = await compareText(repository, checkout, literals, signal);
  const { name, commitOid, paths } = checkout;
  return { name, commitOid, files: paths.length, byLanguage, text };
}

/** A name from each tenth of the files, and one that is nowhere. */
async function pickLiterals({ folder, paths }: Checkout): Promise<string[]> {
  const literals = new Set([LITERAL_ABSENT]);
  const step = Math.ceil(paths.length / LITERALS);
  for (let first = 0; first < paths.length; first += step) {
    const literal = await pickLiteral(folder, paths.slice(first, first + step));
    if (literal !== null) literals.add(literal);
  }
  return [...literals];
}

/** The first of every so many, so that no folder alone speaks. */
function sample<Item>(items: readonly Item[]): Item[] {
  const step = Math.max(1, items.length / SAMPLES);
  const count = Math.min(SAMPLES, items.length);
  return Array.from({ length: count }, (_, index) => items[Math.floor(index * step)])
    .filter((item) => item !== undefined);
}

function sampleByClass<Item extends { readonly class: string }>(items: readonly Item[]) {
  const groups = Map.groupBy(items, (item) => item.class);
  return Object.fromEntries(Array.from(groups, ([name, group]) => [name, sample(group)]));
}

function dataOf({ name, commitOid, byLanguage, text }: RepositoryFindings) {
  const languages = Array.from(byLanguage, ([language, comparisons]) => ({
    language,
    files: comparisons.length,
    theirs: sampleByClass(comparisons.flatMap(({ theirs }) => theirs)),
    ours: sampleByClass(comparisons.flatMap(({ ours }) => ours)),
  }));
  return { name, commitOid, languages, text };
}

/** The benchmark. */
export const differentialBenchmark: Benchmark = {
  name: "differential",
  usage: "differential PATH…                  definitions beside ctags, lines beside git grep",
  run: async (args, context) => {
    if (args.length === 0 || args.some((arg) => arg.startsWith("-"))) {
      throw new UsageError("one PATH or more, each a git repository");
    }
    const ctags = await findProgram("ctags");
    if (ctags === null) throw new UsageError("ctags is not on the PATH");
    const findings: RepositoryFindings[] = [];
    for (const repository of args) findings.push(await examine(repository, context));
    return {
      tables: differentialTables(findings),
      notes: [`compared with ${ctags.version}`],
      data: findings.map(dataOf),
    };
  },
};
