/**
 * What the names of calls may mean: the definitions of several names, looked up at once, and which of
 * them is the nearest to a file that calls one. Knows nothing of how calls are followed.
 */
import { CALL_NAMES_MAX, RANKED_DEFINITIONS_MAX } from "../../_shared/contracts/limits.ts";
import { type ApiRequest } from "../context.ts";
import { type SourceFile } from "../files/source_file.ts";
import {
  findRanked,
  type KnownPlace,
  knownPlaces,
  nearestFrom,
  nearnessOf,
} from "../names/definition_ranking.ts";
import { nameQueries } from "../names/name_queries.ts";
import { type Target } from "../names/target.ts";

/** Definitions with the outlines of their files. */
export type Definitions = Pick<Target, "definitions" | "outlines">;

/** The definitions of several names, found at once. */
export async function definitionsOf(
  request: ApiRequest,
  target: Target,
  names: readonly string[],
): Promise<Definitions & { readonly asked: ReadonlySet<string>; readonly isCut: boolean }> {
  const some = names.slice(0, CALL_NAMES_MAX);
  const asked = new Set(some);
  const found = await findRanked(request, target.tree, {
    name: "",
    queries: some.flatMap((name) => nameQueries(name, "exact")),
    kind: null,
    prefix: "",
    limit: RANKED_DEFINITIONS_MAX,
  });
  if (found === null) return { definitions: [], outlines: new Map(), asked, isCut: false };
  return { ...found, asked, isCut: found.isCut || some.length < names.length };
}

export function placesByName(found: Definitions): ReadonlyMap<string, readonly KnownPlace[]> {
  return Map.groupBy(knownPlaces(found), ({ definition }) => definition.name);
}

/** Tells what names mean in a file: the nearest definition, and how many are as near. */
export async function meaningsIn(
  target: Target,
  file: SourceFile,
  byName: ReadonlyMap<string, readonly KnownPlace[]>,
) {
  const near = nearnessOf(file, await target.graph.surroundings([file]));
  const known = new Map<string, ReturnType<typeof meantBy>>();
  const meantBy = (name: string) => nearestFrom(file, near, byName.get(name) ?? []);
  return (name: string) => {
    const meant = known.has(name) ? known.get(name) ?? null : meantBy(name);
    known.set(name, meant);
    return meant;
  };
}
