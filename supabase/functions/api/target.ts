/**
 * The definition that a caller means: by name, by name and the file that defines it, or by a position
 * that the name stands at.
 */
import { RANKED_DEFINITIONS_MAX } from "../_shared/contracts/limits.ts";
import { type RankedDefinition } from "../_shared/contracts/navigation.ts";
import { type TreeName } from "../_shared/runtime/database_index_functions.ts";
import { readOutline } from "../_shared/runtime/outlines.ts";
import { notFound, ProblemError } from "../_shared/runtime/problem.ts";
import { type Outline } from "../_shared/segment/outline.ts";
import { type ApiRequest } from "./context.ts";
import { findRanked, nearnessOf, rankByNearness } from "./definition_ranking.ts";
import { lineReader } from "./file_lines.ts";
import { readFile } from "./files.ts";
import { graphOfTree } from "./graph_request.ts";
import { type ImportGraph } from "./import_graph.ts";
import { required, symbolsPending } from "./indexed_tree.ts";
import { nameQueries } from "./name_queries.ts";
import { enclosingAt, nameAt } from "./position.ts";

/** How the definition is named. */
export interface TargetParameters {
  readonly name?: string | undefined;
  readonly path?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** What a name means in one tree. */
export interface Target {
  readonly tree: TreeName;
  readonly place: {
    readonly repository: string;
    readonly ref: string;
    readonly commit_oid: string | null;
  };
  readonly name: string;
  /** The likeliest first. */
  readonly definitions: readonly RankedDefinition[];
  /** By repository, ref and path. */
  readonly outlines: ReadonlyMap<string, Outline>;
  readonly graph: ImportGraph;
  readonly isCut: boolean;
}

async function definitionsOf(request: ApiRequest, tree: TreeName, name: string) {
  const found = await findRanked(request, tree, {
    name,
    queries: nameQueries(name, "exact"),
    kind: null,
    prefix: "",
    limit: RANKED_DEFINITIONS_MAX,
  });
  if (found === null) throw notFound();
  return { ...found, definitions: found.definitions.filter((each) => each.name === name) };
}

/** The name under a position, and what it means there. */
async function byPosition(request: ApiRequest, tree: TreeName, parameters: TargetParameters) {
  const { line = 1, column = 1 } = parameters;
  const path = required(parameters.path, "path");
  const file = await readFile(request, {
    ...tree,
    path,
    commitOid: null,
    firstLine: line,
    lastLine: line,
    withOutline: true,
  });
  if (file.symbols_skip_reason === "symbols_pending") throw symbolsPending();
  const outline = readOutline(file.outline);
  const under = nameAt(lineReader(file.chunks)(line) ?? "", outline, line, column);
  const { repository, ref, commit_oid } = file;
  return {
    place: { repository, ref, commit_oid },
    source: { path: file.path, language: file.language, outline },
    name: under?.name ?? null,
    role: under?.role ?? null,
    enclosing: enclosingAt(outline, line),
  };
}

/** A position of a file with what its name means, nearest first; the name is null where there is none. */
export async function findAtPosition(
  request: ApiRequest,
  tree: TreeName,
  parameters: TargetParameters,
) {
  const at = await byPosition(request, tree, parameters);
  const graph = graphOfTree(request, tree);
  if (at.name === null) {
    return { ...at, graph, definitions: [], outlines: new Map<string, Outline>(), isCut: false };
  }
  const [found, around] = await Promise.all([
    definitionsOf(request, { ...tree, ref: at.place.ref }, at.name),
    graph.surroundings([at.source]),
  ]);
  const near = nearnessOf(at.source, around);
  const ranked = rankByNearness(at.source, near, found, { enclosing: at.enclosing });
  return { ...at, graph, definitions: ranked, outlines: found.outlines, isCut: found.isCut };
}

/** The definition that is meant; throws where there is none. */
export async function findTarget(
  request: ApiRequest,
  tree: TreeName,
  parameters: TargetParameters,
): Promise<Target> {
  if (parameters.line !== undefined) {
    const at = await findAtPosition(request, tree, parameters);
    const { name } = at;
    if (name === null) throw nothing("There is no name at this position.");
    if (at.definitions.length === 0) throw nothing(`${name} is not defined in this repository.`);
    const { place, definitions, outlines, graph, isCut } = at;
    return { tree: { ...tree, ref: place.ref }, place, name, definitions, outlines, graph, isCut };
  }
  const graph = graphOfTree(request, tree);
  const name = required(parameters.name, "name");
  // The first throws where there is no such tree.
  const [place, found] = await Promise.all([
    graph.place(),
    definitionsOf(request, tree, name),
  ]);
  const isThere = ({ path }: RankedDefinition) =>
    parameters.path === undefined || path === parameters.path;
  const definitions = [
    ...found.definitions.filter(isThere),
    ...found.definitions.filter((each) => !isThere(each)),
  ];
  if (definitions[0] === undefined || !isThere(definitions[0])) {
    throw nothing(
      `${name} is not defined ${parameters.path === undefined ? "" : "in this file "}here.`,
    );
  }
  const { outlines, isCut } = found;
  return { tree: { ...tree, ref: place.ref }, place, name, definitions, outlines, graph, isCut };
}

function nothing(detail: string): ProblemError {
  return new ProblemError("definition_not_found", detail);
}
