/**
 * Which files of C and C++ mean another file's name, and not the target's, where nothing but the folder ties
 * them to it. Who includes what declares the name is found by that. Reads nothing.
 */
import { proximityFrom } from "../../_shared/graph/proximity.ts";
import { type Surroundings } from "../../_shared/graph/surroundings.ts";
import { type OutlineDefinition } from "../../_shared/segment/outline.ts";
import { type SourceFile } from "../files/source_file.ts";
import { hasBody } from "./declared.ts";
import { isHeader, isOfFamilyC } from "./header_users.ts";
import { packaged } from "./package_users.ts";

function named({ outline }: SourceFile, name: string): OutlineDefinition[] {
  return outline.definitions.filter((each) => each.name === name && each.container === null);
}

/** Whether a file has the name for itself or gives it to others, and does not merely declare it. */
function defines(file: SourceFile, name: string): boolean {
  return named(file, name).some((each) =>
    !each.exported || each.kind === "macro" || each.kind === "function" && hasBody(each, file)
  );
}

/** Tells which of the files that have the word of a name cannot mean the target's by it. */
export function meaningAnother(
  target: SourceFile,
  name: string,
  files: readonly SourceFile[],
  around: Surroundings,
): (user: SourceFile) => boolean {
  const own = named(target, name);
  if (!isOfFamilyC(target.language) || own.length === 0) return () => false;
  // What is static is nobody else's, but for who includes its file.
  if (!isHeader(target) && own.every(({ exported }) => !exported)) return () => true;
  const includes = ({ path, language, outline: { imports } }: SourceFile) => {
    const proximityOf = proximityFrom({ path, language, imports }, around);
    return (file: SourceFile) => proximityOf(packaged(file)) === "imported";
  };
  const others = files.filter(({ path, language }) =>
    path !== target.path && isOfFamilyC(language)
  );
  const rivals = new Set(others.filter((each) => defines(each, name)));
  const rivalsInclude = [...rivals].map(includes);
  const targetIncludes = includes(target);
  const theirs = others.filter((header) =>
    isHeader(header) && named(header, name).length > 0 && !targetIncludes(header) &&
    (rivals.has(header) || rivalsInclude.some((isIncluded) => isIncluded(header)))
  );
  return (user) => rivals.has(user) || theirs.some(includes(user));
}
