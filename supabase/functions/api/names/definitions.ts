/**
 * GET /definitions and GET /definitions/at: definitions by a name or a part of it, and those of the name
 * under a position of a file; the likeliest first, with why.
 */
import { z } from "zod";
import { SYMBOL_NAME_UNITS_MAX } from "../../_shared/contracts/limits.ts";
import {
  type DefinitionsAnswer,
  definitionsAnswer,
  type DefinitionsAtAnswer,
  definitionsAtAnswer,
  nameMatches,
} from "../../_shared/contracts/navigation.ts";
import { type Scope } from "../../_shared/runtime/database_index_functions.ts";
import { type Answer } from "../../_shared/runtime/http.ts";
import { pageLimit, readParameters, text } from "../../_shared/runtime/parameters.ts";
import { notFound } from "../../_shared/runtime/problem.ts";
import { SYMBOL_KINDS } from "../../_shared/segment/symbol_kinds.ts";
import { qualifiedName } from "../../_shared/text/qualified_name.ts";
import { type ApiRequest, type ApiRoute } from "../context.ts";
import { findRanked, type FoundNames, type WantedName } from "./definition_ranking.ts";
import { graphOfTree } from "../graph/graph_request.ts";
import {
  lineNumber,
  pathParameter,
  readRepository,
  required,
  treeParameters,
} from "../indexed_tree.ts";
import { nameQueries } from "./name_queries.ts";
import { findOwned, NAME_DESCRIPTION, type OwnedNames } from "./owned_names.ts";
import { readRef } from "../ref.ts";
import { repositoryFilter } from "../repository_filter.ts";
import { findUnderPosition, mayBeLocal } from "./under_position.ts";

const definitionsParameters = z.strictObject({
  name: text.max(SYMBOL_NAME_UNITS_MAX).optional().meta({ description: NAME_DESCRIPTION }),
  match: z.enum([...nameMatches, "auto"]).default("auto").meta({
    description: "auto tries all in this order, fuzzy only when the others find nothing.",
  }),
  kind: z.enum(SYMBOL_KINDS).optional(),
  path: pathParameter.optional().meta({ description: "What the paths begin with." }),
  repository: text.optional(),
  ref: z.string().optional(),
  limit: pageLimit,
});
const positionParameters = z.strictObject({
  ...treeParameters,
  path: pathParameter.optional(),
  line: lineNumber.optional(),
  column: lineNumber.optional(),
  limit: pageLimit,
});

/** What is missing from an answer without pages. */
function bounds(
  found: { readonly isUnindexed: boolean; readonly isPending: boolean },
  isCut: boolean,
  isFull: boolean,
) {
  const reason = found.isUnindexed
    ? "not_indexed"
    : found.isPending
    ? "symbols_pending"
    : isCut
    ? "work_budget"
    : isFull
    ? "more_results"
    : null;
  return { complete: reason === null, incomplete_reason: reason } as const;
}

/** What was found, else what has the last part of the name and is in what stands before it. */
async function foundOrOwned(
  request: ApiRequest,
  scope: Scope,
  { name = "", match, limit }: z.infer<typeof definitionsParameters>,
  narrowed: Pick<WantedName, "kind" | "prefix">,
  found: FoundNames,
): Promise<FoundNames & Pick<OwnedNames, "isInherited">> {
  const isFound = found.definitions.some((each) => each.match === "exact");
  const qualified = isFound || (match !== "auto" && match !== "exact") ? null : qualifiedName(name);
  const inner = qualified === null ? null : await findOwned(request, scope, qualified, narrowed);
  if (inner === null) return { ...found, isInherited: false };
  const { owned, isInherited, found: { isCut, isStopped } } = inner;
  return owned.length === 0
    ? {
      ...found,
      isInherited,
      isCut: found.isCut || isCut,
      isStopped: found.isStopped || isStopped,
    }
    : {
      ...inner.found,
      isInherited,
      definitions: owned.slice(0, limit),
      isCut: isCut || owned.length > limit,
    };
}

async function listDefinitions(request: ApiRequest): Promise<Answer> {
  const parameters = readParameters(request.request, definitionsParameters);
  const { allowedGitHosts } = request.dependencies;
  const name = required(parameters.name, "name");
  const scope = {
    repository: repositoryFilter(parameters.repository, allowedGitHosts),
    ref: readRef(parameters.ref),
  };
  const narrowed = { kind: parameters.kind ?? null, prefix: parameters.path ?? "" };
  const found = await findRanked(request, scope, {
    name,
    queries: nameQueries(name, parameters.match),
    ...narrowed,
    limit: parameters.limit,
  });
  if (found === null) throw notFound();
  const owned = await foundOrOwned(request, scope, parameters, narrowed, found);
  const body: DefinitionsAnswer = {
    definitions: [...owned.definitions],
    inherited: owned.isInherited,
    ...bounds(owned, owned.isStopped, owned.isCut),
  };
  return { status: 200, body };
}

async function definitionsAt(request: ApiRequest): Promise<Answer> {
  const parameters = readParameters(request.request, positionParameters);
  const repository = readRepository(request, parameters.repository);
  const path = required(parameters.path, "path");
  const line = Number(required(parameters.line?.toString(), "line"));
  const { column } = parameters;
  const tree = { repository, ref: readRef(parameters.ref) };
  const graph = graphOfTree(request, tree);
  const at = await findUnderPosition(request, tree, { path, line, column }, graph);
  const body: DefinitionsAtAnswer = {
    ...at.place,
    path: at.source.path,
    line,
    column: column ?? 1,
    name: at.name,
    role: at.role,
    enclosing: at.enclosing,
    imported: at.imported,
    may_be_local: mayBeLocal(at),
    definitions: at.definitions.slice(0, parameters.limit),
    ...bounds(
      { isUnindexed: false, isPending: false },
      at.isCut || graph.isCut,
      at.definitions.length > parameters.limit,
    ),
  };
  return { status: 200, body };
}

export const definitionRoutes: readonly ApiRoute[] = [
  {
    method: "GET",
    path: "/api/definitions",
    handle: listDefinitions,
    description: {
      summary:
        "Definitions by name, part of a name, humps or with a misspelling, the likeliest first",
      parameters: definitionsParameters,
      requires: ["name"],
      answers: { 200: definitionsAnswer },
    },
  },
  {
    method: "GET",
    path: "/api/definitions/at",
    handle: definitionsAt,
    description: {
      summary: "The definitions of the name under a line and column, the nearest by imports first",
      parameters: positionParameters,
      requires: ["repository", "path", "line"],
      answers: { 200: definitionsAtAnswer },
    },
  },
];
