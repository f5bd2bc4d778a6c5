/**
 * What a call is made on, where that is a name which an import brings or a class has: `flag.Parse()` means
 * what is in `flag`. An outline says of a call its name and place alone; the name before it is a use by itself.
 */
import { mayMean } from "../../_shared/graph/proximity.ts";
import { resolveImport } from "../../_shared/graph/resolve_import.ts";
import { type Surroundings } from "../../_shared/graph/surroundings.ts";
import { type Binding, importedNames, WHOLE } from "../../_shared/segment/bindings.ts";
import { type OutlineReference, referencesTo } from "../../_shared/segment/outline.ts";
import { type SourceFile } from "../files/source_file.ts";
import { type KnownPlace } from "../names/nearest_definitions.ts";

/** Between an owner and its member stand `.`, `?.`, `::` or `->`. */
export const MARK_UNITS_MAX = 2;
/** Uses by which a name is another one's owner; what is called holds what stands behind it. */
const OWNING = /^(?:read|type)$/;
/** Packages that have nothing but what their own files define. */
const PASSES_NOTHING_ON = /^Go$/;

/** What a call is made on: a name, with the import that brings it. */
export interface CallOwner {
  /** What the file calls it. */
  readonly local: string;
  /** Null where no import brings it. */
  readonly binding: Binding | null;
}

/** What places of several names are members of: the same for every file that calls them. */
const containers = new WeakMap<ReadonlyMap<string, readonly KnownPlace[]>, ReadonlySet<string>>();

/** `Inner` of a member of `Outer.Inner`; null of what is no member. */
function containerOf({ definition: { container } }: KnownPlace): string | null {
  return container === null ? null : container.slice(container.lastIndexOf(".") + 1);
}

function containersOf(byName: ReadonlyMap<string, readonly KnownPlace[]>): ReadonlySet<string> {
  const known = containers.get(byName);
  if (known !== undefined) return known;
  const made = new Set([...byName.values()].flat().flatMap((each) => containerOf(each) ?? []));
  containers.set(byName, made);
  return made;
}

/** Tells of calls in a file what they are made on; null where that is neither imported nor has such members. */
export function ownersIn(
  file: SourceFile,
  byName: ReadonlyMap<string, readonly KnownPlace[]>,
): (call: OutlineReference) => CallOwner | null {
  const bindings = new Map(importedNames(file).map((each) => [each.local, each]));
  const byEnd = new Map(
    referencesTo(file.outline, new Set([...bindings.keys(), ...containersOf(byName)]))
      .filter(({ role }) => OWNING.test(role))
      .map(({ name, line, column }) => [`${line}:${column + name.length}`, name]),
  );
  return ({ line, column }) => {
    for (let units = 1; units <= MARK_UNITS_MAX; units += 1) {
      const local = byEnd.get(`${line}:${column - units}`);
      if (local !== undefined) return { local, binding: bindings.get(local) ?? null };
    }
    return null;
  };
}

/** Of definitions the members of what is called so, if there are any; else all. */
function membersOf(name: string, places: readonly KnownPlace[]): readonly KnownPlace[] {
  const members = places.filter((each) => containerOf(each) === name);
  return members.length > 0 ? members : places;
}

/**
 * Of definitions those that a call on a name may mean: what is in the files that an import brings it from, if
 * anything is, and of that the name's own members. All where it may be inherited or passed on, none where
 * the import is from outside.
 */
export function placesOn(
  { local, binding }: CallOwner,
  file: SourceFile,
  around: Surroundings,
  places: readonly KnownPlace[],
): readonly KnownPlace[] {
  if (binding === null) return membersOf(local, places);
  const { imported, name } = binding;
  const isMeant = mayMean(file, imported, around);
  const meant = places.filter((each) => isMeant(each.file));
  if (meant.length > 0) return membersOf(name, meant);
  const { things, missing } = resolveImport(file, imported, around);
  const isOutside = things.length === 0 && missing.kind === "external";
  const isWhole = name === WHOLE && PASSES_NOTHING_ON.test(file.language);
  return isOutside || isWhole ? [] : membersOf(name, places);
}
