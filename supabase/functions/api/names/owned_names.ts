/**
 * Which definitions are in what stands before a name: in another definition, a namespace, a file or a folder;
 * and how they are found by the name alone.
 */
import { RANKED_DEFINITIONS_MAX } from "../../_shared/contracts/limits.ts";
import { type RankedDefinition } from "../../_shared/contracts/navigation.ts";
import { declaredPackages, type PackagedFile } from "../../_shared/graph/packages.ts";
import { type Scope } from "../../_shared/runtime/database_index_functions.ts";
import { fold } from "../../_shared/text/fold.ts";
import { partsOf, type QualifiedName } from "../../_shared/text/qualified_name.ts";
import { type ApiRequest } from "../context.ts";
import { fileKey, findRanked, type FoundNames, type WantedName } from "./definition_ranking.ts";
import { inheritedMembers } from "./inherited_members.ts";
import { nameQueries } from "./name_queries.ts";

/** What a parameter says that takes such names. */
export const NAME_DESCRIPTION =
  "As it is written; with the class, module or folder before it, `Outer.inner`, only what is in that.";

/** Whether an owner is the last parts of a place and of what is around a definition there. */
function endsIn(
  owner: readonly string[],
  place: readonly string[],
  inside: readonly string[],
  inAnyCase: boolean,
): boolean {
  const whole = [...place, ...inside];
  const start = whole.length - owner.length;
  return start >= 0 && owner.every((part, index) => {
    const own = whole[start + index] ?? "";
    const isFolded = inAnyCase && start + index < place.length;
    return own === part || isFolded && fold(own) === fold(part);
  });
}

/**
 * Those of definitions that are in what is called so: in another one, in a namespace or package that their file
 * declares, in a file of that name or in a folder. Where none is, files and folders may be so in another
 * case: a namespace `App` is mostly in `app/`.
 */
export function ownedBy<Definition extends { readonly container: string | null }>(
  definitions: readonly Definition[],
  fileOf: (definition: Definition) => PackagedFile,
  owner: string,
): Definition[] {
  const parts = partsOf(owner);
  const among = (inAnyCase: boolean) =>
    definitions.filter((each) => {
      const file = fileOf(each);
      const folder = file.path.replace(/\/?[^/]*$/, "");
      const places = [file.path.replace(/\.[^./]*$/, ""), folder, ...declaredPackages(file)];
      const inside = partsOf(each.container ?? "");
      return places.some((place) => endsIn(parts, partsOf(place), inside, inAnyCase));
    });
  const owned = among(false);
  return owned.length > 0 ? owned : among(true);
}

/** Those of the found definitions that are in what is called so. */
function ownedAmong({ definitions, outlines }: FoundNames, owner: string) {
  const fileOf = (each: RankedDefinition): PackagedFile => {
    const { path, language } = each;
    return { path, language, definitions: outlines.get(fileKey(each))?.definitions ?? [] };
  };
  return ownedBy(definitions, fileOf, owner);
}

/** Files of an owner in which a name is looked for that is not found there at once. */
const OWNER_FILES_MAX = 8;

/** Definitions of the last part of a name, and those of them that are in what stands before it. */
export interface OwnedNames {
  readonly found: FoundNames;
  readonly owned: readonly RankedDefinition[];
  /** Whether what stands before it has these of what it inherits. */
  readonly isInherited: boolean;
}

function placeOf(definition: RankedDefinition): string {
  return [fileKey(definition), definition.line, definition.column].join("\n");
}

/** What was found, with some that may be among it before all others. */
function withFirst(
  found: FoundNames,
  first: readonly RankedDefinition[],
  outlines: readonly FoundNames["outlines"][],
): FoundNames {
  const places = new Set(first.map(placeOf));
  return {
    ...found,
    definitions: [...first, ...found.definitions.filter((each) => !places.has(placeOf(each)))],
    outlines: new Map([found.outlines, ...outlines].flatMap((each) => [...each])),
  };
}

/**
 * Finds a name in its owner. Where none of those that are looked at is there, it is looked for in files that
 * define the owner, if more have the name, and then in what that inherits. Null when the tenant has no such
 * repository.
 */
export async function findOwned(
  request: ApiRequest,
  scope: Scope,
  { owner, last }: QualifiedName,
  { kind, prefix }: Pick<WantedName, "kind" | "prefix">,
): Promise<OwnedNames | null> {
  const look = (name: string, narrowed: Pick<WantedName, "kind" | "prefix" | "limit">) =>
    findRanked(request, scope, { name, queries: nameQueries(name, "exact"), ...narrowed });
  const found = await look(last, { kind, prefix, limit: RANKED_DEFINITIONS_MAX });
  if (found === null) return null;
  const owned = ownedAmong(found, owner);
  const parts = partsOf(owner);
  const around = parts.pop();
  if (owned.length > 0 || around === undefined) return { found, owned, isInherited: false };
  const below = found.isCut ? prefix : "";
  const owners = await look(around, { kind: null, prefix: below, limit: OWNER_FILES_MAX });
  const paths = new Set(found.isCut ? owners?.definitions.map(({ path }) => path) : []);
  const inFiles = await Promise.all(
    Array.from(paths, (path) => look(last, { kind, prefix: path, limit: RANKED_DEFINITIONS_MAX })),
  );
  const there = inFiles.filter((each) => each !== null);
  const ownedThere = there.flatMap((each) => ownedAmong(each, owner));
  if (ownedThere.length > 0 || owners === null) {
    const outlines = there.map((each) => each.outlines);
    return { found: withFirst(found, ownedThere, outlines), owned: ownedThere, isInherited: false };
  }
  const outer = parts.join(".");
  const classes = (outer === "" ? owners.definitions : ownedAmong(owners, outer))
    .filter(({ name }) => name === around);
  const inherited = await inheritedMembers(
    request,
    { ...owners, definitions: classes },
    last,
    found.definitions,
  );
  const wanted = inherited.definitions.filter((each) =>
    (kind === null || each.kind === kind) && each.path.startsWith(prefix)
  );
  return {
    found: withFirst(found, wanted, [inherited.outlines]),
    owned: wanted,
    isInherited: wanted.length > 0,
  };
}
