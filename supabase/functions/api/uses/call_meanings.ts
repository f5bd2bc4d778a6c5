/**
 * What the names of calls may mean: the definitions of several names, looked up at once, and which of
 * them is the nearest to a file that calls one. Knows nothing of how calls are followed.
 */
import { CALL_NAMES_MAX, RANKED_DEFINITIONS_MAX } from "../../_shared/contracts/limits.ts";
import { type Call } from "../../_shared/contracts/graph.ts";
import { proximityFrom } from "../../_shared/graph/proximity.ts";
import { resolveImport } from "../../_shared/graph/resolve_import.ts";
import { type Surroundings } from "../../_shared/graph/surroundings.ts";
import { type OutlineReference } from "../../_shared/segment/outline_entries.ts";
import { isOfData } from "../../_shared/segment/symbol_kinds.ts";
import { type ApiRequest } from "../context.ts";
import { type SourceFile } from "../files/source_file.ts";
import { asRanked, findRanked } from "../names/definition_ranking.ts";
import { followImports, type NameImport } from "../names/imported_names.ts";
import { placesOn } from "../names/member_owners.ts";
import { nameQueries } from "../names/name_queries.ts";
import {
  isForeign,
  isHidden,
  type KnownPlace,
  knownPlaces,
  meantWithin,
  type NearestDefinitions,
  nearestFrom,
} from "../names/nearest_definitions.ts";
import { type Target } from "../names/target.ts";
import { type Owners } from "./call_owners.ts";
import { classesAround } from "../names/classes_around.ts";

/** Definitions with the outlines of their files. */
export type Definitions = Pick<Target, "definitions" | "outlines">;

/** The definitions of several names, found at once; of many those nearest to a path. */
export async function definitionsOf(
  request: ApiRequest,
  target: Target,
  names: readonly string[],
  near: string | null,
): Promise<Definitions & { readonly asked: ReadonlySet<string>; readonly isCut: boolean }> {
  const some = names.slice(0, CALL_NAMES_MAX);
  const asked = new Set(some);
  const wanted = {
    name: "",
    queries: some.flatMap((name) => nameQueries(name, "exact")),
    kind: null,
    prefix: "",
    near,
    limit: RANKED_DEFINITIONS_MAX,
  };
  const found = await findRanked(request, target.tree, wanted, target.graph);
  if (found === null) return { definitions: [], outlines: new Map(), asked, isCut: false };
  return { ...found, asked, isCut: found.isCut || some.length < names.length };
}

/** Without what is of data, which no call means. */
export function placesByName(found: Definitions): ReadonlyMap<string, readonly KnownPlace[]> {
  const callable = found.definitions.filter((each) => !isOfData(each));
  return Map.groupBy(
    knownPlaces({ ...found, definitions: callable }),
    ({ definition }) => definition.name,
  );
}

/** What a call may mean. */
export interface CallMeaning {
  /** In one file; more than one where nothing tells which. */
  readonly meant: NearestDefinitions["nearest"];
  readonly proximity: NearestDefinitions["proximity"];
  readonly candidates: NearestDefinitions["candidates"];
  readonly certainty: Call["certainty"];
}

/** Where whoever defines a function at the top of a file defines it for all files. */
const HAS_GLOBAL_FUNCTIONS = /^(?:C|C\+\+|Lua|PHP|Ruby|Shell|R|Perl|Swift)$/;

/** The imports of the file that bring the name from inside the repository, maybe through other files. */
function importsOfName(file: SourceFile, name: string, around: Surroundings): NameImport[] {
  return file.outline.imports.flatMap((imported) => {
    const found = imported.names.find((each) => each.name === name || each.alias === name);
    const isInside = found !== undefined && resolveImport(file, imported, around).things.length > 0;
    return isInside ? [{ file, imported, name: found.name }] : [];
  });
}

/**
 * What calls mean by names that nobody defines and their files import: of those that they come from one
 * has it from others, and gives it another name. Null: it was not found out; undefined: nothing.
 */
export async function meaningsOfImported(
  { graph, place }: Target,
  calls: readonly { readonly file: SourceFile; readonly at: OutlineReference }[],
): Promise<(file: SourceFile, name: string) => CallMeaning | null | undefined> {
  const around = await graph.surroundings([...new Set(calls.map(({ file }) => file))]);
  const keyOf = (file: SourceFile, name: string) => `${file.path}\n${name}`;
  const wanted = new Map(calls.flatMap(({ file, at: { name } }) => {
    const [imported] = importsOfName(file, name, around);
    return imported === undefined ? [] : [[keyOf(file, name), imported] as const];
  }));
  const followed = await followImports(graph, [...wanted.values()]);
  const known = new Map([...wanted.keys()].map((key, index) => {
    const { definitions: [first] = [], isCut = false } = followed[index] ?? {};
    if (first === undefined) return [key, isCut ? null : undefined] as const;
    const { file: { path, language }, definition } = first;
    const meant = asRanked(definition, { ...place, path, language }, "exact", "imported");
    const how = { proximity: "imported", certainty: "likely" } as const;
    return [key, { meant: [meant] as const, candidates: [meant], ...how }] as const;
  }));
  return (file, name) => known.get(keyOf(file, name));
}

/**
 * How sure a meaning is. A call is known by its name alone, not by what it is called on: `x.get()` may be
 * of any class, or of what comes with the language. So what a file neither imports nor has beside it
 * is no more than possible, but for functions that all files see.
 */
function certaintyOf(
  file: SourceFile,
  name: string,
  { nearest: [first], proximity }: NearestDefinitions,
  around: Surroundings,
): Call["certainty"] {
  if (isForeign(file, { proximity, definition: first })) return "possible";
  // A function of its file alone: `x.set()` of another one is something else. A member may be of several files.
  if (first.container === null && isHidden(first, proximity)) return "possible";
  if (proximity !== "elsewhere") return "likely";
  const isGlobal = first.container === null && HAS_GLOBAL_FUNCTIONS.test(first.language);
  return isGlobal || importsOfName(file, name, around).length > 0 ? "likely" : "possible";
}

const NONE: ReadonlySet<string> = new Set();

/** Tells what calls mean in a file: the nearest definitions, and how many are as near. */
export function meaningsIn(
  file: SourceFile,
  byName: ReadonlyMap<string, readonly KnownPlace[]>,
  owners: Owners,
  surroundings: Surroundings,
) {
  const near = proximityFrom(file, surroundings);
  const ownerOf = owners.in(file);
  const namedAround = classesAround(file, owners.containers);
  const known = new Map<string, NearestDefinitions | null>();
  return (call: OutlineReference): CallMeaning | null => {
    const { name, enclosing } = call;
    const owner = ownerOf(call);
    const places = byName.get(name) ?? [];
    // What stands before the call tells more, and of one nothing need be told.
    const named = owner === null && places.length > 1 ? namedAround(enclosing) : NONE;
    const key = [owner?.local ?? "", name, ...named].join("\n");
    if (!known.has(key)) {
      const meant = owner === null
        ? places
        : placesOn(owner, file, surroundings, places, owners.outside);
      known.set(key, nearestFrom(file, near, meant, named));
    }
    const nearest = known.get(key) ?? null;
    if (nearest === null) return null;
    const around = enclosing === null ? undefined : file.outline.definitions[enclosing];
    const within = meantWithin(file, nearest, around);
    return {
      ...within,
      proximity: nearest.proximity,
      certainty: certaintyOf(file, name, nearest, surroundings),
    };
  };
}
