/**
 * GET /search: lines that contain a literal. Plans the query; the database finds the lines.
 */
import { z } from "zod";
import { QUERY_UNITS_MAX } from "../_shared/contracts/limits.ts";
import {
  cutText,
  type IncompleteReason,
  type SearchAnswer,
  searchAnswer,
  searchModes,
} from "../_shared/contracts/search.ts";
import { cursorExpired } from "../_shared/runtime/cursor.ts";
import { type SearchPlan } from "../_shared/runtime/database_index_functions.ts";
import { type Answer } from "../_shared/runtime/http.ts";
import { pageParameters, readParameters, text } from "../_shared/runtime/parameters.ts";
import { notFound, ProblemError } from "../_shared/runtime/problem.ts";
import { constraintGrams, planLiteral } from "../_shared/text/literal.ts";
import { type ApiRequest, type ApiRoute, openPage } from "./context.ts";
import { repositoryFilter } from "./repository_filter.ts";

const searchParameters = z.strictObject({
  ...pageParameters,
  q: z.string().optional(),
  mode: z.enum(searchModes).default("literal"),
  repository: text.optional(),
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

/** The plan in the form that api.search_literal takes. */
export function toSearchPlan(needle: string): SearchPlan {
  const plan = planLiteral(needle);
  return {
    // Without upper case the needle is its own folded form.
    needle: plan.needle,
    case_sensitive: plan.caseSensitive,
    translate_from: plan.translate.from,
    translate_to: plan.translate.to,
    constraints: plan.constraints.map((constraint) => ({
      ...constraint,
      grams: constraintGrams(constraint),
    })),
  };
}

/** Where a page ended; bigints arrive as numbers or as digits. */
const bigint = z.union([z.int().nonnegative(), z.string().regex(/^\d{1,15}$/)]);
export const treePosition = {
  tree: bigint,
  generation: bigint,
  path: z.string().regex(/^(?:[0-9a-f]{2})+$/),
};
/** Other keys pass: only the SQL function that wrote them reads them. */
const searchPosition = z.object({ ...treePosition, line: z.int() }).catchall(z.json());

interface Scope {
  readonly reason: "page_full" | "work_budget" | null;
  readonly unindexed: number;
  readonly skipped: number;
  readonly access_lost: number;
}

/** What is missing from an answer, the gravest first; null when nothing is. */
export function incompleteReason(
  { reason, unindexed, skipped, access_lost: accessLost }: Scope,
): IncompleteReason | null {
  if (unindexed > 0) return "not_indexed";
  if (reason === "work_budget") return "work_budget";
  if (reason === "page_full") return "more_results";
  if (accessLost > 0) return "access_lost";
  return skipped > 0 ? "skipped_files" : null;
}

async function search(request: ApiRequest): Promise<Answer> {
  const parameters = readParameters(request.request, searchParameters);
  if (parameters.mode === "query") {
    throw new ProblemError("mode_not_supported", "mode: only literal is supported so far.");
  }
  const needle = readNeedle(parameters.q);
  const { allowedGitHosts, database } = request.dependencies;
  const repository = repositoryFilter(parameters.repository, allowedGitHosts);
  const scope = ["search", needle, repository];
  const list = await openPage(request, parameters, scope, searchPosition);
  const answer = await database.searchLiteral(list.page, toSearchPlan(needle), repository);
  switch (answer.outcome) {
    case "not_found":
      throw notFound();
    case "cursor_expired":
      throw cursorExpired();
    case "ok": {
      const reason = incompleteReason(answer);
      const body: SearchAnswer = {
        matches: answer.matches.map(({ text: line, ...place }) => ({
          ...place,
          // Folding keeps lengths, so what was found is as long as what was asked for.
          length: needle.length,
          text: cutText(line),
        })),
        complete: reason === null,
        incomplete_reason: reason,
        next_cursor: await list.nextCursor(answer.next_cursor),
      };
      return { status: 200, body };
    }
  }
}

export const searchRoutes: readonly ApiRoute[] = [
  {
    method: "GET",
    path: "/api/search",
    handle: search,
    description: {
      summary: "The lines that contain a text",
      parameters: searchParameters,
      answers: { 200: searchAnswer },
    },
  },
];
