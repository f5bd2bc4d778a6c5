/**
 * Tools that find code: by text, definitions by name, and the uses of a name.
 */
import { z } from "zod";
import {
  definitionsAnswer,
  nameMatches,
  referenceRoles,
  type ReferencesAnswer,
  referencesAnswer,
} from "../../_shared/contracts/navigation.ts";
import {
  type SearchAnswer,
  searchAnswer,
  type SearchFile,
} from "../../_shared/contracts/search.ts";
import { SYMBOL_KINDS } from "../../_shared/segment/symbol_kinds.ts";
import { BudgetedText, linesWithin } from "../token_budget.ts";
import { defineTool, type Tool, toolParameters } from "../tool.ts";
import {
  answerEnd,
  commitLine,
  cursorParameter,
  cutShort,
  HEAD_SHARE,
  pageThatFits,
  refParameter,
  repositoryParameter,
  tokenBudget,
} from "./shape.ts";

/** The likeliest definitions are enough to choose from. */
const DEFINITIONS_MAX = 20;
/** Names that are like the one asked for, in one line. */
const SIMILAR_NAMES_MAX = 8;

/** References of a page. */
const REFERENCES_MAX = 50;
/** Lines of a page: about what the budget holds when nothing is asked for. */
const LINES_MAX = 100;
/** Lines of one file that are shown beside however many others. */
const LINES_OF_A_FILE_MIN = 10;
/** Of a line, in UTF-16 units: minified ones say nothing more. */
const LINE_UNITS_MAX = 240;
const FACET_VALUES_MAX = 6;

type Facet = NonNullable<SearchAnswer["facets"]>["language"][number];

interface Placed {
  readonly repository: string;
  readonly path: string;
  readonly commit_oid: string | null;
}

/**
 * One block a file: a heading with its path, then its lines; and before the first file of a commit,
 * the commit. Answers the items that are shown.
 */
function addByFile<Item extends Placed>(
  text: BudgetedText,
  items: readonly Item[],
  line: (item: Item) => string,
): Item[] {
  const files = Map.groupBy(items, ({ repository, path }) => `${repository} ${path}`);
  const commits = new Set<string>();
  return [...files].flatMap(([file, found]) =>
    found.slice(0, addFile(text, commits, file, found, found.map(line)))
  );
}

/** The block of one file. Answers how many of its lines are shown. */
function addFile(
  text: BudgetedText,
  commits: Set<string>,
  heading: string,
  [item]: readonly Placed[],
  lines: readonly string[],
): number {
  const commit = item === undefined ? "" : commitLine(item);
  const start = commits.has(commit) ? [heading] : [commit, heading];
  commits.add(commit);
  const [first = "", ...rest] = [...start, ...lines];
  return Math.max(0, (text.addBlock(first, rest) ?? 0) - (start.length - 1));
}

function cutLine(source: string): string {
  const line = source.trim();
  return line.length > LINE_UNITS_MAX
    ? `${line.slice(0, LINE_UNITS_MAX).toWellFormed()}… (cut; ${line.length} UTF-16 units or more)`
    : line;
}

/** `TypeScript 120, Go 8`, of what has most. */
function facetLine(name: string, values: readonly Facet[]): string[] {
  if (values.length < 2) return [];
  const shown = values.slice(0, FACET_VALUES_MAX).map(({ value, count }) => `${value} ${count}`);
  const rest = values.length > FACET_VALUES_MAX ? ", …" : "";
  return [`By ${name}: ${shown.join(", ")}${rest}`];
}

/** How much there is beyond the page, and where, so that the next query can be narrower. */
function extent({ total, facets }: SearchAnswer): string {
  const atLeast = total.is_lower_bound ? "At least " : "";
  const { repository = [], language = [], folder = [] } = facets ?? {};
  return [
    `${atLeast}${total.count} matching lines in all; narrow with path:, lang: or repo:.`,
    ...facetLine("repository (repo:)", repository),
    ...facetLine("language (lang:)", language),
    ...facetLine("folder (path:)", folder),
  ].join("\n");
}

