/**
 * The files that use a definition of another one, by whatever they call it and by whichever files they
 * have it from.
 */
import { DEPENDENCY_FILES_MAX } from "../../_shared/contracts/limits.ts";
import { packagesOf, packagesSeenBy } from "../../_shared/graph/packages.ts";
import { proximityFrom } from "../../_shared/graph/proximity.ts";
import { aliasesOf, bindingOf, importsOfWholes } from "../../_shared/segment/bindings.ts";
import { referencesTo } from "../../_shared/segment/outline.ts";
import { type OutlineReference } from "../../_shared/segment/outline_entries.ts";
import { type SourceFile } from "../files/source_file.ts";
import { type ImportGraph } from "../graph/import_graph.ts";
import { followImports, importersByOtherNames, type NameImport } from "../names/imported_names.ts";
import { termOfName } from "../names/name_queries.ts";
import { type FileUses, markUnits, ownersElsewhere } from "./call_owners.ts";
import { usersByHeaders } from "./header_users.ts";
import { constantUse, packaged } from "./package_users.ts";
import { meaningAnother } from "./same_named.ts";

/** Imports of files from afar that are followed in one step to learn whether they bring the name. */
const FOLLOWED_MAX = 500;

/** A file that uses a name of another one. */
export interface NameUser {
  readonly file: SourceFile;
  /** Where it first uses the name, else where it imports it. */
  readonly line: number;
}

/** The first of the uses of a name; none: there is none. */
function asUser({ file, uses }: Pick<FileUses, "file" | "uses">): NameUser[] {
  const first = uses.find(({ role }) => role !== "import") ?? uses[0];
  return first === undefined ? [] : [{ file, line: first.line }];
}

function usesOf(file: SourceFile, names: ReadonlySet<string>): FileUses {
  return { file, uses: referencesTo(file.outline, names), names };
}

/** The names that a file has for a name of what it imports, that one among them. */
function localNames(file: SourceFile, name: string): Set<string> {
  return new Set([name, ...aliasesOf(file, new Set([name]))]);
}

/** Of names of a file those as whose member it uses another one: `owner.name`. */
function ownersOf(
  { language, outline }: SourceFile,
  name: string,
  names: ReadonlySet<string>,
): ReadonlySet<string> {
  if (names.size === 0) return names;
  const uses = Map.groupBy(referencesTo(outline, new Set([name])), ({ line }) => line);
  if (uses.size === 0) return new Set();
  const marks = markUnits(language);
  const owning = referencesTo(outline, names).filter((owner) =>
    uses.get(owner.line)?.some(({ column }) =>
      marks.includes(column - owner.column - owner.name.length)
    )
  );
  return new Set(owning.map((owner) => owner.name));
}

/** The imports by which a file may have a name: of the name itself, or of all of a file whose member it uses. */
function importsFor(file: SourceFile, name: string): NameImport[] {
  const bound = [...localNames(file, name)].flatMap((local) => bindingOf(file, local) ?? [])
    .map((binding) => ({ file, ...binding }));
  const wholes = importsOfWholes(file);
  const owners = ownersOf(file, name, new Set(wholes.map(({ local }) => local)));
  return [
    ...bound,
    ...wholes.filter(({ local }) => owners.has(local))
      .map(({ imported }) => ({ file, imported, name })),
  ];
}

/** Of files that do not import the target those that have the name from a file that passes it on. */
async function havingItPassedOn(
  graph: ImportGraph,
  target: SourceFile,
  name: string,
  users: readonly NameUser[],
): Promise<NameUser[]> {
  const imports = users.flatMap((user) =>
    importsFor(user.file, name).map((each) => ({ user, ...each }))
  );
  const followed = await followImports(graph, imports, FOLLOWED_MAX);
  return imports.filter((_, index) =>
    followed[index]?.definitions.some(({ file, definition }) =>
      file.path === target.path && definition.name === name
    )
  ).map(({ user }) => user);
}

/** Those of the users of a name that do not have it as a member of something else alone. */
async function usersOfOwn(
  graph: ImportGraph,
  target: SourceFile,
  name: string,
  files: readonly SourceFile[],
  all: readonly FileUses[],
): Promise<NameUser[]> {
  const { ownersIn, isElsewhere } = await ownersElsewhere(graph, target, name, files, all);
  return all.flatMap(({ file, uses }) => {
    const ownerOf = ownersIn(file);
    const isOwn = (use: OutlineReference) => {
      const owner = ownerOf(use);
      return owner === null || !isElsewhere(file, owner.local);
    };
    return asUser({ file, uses: uses.filter(isOwn) });
  });
}

/** The files that have the word of a name. */
export async function filesWithName(graph: ImportGraph, name: string) {
  const term = termOfName(name);
  return term === null
    ? { files: [], cut: false }
    : await graph.filesWithWords([term], DEPENDENCY_FILES_MAX);
}

/** The files that have the word and the file: by an import, or without one where none is needed. */
async function usersByWord(
  graph: ImportGraph,
  target: SourceFile,
  name: string,
  having: ReturnType<typeof filesWithName>,
): Promise<NameUser[]> {
  const { files, cut } = await having;
  if (cut) graph.cut();
  const all = files.map((file) => usesOf(file, localNames(file, name)));
  const users = all.flatMap(asUser);
  const known = packaged(target);
  const around = await graph.surroundings(users.map(({ file }) => file));
  const meansAnother = await meaningAnother(graph, target, name, files, around);
  const packages = new Set(packagesOf(known));
  const isNear = ({ file }: NameUser) => {
    if (packagesSeenBy(packaged(file)).some((each) => packages.has(each))) return true;
    if (constantUse(file, target) !== null) return true;
    const proximity = proximityFrom(file, around)(known);
    return proximity !== "elsewhere" && !meansAnother(file);
  };
  const { near = [], far = [] } = Object.groupBy(users, (user) => isNear(user) ? "near" : "far");
  const nearest = new Set(near.map(({ file }) => file));
  return [
    ...await usersOfOwn(graph, target, name, files, all.filter(({ file }) => nearest.has(file))),
    ...await havingItPassedOn(graph, target, name, far),
  ];
}

/** The files that import the definition under a name that it does not have: as a default, or of a list. */
async function usersByOtherNames(
  graph: ImportGraph,
  target: SourceFile,
  name: string,
): Promise<NameUser[]> {
  const importers = await importersByOtherNames(graph, [{ file: target, name }]);
  return [...importers].flatMap(([file, locals]) => asUser(usesOf(file, new Set(locals.keys()))));
}

/** The files that use a definition of the target, each once; `having`: those that have its word. */
export async function usersOfName(
  graph: ImportGraph,
  target: SourceFile,
  name: string,
  having: ReturnType<typeof filesWithName>,
): Promise<NameUser[]> {
  const found = await Promise.all([
    usersByWord(graph, target, name, having),
    usersByOtherNames(graph, target, name),
    usersByHeaders(graph, [target], name),
  ]);
  const users = new Map<string, NameUser>();
  for (const { file, line } of found.flat()) {
    if (file.path !== target.path && !users.has(file.path)) users.set(file.path, { file, line });
  }
  return [...users.values()];
}
