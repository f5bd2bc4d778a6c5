/**
 * Which of the definitions of a name is meant, seen from a place that uses it: by what its file imports,
 * by folders in common, and within a file by the definitions around. Reads nothing.
 */
import { type RankedDefinition } from "../../_shared/contracts/navigation.ts";
import {
  compareNearness,
  compareProximity,
  type KnownFile,
  type Proximity,
  type proximityFrom,
} from "../../_shared/graph/proximity.ts";
import { packageFolderOf } from "../../_shared/graph/packages.ts";
import { mayName } from "../../_shared/graph/resolve_import.ts";
import { bindingOf } from "../../_shared/segment/bindings.ts";
import { isOfData, kindRank } from "../../_shared/segment/symbol_kinds.ts";
import { FILE_MARKS, marksOfPath } from "../../_shared/text/path_marks.ts";
import { type OutlineDefinition } from "../../_shared/segment/outline_entries.ts";
import { fullNameOf } from "../files/position.ts";
import { type SourceFile } from "../files/source_file.ts";
import { fileKey, type FoundNames } from "./definition_ranking.ts";

/** Where a name is used. */
export interface UsePlace {
  /** The definition around it. */
  readonly enclosing: string | null;
  /** Where the name itself is defined, that definition is meant. */
  readonly defined?: { readonly line: number; readonly column: number } | null;
  /** Of definitions as near those that are hardly meant here stand behind the others. */
  readonly isHardlyMeant?: (definition: RankedDefinition) => boolean;
}

/** Within a file: what is defined in the same definitions before what is elsewhere in it. */
function scopeDistance(
  definition: Pick<RankedDefinition, "container" | "line" | "column">,
  { enclosing, defined = null }: UsePlace,
): number {
  if (definition.line === defined?.line && definition.column === defined.column) return -1;
  if (definition.container === null || enclosing === null) return 1;
  const isAround = enclosing === definition.container ||
    enclosing.startsWith(`${definition.container}.`);
  return isAround ? 0 : 2;
}

type Definitions = Pick<FoundNames, "definitions" | "outlines">;
type Nearness = ReturnType<typeof proximityFrom>;
/** A definition with the file that it is in, as whoever imports that knows it. */
export interface KnownPlace {
  readonly definition: RankedDefinition;
  readonly file: KnownFile;
}

/** The definitions with their files. */
export function knownPlaces({ definitions, outlines }: Definitions): KnownPlace[] {
  const files = new Map<string, KnownFile>();
  return definitions.map((definition) => {
    const key = fileKey(definition);
    const outline = outlines.get(key);
    const file = files.get(key) ?? {
      path: definition.path,
      language: definition.language,
      // Made when it is asked for: by the rules of few languages.
      get definitions() {
        return outline?.definitions ?? [definition];
      },
    };
    files.set(key, file);
    return { definition, file };
  });
}

/** A definition as seen from a file. */
interface PlacedDefinition {
  readonly definition: RankedDefinition;
  /** Of its file. */
  readonly path: string;
  readonly proximity: Proximity;
  /** Stands behind what may be meant. */
  readonly isUnlikely: boolean;
}

/** Whether it cannot be named from a file that is so near. */
export function isHidden(
  { exported, language, path }: RankedDefinition,
  proximity: Proximity,
): boolean {
  if (exported || proximity === "same_file" || proximity === "imported") return false;
  // A package that is a folder knows all of its names.
  return proximity !== "same_package" || packageFolderOf({ path, language }) === null;
}

/** Whether it cannot be named from a file, or is a test's own. */
function isUnlikely(
  definition: RankedDefinition,
  proximity: Proximity,
  isFromTest: boolean,
): boolean {
  if (proximity === "same_file" || proximity === "imported") return false;
  return isHidden(definition, proximity) ||
    definition.in_test && (proximity === "elsewhere" || !isFromTest);
}

/**
 * The definitions with how near their files are to this one, which is asked once for each file; without keys
 * and headings that it neither imports nor can name.
 */
