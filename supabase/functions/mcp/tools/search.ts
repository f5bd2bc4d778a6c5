/**
 * The tool that finds code by text.
 */
import { z } from "zod";
import {
  cutAround,
  type SearchAnswer,
  searchAnswer,
  type SearchFile,
} from "../../_shared/contracts/search.ts";
import { BudgetedText, linesWithin } from "../token_budget.ts";
import { defineTool, type Tool, toolParameters } from "../tool.ts";
import { addFile, LINE_UNITS_MAX } from "./by_file.ts";
import {
  answerEnd,
  cursorParameter,
  HEAD_SHARE,
  pageThatFits,
  repositoryParameter,
  tokenBudget,
} from "./shape.ts";

/** Lines of a page: about what the budget holds when nothing is asked for. */
const LINES_MAX = 100;
/** Lines of one file that are shown beside however many others. */
const LINES_OF_A_FILE_MIN = 10;
/** With less there is no room to say how much there is beyond the page. */
const COUNTED_TOKENS_MIN = 500;
const FACET_VALUES_MAX = 6;

type FileMatch = SearchFile["matches"][number];
type Facet = NonNullable<SearchAnswer["facets"]>["language"][number];

/** A line around its first match, as a program gets it too. */
function cutMatch(match: FileMatch): FileMatch {
  const { text, text_column: column, ranges: [first] } = match;
  const place = first === undefined ? null : { ...first, start: first.column - column };
  const part = cutAround(text, place, LINE_UNITS_MAX);
  const start = column + part.start;
  const end = start + part.text.length;
  const ranges = match.ranges.filter((each) => each.column >= start && each.column <= end);
  return { ...match, text: part.text, text_column: start, ranges };
}

/** `12: the line  in its function`; of a line that is cut the column of the match too. */
function matchLine(match: FileMatch, { text, text_column, ranges, enclosing }: FileMatch): string {
  const isCut = match.text_column + match.text.length > text_column + text.length;
  const column = text_column > 1 ? `:${ranges[0]?.column ?? text_column}` : "";
  const source = `${text_column > 1 ? "…" : ""}${text.trim()}${isCut ? "…" : ""}`;
  const inside = enclosing === null ? "" : `  in ${enclosing.name}`;
  return `${match.line}${column}: ${source}${inside}`;
}

/** `TypeScript 120, Go 8`, of what has most. */
function facetLine(name: string, values: readonly Facet[]): string[] {
  if (values.length < 2) return [];
  // Files of no language that is known have an empty one.
  const named = values.filter(({ value }) => value !== "");
  const shown = named.slice(0, FACET_VALUES_MAX).map(({ value, count }) => `${value} ${count}`);
  const rest = named.length > FACET_VALUES_MAX ? ", …" : "";
  return [`By ${name}: ${shown.join(", ")}${rest}`];
}

/** How much there is beyond the page, and where, so that the next query can be narrower. */
function extent({ total, facets }: SearchAnswer): string[] {
  const atLeast = total.is_lower_bound ? "At least " : "";
  const { repository = [], language = [], folder = [] } = facets ?? {};
  return [
    `${atLeast}${total.count} matching lines in all; narrow with path:, lang: or repo:.`,
    ...facetLine("repository (repo:)", repository),
    ...facetLine("language (lang:)", language),
    ...facetLine("folder (path:)", folder),
  ];
}

/** A page of files with their best lines, and how many more of a file are on this page. */
function showFiles(found: SearchAnswer, head: readonly string[], budget: number) {
  const text = new BudgetedText(budget, found.next_cursor);
  for (const line of head) text.addCut(line, HEAD_SHARE / head.length);
  const { files: all = [] } = found;
  const commits = new Set<string>();
  // So that no file hides the others: few files share the page, and of one nothing is hidden.
  const share = Math.floor(LINES_MAX / Math.max(1, all.length));
  const linesMax = all.length === 1 ? Infinity : Math.max(LINES_OF_A_FILE_MIN, share);
  const files = all.flatMap((file): SearchFile[] => {
    const whole = file.matches.slice(0, linesMax);
    const best = whole.map(cutMatch);
    const rest = file.matches.length - best.length;
    const lines = whole.map((match, index) => matchLine(match, best[index] ?? match));
    const more = rest > 0
      ? [`… ${rest} more here: add path:${JSON.stringify(file.path)} to see them`]
      : [];
    const shown = addFile(text, commits, `${file.repository} ${file.path}`, [file], [
      ...lines,
      ...more,
    ]);
    const matches = best.slice(0, shown);
    return matches.length === 0 ? [] : [{ ...file, matches }];
  });
  const shown = files.reduce((sum, { matches }) => sum + matches.length, 0);
  return { text, shown, answer: { ...found, files } };
}

const searchCode = defineTool({
  name: "search_code",
  title: "Search code",
  description:
    'Lines of code that satisfy a query, over all repositories at once, by file, the best files first, each line with the definition around it. The query: words and "quoted phrases" are substrings that a file must all have; /regex/ is RE2 within a line; path:src/ lang:go repo:acme restrict; ref:release asks another branch that is indexed; sym:Parser finds definitions whose name holds it, kind:class those of a kind; -word or -path:test excludes; a or b, with (parentheses), is either; there is no AND or NOT. Without a capital letter case does not count; case:yes makes it. count:20 ends after 20 lines. Quote whatever has spaces or parentheses: "foo(bar)". With literal=true the query is one text as it is, like grep -F. For where a name is defined use find_definitions.',
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
    const isPart = first.next_cursor !== null && scope.cursor === undefined;
    const counted = !isPart || budget < COUNTED_TOKENS_MIN
      ? null
      : await api.get("/search", { ...asked, limit: 1, facets: true }, searchAnswer);
    const head = counted === null ? [] : extent(counted);
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

/** The tools that find text. */
export const searchTools: readonly Tool[] = [searchCode];
