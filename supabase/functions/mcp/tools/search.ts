/**
 * Tools that find code: by text, definitions by name, and the uses of a name.
 */
import { z } from "zod";
import {
  definitionsAnswer,
  nameMatches,
  referenceRoles,
  referencesAnswer,
} from "../../_shared/contracts/navigation.ts";
import {
  type SearchAnswer,
  searchAnswer,
  type SearchFile,
} from "../../_shared/contracts/search.ts";
import { BudgetedText } from "../token_budget.ts";
import { defineTool, type Tool, toolParameters } from "../tool.ts";
import {
  answerEnd,
  commitLine,
  cursorParameter,
  repositoryParameter,
  tokenBudget,
} from "./shape.ts";

/** The likeliest definitions are enough to choose from. */
const DEFINITIONS_MAX = 20;
/** Names that are like the one asked for, in one line. */
const SIMILAR_NAMES_MAX = 8;

/** Lines of a page: about what the budget holds when nothing is asked for. */
const LINES_MAX = 100;
/** Lines of one file that are shown, so that no file hides the others. */
const LINES_OF_A_FILE_MAX = 10;
/** Of a line, in UTF-16 units: minified ones say nothing more. */
const LINE_UNITS_MAX = 240;
const FACET_VALUES_MAX = 6;

type Facet = NonNullable<SearchAnswer["facets"]>["language"][number];

interface Placed {
  readonly repository: string;
  readonly path: string;
  readonly commit_oid: string | null;
}

/** One block a file: a heading with its path, then its lines; and the commits they speak of. */
function addByFile<Item extends Placed>(
  text: BudgetedText,
  items: readonly Item[],
  line: (item: Item) => string,
): void {
  const files = Map.groupBy(items, ({ repository, path }) => `${repository} ${path}`);
  for (const commit of new Set(items.map(commitLine))) text.add(commit);
  for (const [file, found] of files) text.add([file, ...found.map(line)].join("\n"));
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

/** A file with its best lines, and how many more of it are on this page. */
function fileBlock({ repository, path, matches }: SearchFile): string {
  const shown = matches.slice(0, LINES_OF_A_FILE_MAX);
  const rest = matches.length - shown.length;
  return [
    `${repository} ${path}`,
    ...shown.map(({ line, text, enclosing }) => {
      const source = text.trim();
      const cut = source.length > LINE_UNITS_MAX ? `${source.slice(0, LINE_UNITS_MAX)}…` : source;
      return `${line}: ${cut}${enclosing === null ? "" : `  in ${enclosing.name}`}`;
    }),
    ...(rest > 0 ? [`… ${rest} more here`] : []),
  ].join("\n");
}

const searchCode = defineTool({
  name: "search_code",
  title: "Search code",
  description:
    'Lines of code that satisfy a query, over all repositories at once, by file, the best files first, each line with the definition around it. The query: words and "quoted phrases" are substrings that a file must all have; /regex/ is RE2 within a line; path:src/ lang:go repo:acme restrict; sym:Parser finds definitions whose name holds it; -word or -path:test excludes; a or b, with (parentheses), is either. Without a capital letter case does not count. Quote whatever has spaces or parentheses: "foo(bar)". With literal=true the query is one text as it is, like grep -F. For where a name is defined use find_definitions.',
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
    const page = { ...asked, cursor: scope.cursor, view: "files", limit: LINES_MAX };
    const found = await api.get("/search", page, searchAnswer);
    // Counting all reads more than finding the first: only where there is more than this page.
    const counted = found.next_cursor === null || scope.cursor !== undefined
      ? null
      : await api.get("/search", { ...asked, limit: 1, facets: true }, searchAnswer);
    const answer = counted === null
      ? found
      : { ...found, total: counted.total, facets: counted.facets };
    const { files = [] } = answer;
    const text = new BudgetedText(budget);
    // Before the files, since these may use the budget up.
    if (counted !== null) text.add(extent(answer));
    for (const commit of new Set(files.map(commitLine))) text.add(commit);
    for (const file of files) text.add(fileBlock(file));
    const lines = files.reduce((sum, { matches }) => sum + matches.length, 0);
    return { text: answerEnd(text, answer, lines, "line"), structured: answer };
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
    kind: z.string().optional().describe("Only this kind: function, class, method, interface, …"),
    path: z.string().optional().describe("Only where paths begin with this."),
    repository: repositoryParameter,
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
    addByFile(text, shown, ({ line, kind, signature, container, match }) => {
      const inside = container === null ? "" : `  in ${container}`;
      const note = match === "exact" ? "" : `  (${match} match)`;
      return `${line}: ${kind}  ${signature}${inside}${note}`;
    });
    const similar = new Set(
      answer.definitions.filter((each) => !shown.includes(each))
        .map(({ name }) => name),
    );
    if (similar.size > 0) {
      text.add(`Names like it: ${[...similar].slice(0, SIMILAR_NAMES_MAX).join(", ")}`);
    }
    const state = { ...answer, next_cursor: null };
    const end = answerEnd(text, state, shown.length, "definition");
    return { text: end, structured: answer };
  },
});

const findReferences = defineTool({
  name: "find_references",
  title: "Find references",
  description:
    "Where a name is used: calls, types, imports, with the function around each use. Comments and strings do not count; files that only mention the word are listed by path. With defined_in the files that import that definition come first.",
  parameters: toolParameters({
    name: z.string().min(1).describe("As it is written, without its module or class."),
    role: z.enum(referenceRoles).optional(),
    path: z.string().optional().describe("Only where paths begin with this."),
    defined_in: z.string().optional().describe("The file of the definition you mean."),
    repository: repositoryParameter,
    token_budget: tokenBudget,
    cursor: cursorParameter,
  }),
  isReadOnly: true,
  async run(api, { token_budget: budget, ...parameters }) {
    const answer = await api.get("/references", parameters, referencesAnswer);
    const text = new BudgetedText(budget);
    addByFile(text, answer.references, ({ line, role, enclosing, text: source }) => {
      const inside = enclosing === null ? "" : `  in ${enclosing}`;
      return `${line}: ${role}${inside}  ${source.trim()}`;
    });
    if (answer.other_files.length > 0) {
      text.add(`Only mentioned in: ${answer.other_files.join(", ")}`);
    }
    const end = answerEnd(text, answer, answer.references.length, "reference");
    return { text: end, structured: answer };
  },
});

/** The tools that find code. */
export const searchTools: readonly Tool[] = [searchCode, findDefinitions, findReferences];
