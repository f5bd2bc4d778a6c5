/**
 * Which classes are named around a call: an outline says nothing of variables, but who calls a member of
 * a class mostly names that, as the type of a parameter or a variable, or where one is made.
 */
import { referencesTo } from "../../_shared/segment/outline.ts";
import { type OutlineReference } from "../../_shared/segment/outline_entries.ts";
import { fullNameOf } from "../files/position.ts";
import { type SourceFile } from "../files/source_file.ts";

/**
 * Tells of these classes those that a definition of the file names, is in, or has its members from; null: what
 * stands in no definition.
 */
export function classesAround(
  { outline }: SourceFile,
  classes: ReadonlySet<string>,
): (definition: number | null) => ReadonlySet<string> {
  let uses: readonly OutlineReference[] | null = null;
  const namedIn = (number: number | null): Set<string> => {
    uses ??= referencesTo(outline, classes).filter(({ role }) => role !== "import");
    const { definitions } = outline;
    const own = number === null ? undefined : definitions[number];
    const fullName = own === undefined ? "" : fullNameOf(own);
    const isInherited = ({ role, enclosing }: OutlineReference) => {
      const heir = role !== "inherit" || enclosing === null ? undefined : definitions[enclosing];
      return heir !== undefined && fullName.startsWith(`${fullNameOf(heir)}.`);
    };
    const named = uses.filter((use) => use.enclosing === number || isInherited(use));
    const around = fullName.split(".").filter((each) => classes.has(each));
    return new Set([...around, ...named.map(({ name }) => name)].toSorted());
  };
  const known = new Map<number | null, ReadonlySet<string>>();
  return (number) => {
    const names = known.get(number) ?? namedIn(number);
    known.set(number, names);
    return names;
  };
}
