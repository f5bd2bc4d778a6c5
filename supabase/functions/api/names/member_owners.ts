/**
 * What a name is a member of, where that is a name which an import brings or a class has: `flag.Parse` means
 * what is in `flag`. Says which definitions of the name are left; where the owner stands is found elsewhere.
 */
import { type KnownFile, mayMean } from "../../_shared/graph/proximity.ts";
import { resolveImport } from "../../_shared/graph/resolve_import.ts";
import { type Surroundings } from "../../_shared/graph/surroundings.ts";
import { type Binding, bindingOf, WHOLE } from "../../_shared/segment/bindings.ts";
import { type SourceFile } from "../files/source_file.ts";
import { type OutsideImports } from "./outside_imports.ts";

/** Packages that have nothing but what their own files define. */
const PASSES_NOTHING_ON = /^Go$/;

/** What a name is a member of: another name, with the import that brings it. */
export interface MemberOwner {
  /** What the file calls it. */
  readonly local: string;
  /** Null where no import brings it. */
  readonly binding: Binding | null;
}

/** As much of a definition and its file as tells whose member it is. */
export interface OwnedPlace {
  readonly definition: { readonly container: string | null };
  readonly file: KnownFile;
}

/** `Inner` of a member of `Outer.Inner`; null of what is no member. */
export function containerOf({ definition: { container } }: OwnedPlace): string | null {
  return container === null ? null : container.slice(container.lastIndexOf(".") + 1);
}

/** Of definitions the members of what is called so, if there are any; else all. */
function membersOf<Place extends OwnedPlace>(
  name: string,
  places: readonly Place[],
): readonly Place[] {
  const members = places.filter((each) => containerOf(each) === name);
  return members.length > 0 ? members : places;
}

/**
 * Of definitions those that a member of a name may mean: what is in the files that an import brings it from,
 * if anything is, and of that the name's own members. All where it may be inherited or passed on, none where
 * the import is from outside: by its rule, or of those that are known to be.
 */
export function placesOn<Place extends OwnedPlace>(
  { local, binding }: MemberOwner,
  file: SourceFile,
  around: Surroundings,
  places: readonly Place[],
  outside: OutsideImports,
): readonly Place[] {
  if (binding === null) return membersOf(local, places);
  const { imported, name } = binding;
  const isMeant = mayMean(file, imported, around);
  const meant = places.filter((each) => isMeant(each.file));
  if (meant.length > 0) return membersOf(name, meant);
  const { things, missing } = resolveImport(file, imported, around);
  const isOutside = outside.has(imported) || things.length === 0 && missing.kind === "external";
  const isWhole = name === WHOLE && PASSES_NOTHING_ON.test(file.language);
  return isOutside || isWhole ? [] : membersOf(name, places);
}

/**
 * Tells whether a member of what a file calls so means another definition of its name than those of the
 * target: `places` are all that are known, the target's among them.
 */
export function membersElsewhere(
  target: SourceFile,
  places: readonly OwnedPlace[],
  around: Surroundings,
  outside: OutsideImports,
): (file: SourceFile, local: string) => boolean {
  const isTargets = ({ file: { path } }: OwnedPlace) => path === target.path;
  // What the target passes on may be had from it all the same.
  if (!places.some(isTargets)) return () => false;
  return (file, local) => {
    const owner = { local, binding: bindingOf(file, local) };
    return !placesOn(owner, file, around, places, outside).some(isTargets);
  };
}
