/**
 * What a call is made on, where that is a name which an import brings or a class has. An outline says of a
 * call its name and place alone; the name before it is a use by itself.
 */
import { importedNames } from "../../_shared/segment/bindings.ts";
import { type OutlineReference, referencesTo } from "../../_shared/segment/outline.ts";
import { type SourceFile } from "../files/source_file.ts";
import { containerOf, type MemberOwner, type OwnedPlace } from "../names/member_owners.ts";

/** Between an owner and its member stand `.`, `?.`, `::` or `->`. */
export const MARK_UNITS_MAX = 2;
/** Uses by which a name is another one's owner; what is called holds what stands behind it. */
const OWNING = /^(?:read|type)$/;

/** What places of several names are members of: the same for every file that calls them. */
const containers = new WeakMap<ReadonlyMap<string, readonly OwnedPlace[]>, ReadonlySet<string>>();

function containersOf(byName: ReadonlyMap<string, readonly OwnedPlace[]>): ReadonlySet<string> {
  const known = containers.get(byName);
  if (known !== undefined) return known;
  const made = new Set([...byName.values()].flat().flatMap((each) => containerOf(each) ?? []));
  containers.set(byName, made);
  return made;
}

/** Tells of calls in a file what they are made on; null where that is neither imported nor has such members. */
export function ownersIn(
  file: SourceFile,
  byName: ReadonlyMap<string, readonly OwnedPlace[]>,
): (call: OutlineReference) => MemberOwner | null {
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
