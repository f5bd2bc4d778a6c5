/**
 * GET /search: lines that satisfy a query, or that contain a text.
 */
import { z } from "zod";
import { CONTEXT_LINES_MAX, QUERY_UNITS_MAX } from "../../_shared/contracts/limits.ts";
import {
  type SearchAnswer,
  searchAnswer,
  searchModes,
  searchViews,
} from "../../_shared/contracts/search.ts";
import { type Query } from "../../_shared/query/expression.ts";
import { parseQuery } from "../../_shared/query/parse_query.ts";
import { cursorExpired } from "../../_shared/runtime/cursor.ts";
import { type Answer } from "../../_shared/runtime/http.ts";
import { pageParameters, readParameters, text } from "../../_shared/runtime/parameters.ts";
import { notFound, ProblemError } from "../../_shared/runtime/problem.ts";
import { incompleteReason } from "../completeness.ts";
import { type ApiRequest, type ApiRoute, openPage } from "../context.ts";
import { describeMistake } from "./query_mistake.ts";
import { repositoryFilter } from "../repository_filter.ts";
import { runSearch } from "./search_engine.ts";
import { type SearchOutcome, searchPosition } from "./search_run.ts";
import { showFiles, showLines } from "./search_views.ts";

const yes = (description: string) =>
  z.enum(["true", "false"]).transform((value) => value === "true").default(false)
    .meta({ type: "boolean", enum: undefined, description });
const contextLines = z.string().regex(/^\d{1,2}$/, "must be a whole number").transform(Number)
  .refine((value) => value <= CONTEXT_LINES_MAX, `must be at most ${CONTEXT_LINES_MAX}`)
  .default(0)
  .meta({
    type: "integer",
    minimum: 0,
    maximum: CONTEXT_LINES_MAX,
    pattern: undefined,
    description: "Lines before and after each match, in view=files.",
  });

const searchParameters = z.strictObject({
  ...pageParameters,
  q: z.string().optional().describe(
    'A query: words and "phrases" are substrings that a file must all have, /regex/ is RE2 within a ' +
      "line; repo:acme path:src/ lang:go ref:release restrict, sym:Parser kind:class are definitions; " +
      "-not, or, ( ); case:yes, count:20. A mistake is answered with its place.",
  ),
  mode: z.enum(searchModes).default("query").describe("literal: q is one line of text as it is."),
  repository: text.optional().describe("Only in this one: its name or id."),
  view: z.enum(searchViews).default("lines")
    .describe("files: by file, with all ranges, context and the definition around each line."),
  context: contextLines,
  explain: yes("The parts of each file's score."),
  facets: yes("Lines by repository, language and folder, on the first page."),
});

/** What is searched for: one line. A carriage return is a character like any other. */
export function readNeedle(q: string | undefined): string {
  const problem = (detail: string) => new ProblemError("invalid_query", `q: ${detail}.`);
  if (q === undefined) throw problem("is missing or empty");
  if (q.length > QUERY_UNITS_MAX) throw problem(`is longer than ${QUERY_UNITS_MAX} units`);
  if (q.includes("\n")) throw problem("has a line break");
  // U+0000 is stored as U+FFFD, so that nothing could match.
  if (q.includes("\u0000")) throw problem("contains U+0000");
  return q;
}

/** The query that q means; throws invalid_query, which says where it went wrong. */
export function readQuery(q: string | undefined, mode: (typeof searchModes)[number]): Query {
  const given = readNeedle(q);
  if (mode === "literal") {
    const pattern = { kind: "literal", text: given } as const;
    return { expression: { kind: "text", pattern }, caseSensitive: null, count: null };
  }
  const parsed = parseQuery(given);
  if ("query" in parsed) return parsed.query;
  throw new ProblemError("invalid_query", describeMistake(given, parsed.mistake));
}

type Parameters = z.infer<typeof searchParameters>;

/** An answer of ours, which was checked when it was made. */
const keptAnswer = z.looseObject({});

async function search(request: ApiRequest): Promise<Answer> {
  const parameters = readParameters(request.request, searchParameters);
  const { mode, view, context } = parameters;
  const query = readQuery(parameters.q, mode);
  const { allowedGitHosts, database, keptChunks, keptPages, reads, now } = request.dependencies;
  const repository = repositoryFilter(parameters.repository, allowedGitHosts);
  const scope = ["search", mode, parameters.q ?? "", repository, view, String(context)];
  const list = await openPage(request, parameters, scope, searchPosition);
  const { position } = list;
  const { tenantId } = request.caller;
  const question = JSON.stringify([tenantId, { ...parameters, cursor: position }]);
  const kept = keptPages.of(question);
  const shown = position === null ? 0 : position.seen + position.skip;
  // A later page does not read what was shown before, so that it could not count all.
  const facets = parameters.facets && position === null;
  const wanted = Math.min(parameters.limit, (query.count ?? Infinity) - shown);
  const found = await runSearch({ database, keptChunks, reads, now }, {
    tenantId,
    repository,
    query,
    wishes: { context: context > 0, enclosing: view === "files" },
    position,
    limit: wanted,
    countsAll: facets,
    state: kept?.state ?? null,
  });
  switch (found.outcome) {
    case "not_found":
      throw notFound();
    case "cursor_expired":
      throw cursorExpired();
    case "unchanged": {
      const answer = keptAnswer.parse(JSON.parse(kept?.json ?? ""));
      const next_cursor = await list.nextCursor(kept?.next ?? null);
      return { status: 200, body: { ...answer, next_cursor } };
    }
    case "ok": {
      const isCounted = query.count !== null && shown + found.lines.length >= query.count;
      const next = isCounted ? null : found.next;
      // Who has as many as the query wishes for misses nothing; total says whether there are more.
      const reason = isCounted ? null : found.reason;
      const shows = { ...parameters, facets };
      const answer = toAnswer({ ...found, reason }, shows, await list.nextCursor(next));
      const { state } = found;
      if (state !== null) keptPages.keep(question, { state, json: JSON.stringify(answer), next });
      return { status: 200, body: answer };
    }
  }
}

function toAnswer(
  { lines, reason, total, facets, scope }: Extract<SearchOutcome, { outcome: "ok" }>,
  { view, context, explain, facets: withFacets }: Parameters,
  nextCursor: string | null,
): SearchAnswer {
  const incomplete = incompleteReason({ reason, ...scope });
  return {
    matches: view === "lines" ? showLines(lines, explain) : [],
    ...(view === "files"
      ? { files: showFiles(lines, { contextLines: context, explains: explain }) }
      : {}),
    total,
    ...(withFacets ? { facets } : {}),
    complete: incomplete === null,
    incomplete_reason: incomplete,
    next_cursor: nextCursor,
  };
}

export const searchRoutes: readonly ApiRoute[] = [
  {
    method: "GET",
    path: "/api/search",
    handle: search,
    description: {
      summary: "The lines that satisfy a query, or that contain a text, the best first",
      parameters: searchParameters,
      requires: ["q"],
      answers: { 200: searchAnswer },
    },
  },
];