function placedFrom(
  from: SourceFile,
  proximityOf: Nearness,
  places: readonly KnownPlace[],
): PlacedDefinition[] {
  const known = new Map<KnownFile, Proximity>();
  const isFromTest = (marksOfPath(from.path) & FILE_MARKS.test) !== 0;
  return places.map(({ definition, file }) => {
    const proximity = known.get(file) ?? proximityOf(file);
    known.set(file, proximity);
    const unlikely = isUnlikely(definition, proximity, isFromTest);
    return { definition, path: file.path, proximity, isUnlikely: unlikely };
  }).filter((each) => !isOfData(each.definition) || !isForeign(from, each));
}

/** Whether it is of a language that the file's own cannot name, and the file does not import it. */
export function isForeign(
  { language }: Pick<SourceFile, "language">,
  { proximity, definition }: Pick<PlacedDefinition, "proximity" | "definition">,
): boolean {
  return proximity !== "imported" && !mayName(language, definition.language);
}

/**
 * Orders definitions as they are likely to be meant from a file: nearest by its imports first. Without a place:
 * by a call of it.
 */
function orderFrom(
  from: SourceFile,
  place: UsePlace | null,
  hardly: UsePlace["isHardlyMeant"] = place?.isHardlyMeant ?? (() => false),
) {
  return (one: PlacedDefinition, other: PlacedDefinition): number =>
    Number(isForeign(from, one)) - Number(isForeign(from, other)) ||
    Number(one.isUnlikely) - Number(other.isUnlikely) ||
    compareProximity(one, other) ||
    Number(hardly(one.definition)) - Number(hardly(other.definition)) ||
    compareNearness(from.path, one, other) ||
    // Of one file a function is called rather than a member that holds one.
    (place === null
      ? kindRank(one.definition.kind) - kindRank(other.definition.kind)
      : one.path !== from.path
      ? 0
      : scopeDistance(one.definition, place) - scopeDistance(other.definition, place)) ||
    one.definition.line - other.definition.line ||
    one.definition.column - other.definition.column;
}

/** The definitions as they are likely to be meant from a file. */
export function rankByNearness(
  from: SourceFile,
  proximityOf: Nearness,
  found: Definitions,
  place: UsePlace | null,
): RankedDefinition[] {
  return placedFrom(from, proximityOf, knownPlaces(found)).toSorted(orderFrom(from, place))
    .map(({ definition, proximity }) => ({ ...definition, proximity }));
}

/** What a name means in a file. */
export interface NearestDefinitions {
  /** The likeliest, and those of its file that are as likely: by their lines. */
  readonly nearest: readonly [RankedDefinition, ...RankedDefinition[]];
  readonly proximity: Proximity;
  /** All things that are in files as near, the likeliest among them, and what is of a named class. */
  readonly candidates: readonly RankedDefinition[];
  /** Members of the classes that are named around. */
  readonly ofNamed: readonly RankedDefinition[];
  /** All members of the name in the file, in what it imports and in its package. */
  readonly members: () => readonly RankedDefinition[];
}

/**
 * Languages in which a name may stand for several functions of one class or file, told apart by their types:
 * in Rust each `impl From<…> for E` has its own `from`.
 */
