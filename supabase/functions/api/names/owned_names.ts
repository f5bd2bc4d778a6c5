/**
 * Which definitions are in what stands before a name: in another definition, a namespace, a file or a folder.
 */
import { type RankedDefinition } from "../../_shared/contracts/navigation.ts";
import { declaredPackages, type PackagedFile } from "../../_shared/graph/packages.ts";
import { fold } from "../../_shared/text/fold.ts";
import { partsOf } from "../../_shared/text/qualified_name.ts";
import { fileKey, type FoundNames } from "./definition_ranking.ts";

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
export function ownedAmong({ definitions, outlines }: FoundNames, owner: string) {
  const fileOf = (each: RankedDefinition): PackagedFile => {
    const { path, language } = each;
    return { path, language, definitions: outlines.get(fileKey(each))?.definitions ?? [] };
  };
  return ownedBy(definitions, fileOf, owner);
}
