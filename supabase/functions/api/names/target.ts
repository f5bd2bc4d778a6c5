/**
 * The definition that a caller means: by name, by name and the file that defines it, or by a position
 * that the name stands at.
 */
import { type RankedDefinition } from "../../_shared/contracts/navigation.ts";
import { type TreeName } from "../../_shared/runtime/database_index_functions.ts";
import { ProblemError } from "../../_shared/runtime/problem.ts";
import { type Outline } from "../../_shared/segment/outline_entries.ts";
import { isOfData } from "../../_shared/segment/symbol_kinds.ts";
import { qualifiedName } from "../../_shared/text/qualified_name.ts";
import { type ApiRequest } from "../context.ts";
import { fullNameOf } from "../files/position.ts";
import { findOwned, type OwnedNames } from "./owned_names.ts";
import { findNamed, findUnderPosition } from "./under_position.ts";
import { type ImportGraph } from "../graph/import_graph.ts";
import { required } from "../indexed_tree.ts";

/** Definitions that are named to whoever asks for one that is not there. */
const NAMESAKES_MAX = 8;

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
  /** Those of them that are meant, from the first: more than one where nothing tells which. */
  readonly meant: readonly [RankedDefinition, ...RankedDefinition[]];
  /** By repository, ref and path. */
  readonly outlines: ReadonlyMap<string, Outline>;
  readonly graph: ImportGraph;
  readonly isCut: boolean;
}

/** The definition that is meant, and the graph that it was found with; throws where there is none. */
export async function findTarget(
  request: ApiRequest,
  tree: TreeName,
  parameters: TargetParameters,
  graph: ImportGraph,
): Promise<Target> {
  if (parameters.line !== undefined) {
    const at = await findUnderPosition(request, tree, parameters, graph);
    const { name, keyword } = at;
    if (name === null) {
      throw nothing(
        keyword === null
          ? "There is no name at this position."
          : `${keyword} is a word of the language here: give the line and column of a name.`,
      );
    }
    const [first] = at.definitions;
    if (first === undefined) throw nothing(`${name} is not defined in this repository.`);
    const { place, definitions, outlines, isCut } = at;
    const own = { tree: { ...tree, ref: place.ref }, place, name: first.name };
    return { ...own, definitions, meant: [first], outlines, graph, isCut };
  }
  const name = required(parameters.name, "name");
  const { found, owned } = await findWritten(request, tree, name, parameters.path, graph);
  // Nothing calls what is of data.
  const isThere = (each: RankedDefinition) =>
    (parameters.path === undefined || each.path === parameters.path) && !isOfData(each) &&
    owned.includes(each);
  const [first, ...others] = found.definitions.filter(isThere);
  if (first === undefined) {
    // Throws where there is no such tree.
    await graph.place();
    const where = parameters.path === undefined ? "here" : "in this file here";
    throw nothing(
      found.isCut
        ? `${name} is not among the definitions that were looked at: more have the name.`
        : `${name} is not defined ${where}${namesakes(found.definitions)}.`,
    );
  }
  const { outlines, isCut } = found;
  const { repository, ref, commit_oid } = first;
  const place = { repository, ref, commit_oid };
  const meant = [first, ...others] as const;
  const definitions = [...meant, ...found.definitions.filter((each) => !isThere(each))];
  return {
    tree: { ...tree, ref },
    place,
    name: first.name,
    definitions,
    meant,
    outlines,
    graph,
    isCut,
  };
}

type WrittenNames = Pick<OwnedNames, "found" | "owned">;

/** The definitions of a name, those of a file among them: of a qualified one what is in its owner is `owned`. */
async function findWritten(
  request: ApiRequest,
  tree: TreeName,
  name: string,
  path: string | undefined,
  graph: ImportGraph,
): Promise<WrittenNames> {
  const { found, owned } = await findBelow(request, tree, name, "", graph);
  const isThere = path === undefined || owned.some((each) => each.path === path);
  if (isThere || !found.isCut) return { found, owned };
  // More have the name than were looked at.
  const there = await findBelow(request, tree, name, path, graph);
  const definitions = [...there.owned, ...found.definitions];
  const outlines = new Map([...found.outlines, ...there.found.outlines]);
  return { found: { ...found, definitions, outlines }, owned: there.owned };
}

/** The definitions of a name, else of its last part, in paths that begin so. */
async function findBelow(
  request: ApiRequest,
  tree: TreeName,
  name: string,
  prefix: string,
  graph: ImportGraph,
): Promise<WrittenNames> {
  const found = await findNamed(request, tree, [name], graph, prefix);
  const qualified = found.definitions.length > 0 ? null : qualifiedName(name);
  const inner = qualified === null
    ? null
    : await findOwned(request, tree, qualified, { kind: null, prefix });
  if (inner === null) return { found, owned: found.definitions };
  const isAsWritten = (each: RankedDefinition) => each.name === qualified?.last;
  const definitions = inner.found.definitions.filter(isAsWritten);
  return { found: { ...inner.found, definitions }, owned: inner.owned.filter(isAsWritten) };
}

/** What has the name elsewhere, members first: who asks for one by its class may mean one that this inherits. */
function namesakes(definitions: readonly RankedDefinition[]): string {
  const places = definitions.filter((each) => !isOfData(each))
    .toSorted((one, other) => Number(one.container === null) - Number(other.container === null))
    .slice(0, NAMESAKES_MAX)
    .map((each) => `${fullNameOf(each)} at ${each.path}:${each.line}`);
  return places.length === 0 ? "" : `, but ${places.join(", ")} is`;
}

function nothing(detail: string): ProblemError {
  return new ProblemError("definition_not_found", detail);
}