const HAS_OVERLOADS = /^(?:C\+\+|C#|Elixir|Java|Kotlin|Rust|Scala|SQL|PLSQL|PLpgSQL|Swift|TSQL)$/;

/** Each file that uses a name compares all definitions of it. */
const things = new WeakMap<RankedDefinition, string>();

/** What definitions of one name have in common that are one thing: the signatures of a function are. */
export function thingOf(definition: RankedDefinition): string {
  const known = things.get(definition);
  if (known !== undefined) return known;
  const { language, container, line, column } = definition;
  const own = HAS_OVERLOADS.test(language) ? [line, column] : [];
  const thing = [fileKey(definition), container ?? "", ...own].join("\n");
  things.set(definition, thing);
  return thing;
}

/** One definition of each thing, of the best the best. */
function distinct(
  best: RankedDefinition,
  definitions: readonly RankedDefinition[],
): RankedDefinition[] {
  const found = new Map<string, RankedDefinition>();
  for (const each of [best, ...definitions]) {
    const thing = thingOf(each);
    if (!found.has(thing)) found.set(thing, each);
  }
  return [...found.values()];
}

/** Members of one of these classes, where the file may have that class: another one may be called as it is. */
function membersOf(
  classes: ReadonlySet<string>,
  from: SourceFile,
  placed: readonly PlacedDefinition[],
): ReadonlySet<PlacedDefinition> {
  return new Set(placed.filter((each) => {
    const { definition: { container }, proximity } = each;
    return container !== null && proximity !== "elsewhere" && !each.isUnlikely &&
      classes.has(container.slice(container.lastIndexOf(".") + 1)) && !isForeign(from, each);
  }));
}

/**
 * What a call of a name means likeliest; null where there is nothing. Of members those of a class that is
 * `named` around the call are meant before others, which are candidates all the same.
 */
export function nearestFrom(
  from: SourceFile,
  proximityOf: Nearness,
  places: readonly KnownPlace[],
  named: ReadonlySet<string>,
): NearestDefinitions | null {
  const placed = placedFrom(from, proximityOf, places);
  // What an import brings by its own name is called by that alone, as no member is.
  const name = places[0]?.definition.name;
  const isBrought = name !== undefined && bindingOf(from, name) !== null;
  const order = orderFrom(from, null, ({ container }) => isBrought && container !== null);
  const bestOf = (some: readonly PlacedDefinition[]) =>
    some.reduce<PlacedDefinition | null>(
      (one, other) => one === null || order(other, one) < 0 ? other : one,
      null,
    );
  const ofNamed = membersOf(named, from, placed);
  // Mostly nothing is, and then there is no second best.
  const favouring = ofNamed.size === 0
    ? []
    : placed.filter((each) => each.definition.container === null || ofNamed.has(each));
  const [nearest, favoured] = [bestOf(placed), bestOf(favouring)];
  if (nearest === null) return null;
  const isNamed = favoured !== null && ofNamed.has(favoured);
  const best = isNamed ? favoured : nearest;
  const { definition, proximity } = best;
  const isKin = !isForeign(from, best);
  const isAsNear = (each: PlacedDefinition) =>
    ofNamed.has(each) || each.proximity === nearest.proximity && isForeign(from, each) !== isKin;
  const asNear = placed.filter(isAsNear);
  const equals = (isNamed ? favouring : placed).filter((each) =>
    each !== best && each.path === best.path && each.isUnlikely === best.isUnlikely &&
    isAsNear(each)
  ).toSorted(order);
  return {
    nearest: [definition, ...equals.map((each) => each.definition)],
    proximity,
    candidates: distinct(definition, asNear.map((each) => each.definition)),
    ofNamed: Array.from(ofNamed, (each) => each.definition),
    members: () =>
      placed.filter((each) =>
        each.definition.container !== null && IN_REACH.test(each.proximity) &&
        !isForeign(from, each)
      ).map((each) => each.definition),
  };
}

/** Files whose classes a file surely knows. */
const IN_REACH = /^(?:same_file|imported|same_package)$/;

/**
 * Of equals in one file those that a use in a definition means: what is in the same one comes first. A method
 * that calls its own name mostly hands the call on to what it holds, which may be of any class that it knows.
 */
export function meantWithin(
  from: SourceFile,
  { nearest, candidates, ofNamed, members }: NearestDefinitions,
  around: OutlineDefinition | undefined,
): { readonly meant: NearestDefinitions["nearest"] } & Pick<NearestDefinitions, "candidates"> {
  const [first, ...rest] = nearest;
  if (first.path !== from.path) return { meant: nearest, candidates };
  const enclosing = around === undefined ? null : fullNameOf(around);
  const distances = nearest.map((each) => scopeDistance(each, { enclosing }));
  const least = Math.min(...distances);
  const [one = first, ...others] = nearest.filter((_, index) => distances[index] === least);
  if (one.container !== null && one.line === around?.startLine) {
    return { meant: [one, ...others], candidates: distinct(one, members()) };
  }
  return least !== 0 && others.length === rest.length
    ? { meant: nearest, candidates }
    : { meant: [one, ...others], candidates: distinct(one, [...others, ...ofNamed]) };
}