/** A page of files with their best lines, and how many more of a file are on this page. */
function showFiles(found: SearchAnswer, head: string | null, budget: number) {
  const text = new BudgetedText(budget);
  if (head !== null) text.addCut(head, HEAD_SHARE);
  const { files: all = [] } = found;
  const commits = new Set<string>();
  // So that no file hides the others: few files share the page, and of one nothing is hidden.
  const share = Math.floor(LINES_MAX / Math.max(1, all.length));
  const linesMax = all.length === 1 ? Infinity : Math.max(LINES_OF_A_FILE_MIN, share);
  const files = all.flatMap((file): SearchFile[] => {
    const best = file.matches.slice(0, linesMax);
    const rest = file.matches.length - best.length;
    const lines = best.map(({ line, text: source, enclosing }) =>
      `${line}: ${cutLine(source)}${enclosing === null ? "" : `  in ${enclosing.name}`}`
    );
    const more = rest > 0
      ? [`… ${rest} more here: add path:${JSON.stringify(file.path)} to see them`]
      : [];
    const shown = addFile(text, commits, `${file.repository} ${file.path}`, [file], [
      ...lines,
      ...more,
    ]);
    const matches = best.slice(0, shown).map((each) => ({ ...each, text: cutLine(each.text) }));
    return matches.length === 0 ? [] : [{ ...file, matches }];
  });
  const shown = files.reduce((sum, { matches }) => sum + matches.length, 0);
  return { text, shown, answer: { ...found, files } };
}

const searchCode = defineTool({
  name: "search_code",
  title: "Search code",
  description:
    'Lines of code that satisfy a query, over all repositories at once, by file, the best files first, each line with the definition around it. The query: words and "quoted phrases" are substrings that a file must all have; /regex/ is RE2 within a line; path:src/ lang:go repo:acme restrict; ref:release asks another branch that is indexed; sym:Parser finds definitions whose name holds it, kind:class those of a kind; -word or -path:test excludes; a or b, with (parentheses), is either. Without a capital letter case does not count; case:yes makes it. count:20 ends after 20 lines. Quote whatever has spaces or parentheses: "foo(bar)". With literal=true the query is one text as it is, like grep -F. For where a name is defined use find_definitions.',
  parameters: toolParameters({
    query: z.string().min(1).describe('As in: "retry after" lang:ts -path:test'),
    literal: z.boolean().default(false).describe("Take the query as one exact text."),
    repository: repositoryParameter,
    token_budget: tokenBudget,
    cursor: cursorParameter,
  }),
  isReadOnly: true,
  async run(api, { query: q, literal, token_budget: budget, ...scope }) {
    const asked = { q, mode: literal ? "literal" : "query", repository: scope.repository };
    const ask = (limit: number) =>
      api.get("/search", { ...asked, cursor: scope.cursor, view: "files", limit }, searchAnswer);
    const limitMax = Math.min(LINES_MAX, linesWithin(budget));
    const first = await ask(limitMax);
    // Counting all reads more than finding the first: only where there is more than this page.
    const counted = first.next_cursor === null || scope.cursor !== undefined
      ? null
      : await api.get("/search", { ...asked, limit: 1, facets: true }, searchAnswer);
    const head = counted === null ? null : extent(counted);
    const page = await pageThatFits(
      limitMax,
      (limit) => limit === limitMax ? Promise.resolve(first) : ask(limit),
      (found) => showFiles(found, head, budget),
    );
    const total = counted === null ? {} : { total: counted.total };
    const structured = { ...page.answer, ...total };
    return { text: answerEnd(page.text, page.answer, page.shown, "line"), structured };
  },
});

