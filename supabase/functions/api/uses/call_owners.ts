/**
 * What a call is made on, where that is a name which an import brings or a class has. An outline says of a
 * call its name and place alone; the name before it is a use by itself.
 */
import { bindingOf } from "../../_shared/segment/bindings.ts";
import { definitionsOf, referencesBehindOthers } from "../../_shared/segment/outline.ts";
import { type OutlineReference } from "../../_shared/segment/outline_entries.ts";
import { type SourceFile } from "../files/source_file.ts";
import { type ImportGraph } from "../graph/import_graph.ts";
import {
  containerOf,
  type MemberOwner,
  membersElsewhere,
  type OwnedPlace,
} from "../names/member_owners.ts";
import { importsFromOutside, type OutsideImports } from "../names/outside_imports.ts";
import { packaged } from "./package_users.ts";

/** Units of what stands between an owner and its member, `::`, where that is not `.` alone. */
const MARK_UNITS: Readonly<Record<string, readonly number[]>> = {
  "C++": [2],
  "PHP": [2],
  "Perl": [2],
  "R": [1, 2],
  "Ruby": [1, 2],
  "Rust": [1, 2],
};

/**
 * How far behind an owner its member stands in a language. The `?.` of what may be null is no import's and no
 * class's, and as long as the comma and the blank behind an argument.
 */
export function markUnits(language: string): readonly number[] {
  return MARK_UNITS[language] ?? [1];
}

/** Uses by which a name is another one's owner; what is called holds what stands behind it. */
const OWNING = /^(?:read|type)$/;

/** Uses of names in a file. */
export interface FileUses {
  readonly file: SourceFile;
  readonly uses: readonly OutlineReference[];
  /** What the file calls what is used. */
  readonly names: ReadonlySet<string>;
}

function placeOf({ line, column }: OutlineReference): string {
  return `${line}:${column}`;
}

/** Tells of uses in a file what they are made on; null where that is neither imported nor has such members. */
function ownersIn(
  { file, names }: FileUses,
  containers: ReadonlySet<string>,
): (use: OutlineReference) => MemberOwner | null {
  const marks = markUnits(file.language);
  const owners = new Map<string, MemberOwner>();
  for (const { reference, before } of referencesBehindOthers(file.outline, names)) {
    const between = reference.column - before.column - before.name.length;
    const isOwning = before.line === reference.line && marks.includes(between) &&
      OWNING.test(before.role);
    const binding = isOwning ? bindingOf(file, before.name) : null;
    if (binding === null && !(isOwning && containers.has(before.name))) continue;
    owners.set(placeOf(reference), { local: before.name, binding });
  }
  return (use) => owners.get(placeOf(use)) ?? null;
}

/** What uses of names in several files are made on. */
export interface Owners {
  readonly in: (file: SourceFile) => (use: OutlineReference) => MemberOwner | null;
  /** Of the imports that bring an owner those from outside. */
  readonly outside: OutsideImports;
  /** The classes and the like that what may be meant is a member of. */
  readonly containers: ReadonlySet<string>;
}

/** What these uses are made on; `byName`: what they may mean. */
export async function ownersOf(
  graph: ImportGraph,
  byName: ReadonlyMap<string, readonly OwnedPlace[]>,
  all: readonly FileUses[],
): Promise<Owners> {
  const containers = new Set(
    [...byName.values()].flatMap((places) => places.flatMap((each) => containerOf(each) ?? [])),
  );
  const byFile = new Map(all.map((each) => [each.file, ownersIn(each, containers)]));
  const imports = all.flatMap(({ file, uses }) =>
    uses.flatMap((use) => {
      const binding = byFile.get(file)?.(use)?.binding ?? null;
      return binding === null ? [] : [{ file, imported: binding.imported }];
    })
  );
  return {
    in: (file) => byFile.get(file) ?? (() => null),
    outside: await importsFromOutside(graph, imports),
    containers,
  };
}

/** The definitions of a name in these files. */
function placesIn(files: readonly SourceFile[], name: string) {
  return files.flatMap((file) =>
    definitionsOf(file.outline, name).map((definition) => ({ definition, file: packaged(file) }))
  );
}

/**
 * What uses of a name are made on, and with which owners the name means another definition than the target's;
 * `files`: those that may define it.
 */
export async function ownersElsewhere(
  graph: ImportGraph,
  target: SourceFile,
  name: string,
  files: readonly SourceFile[],
  all: readonly FileUses[],
) {
  const others = files.filter(({ path }) => path !== target.path);
  const places = placesIn([target, ...others], name);
  const owners = await ownersOf(graph, new Map([[name, places]]), all);
  const around = await graph.surroundings(all.map(({ file }) => file));
  return {
    ownersIn: owners.in,
    isElsewhere: membersElsewhere(target, places, around, owners.outside),
  };
}
