/**
 * GET /symbols: definitions by name, as written or by a part of it.
 */
import { z } from "zod";
import { SYMBOL_NAME_UNITS_MAX } from "../../_shared/contracts/limits.ts";
import {
  type SymbolDefinition,
  symbolMatches,
  type SymbolsAnswer,
  symbolsAnswer,
} from "../../_shared/contracts/symbols.ts";
import { cursorExpired } from "../../_shared/runtime/cursor.ts";
import { type FoundSymbol } from "../../_shared/runtime/database_answers.ts";
import { type SymbolQuery } from "../../_shared/runtime/database_index_functions.ts";
import { type Answer } from "../../_shared/runtime/http.ts";
import { pageParameters, readParameters, text } from "../../_shared/runtime/parameters.ts";
import { type OutlineOf } from "../../_shared/runtime/outlines.ts";
import { notFound, ProblemError } from "../../_shared/runtime/problem.ts";
import { fold } from "../../_shared/text/fold.ts";
import { incompleteReason } from "../completeness.ts";
import { type ApiRequest, type ApiRoute, openPage } from "../context.ts";
import { treePosition } from "../indexed_tree.ts";
import { readRef } from "../ref.ts";
import { repositoryFilter } from "../repository_filter.ts";

const symbolParameters = z.strictObject({
  ...pageParameters,
  name: text.max(SYMBOL_NAME_UNITS_MAX).optional(),
  match: z.enum(symbolMatches).default("exact"),
  repository: text.optional(),
  ref: z.string().optional(),
});

const symbolPosition = z.strictObject({
  ...treePosition,
  // Empty where a page begins with a tree.
  path: z.union([treePosition.path, z.literal("")]),
  symbol_no: z.int32(),
  /** Whether a page before has left something out that it should have had. */
  lacking: z.boolean().default(false),
});

/** The query in the form that api.search_symbols takes. */
export function toSymbolQuery(name: string, match: SymbolQuery["match"]): SymbolQuery {
  const folded = fold(name);
  return {
    name,
    name_folded: folded,
    match,
    case_sensitive: folded !== name,
  };
}

/** What was found, with what the outlines say of it. */
function withDetails(found: readonly FoundSymbol[], outlineOf: OutlineOf): SymbolDefinition[] {
  return found.map(({ symbol_no, blob, ...symbol }) => {
    const definition = outlineOf(blob).definitions[symbol_no];
    if (definition === undefined) throw new Error(`no definition ${symbol_no} in ${blob}`);
    return {
      ...symbol,
      line: definition.startLine,
      column: definition.startColumn,
      end_line: definition.endLine,
      container: definition.container,
      signature: definition.signature,
    };
  });
}

async function searchSymbols(request: ApiRequest): Promise<Answer> {
  const parameters = readParameters(request.request, symbolParameters);
  const { name, match } = parameters;
  if (name === undefined) {
    throw new ProblemError("invalid_parameter", "name: is missing or empty");
  }
  const { allowedGitHosts } = request.dependencies;
  const repository = repositoryFilter(parameters.repository, allowedGitHosts);
  const ref = readRef(parameters.ref);
  const scope = ["symbols", name, match, repository, ref];
  const list = await openPage(request, parameters, scope, symbolPosition);
  const { database, outlines } = request.dependencies;
  const query = toSymbolQuery(name, match);
  const answer = await database.searchSymbols(list.page, query, { repository, ref });
  switch (answer.outcome) {
    case "not_found":
      throw notFound();
    case "cursor_expired":
      throw cursorExpired();
    case "ok": {
      const reason = incompleteReason({
        reason: answer.stopped ? "work_budget" : answer.next_cursor === null ? null : "page_full",
        unindexed: answer.unindexed,
        symbols_pending: answer.symbols_pending,
        access_lost: answer.access_lost,
        skipped: 0,
      });
      const blobs = answer.symbols.map(({ blob }) => blob);
      const outlineOf = await outlines.of(request.caller.tenantId, blobs);
      const body: SymbolsAnswer = {
        symbols: withDetails(answer.symbols, outlineOf),
        complete: reason === null,
        incomplete_reason: reason,
        next_cursor: await list.nextCursor(answer.next_cursor),
      };
      return { status: 200, body };
    }
  }
}

export const symbolRoutes: readonly ApiRoute[] = [
  {
    method: "GET",
    path: "/api/symbols",
    handle: searchSymbols,
    description: {
      summary: "Definitions by name, as written or by a part of it",
      parameters: symbolParameters,
      requires: ["name"],
      answers: { 200: symbolsAnswer },
    },
  },
];