const findDefinitions = defineTool({
  name: "find_definitions",
  title: "Find definitions",
  description:
    "Where a function, class, type, method or constant of a name is defined, with its signature, the likeliest first. Takes parts of names, initials (gUN for getUserName) and misspellings too. Faster and surer than searching for the text.",
  parameters: toolParameters({
    name: z.string().min(1),
    match: z.enum([...nameMatches, "auto"]).default("auto")
      .describe("auto tries all, best first; exact when you know the whole name."),
    kind: z.enum(SYMBOL_KINDS).optional().describe("Only definitions of this kind."),
    path: z.string().optional().describe("Only where paths begin with this."),
    repository: repositoryParameter,
    ref: refParameter,
    token_budget: tokenBudget,
  }),
  isReadOnly: true,
  async run(api, { token_budget: budget, ...parameters }) {
    const answer = await api.get(
      "/definitions",
      { ...parameters, limit: DEFINITIONS_MAX },
      definitionsAnswer,
    );
    const text = new BudgetedText(budget);
    const exact = answer.definitions.filter(({ match }) => match === "exact");
    // Whoever knows the name is not shown whatever else is like it, but for the names.
    const shown = exact.length > 0 ? exact : answer.definitions;
    const definitions = addByFile(text, shown, ({ line, kind, signature, container, match }) => {
      const inside = container === null ? "" : `  in ${container}`;
      const note = match === "exact" ? "" : `  (${match} match)`;
      return `${line}: ${kind}  ${cutLine(signature)}${inside}${note}`;
    });
    const similar = new Set(
      answer.definitions.filter((each) => !shown.includes(each))
        .map(({ name }) => name),
    );
    if (similar.size > 0) {
      text.add(`Names like it: ${[...similar].slice(0, SIMILAR_NAMES_MAX).join(", ")}`);
    }
    const whole = { ...answer, definitions, next_cursor: null };
    const state = text.isCut ? cutShort(whole) : whole;
    if (shown.length === 0) text.add(adviceFor(parameters));
    const end = answerEnd(text, state, definitions.length, "definition");
    return { text: end, structured: state };
  },
});

/** What to try when there is no definition. */
function adviceFor({ name, match }: { readonly name: string; readonly match: string }): string {
  const last = /[.:#/]+([^.:#/]+)$/.exec(name)?.[1];
  if (last !== undefined) return `Names are without their class or module: try ${last}.`;
  // auto has tried these already.
  const others = match === "auto" ? "" : "match=auto, ";
  return `Try ${others}a shorter name, or search_code for the text.`;
}

function showReferences(answer: ReferencesAnswer, budget: number) {
  const text = new BudgetedText(budget);
  const references = addByFile(
    text,
    answer.references,
    ({ line, role, enclosing, text: source }) => {
      const inside = enclosing === null ? "" : `  in ${enclosing}`;
      return `${line}: ${role}${inside}  ${cutLine(source)}`;
    },
  ).map((each) => ({ ...each, text: cutLine(each.text) }));
  if (answer.other_files.length > 0) {
    text.add(`Only mentioned in: ${answer.other_files.join(", ")}`);
  }
  if (answer.renaming_files.length > 0) {
    const files = answer.renaming_files.join(", ");
    text.add(
      `Exported under another name by: ${files}. Ask with defined_in for uses by that name.`,
    );
  }
  const others = text.isCut ? [] : answer.other_files;
  const renaming = text.isCut ? [] : answer.renaming_files;
  const unread = text.addAll(
    answer.unread_files.map(({ path, reason }) => `Not read for references (${reason}): ${path}`),
  );
  const shown = {
    ...answer,
    references,
    other_files: others,
    renaming_files: renaming,
    unread_files: answer.unread_files.slice(0, unread),
  };
  return { text, shown: references.length, answer: shown };
}

const findReferences = defineTool({
  name: "find_references",
  title: "Find references",
  description:
    "Where a name is used: calls, types, imports, with the function around each use. Comments and strings do not count; files that only mention the word are listed by path. Uses by the name that an import gives it (`as`) count too. With defined_in the files that import that definition come first, and default imports under any name are found.",
  parameters: toolParameters({
    name: z.string().min(1).describe("As it is written, without its module or class."),
    role: z.enum(referenceRoles).optional(),
    path: z.string().optional().describe("Only where paths begin with this."),
    defined_in: z.string().optional().describe("The file of the definition you mean."),
    repository: repositoryParameter,
    ref: refParameter,
    token_budget: tokenBudget,
    cursor: cursorParameter,
  }),
  isReadOnly: true,
  async run(api, { token_budget: budget, ...parameters }) {
    const page = await pageThatFits(
      Math.min(REFERENCES_MAX, linesWithin(budget)),
      (limit) => api.get("/references", { ...parameters, limit }, referencesAnswer),
      (answer) => showReferences(answer, budget),
    );
    const end = answerEnd(page.text, page.answer, page.shown, "reference");
    return { text: end, structured: page.answer };
  },
});

/** The tools that find code. */
export const searchTools: readonly Tool[] = [searchCode, findDefinitions, findReferences];
