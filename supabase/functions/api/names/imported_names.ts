/**
 * Follows names through imports: from a name that a file imports to what defines it, and from a
 * definition to the files that know it by another name. Files that pass a name on are followed too, for
 * a few steps.
 */
import {
  aliasesOf,
  type Binding,
  bindingOf,
  bringsWhole,
  definitionsKnownAs,
  exportedNames,
  importsOfAll,
  ownName,
  WHOLE,
} from "../../_shared/segment/bindings.ts";
import { definitionsOf, referencesTo } from "../../_shared/segment/outline.ts";
import {
  type OutlineDefinition,
  type OutlineImport,
} from "../../_shared/segment/outline_entries.ts";
import { type ImportGraph } from "../graph/import_graph.ts";
import { type FileImport, type SourceFile } from "../files/source_file.ts";

/** How often a name is passed on: from file to file by `export … from`. */
const STEPS_MAX = 4;
/** Imports that are followed in one step: an index of a library may pass on a hundred files. */
const STEP_IMPORTS_MAX = 100;

/** An import of a name, with the file that it stands in. */
export interface NameImport extends FileImport, Binding {}

/** What an import leads to. */
export interface FollowedImport {
  /** The files that it names. */
  readonly paths: readonly string[];
  /** What it means in them, or in the files that they have it from. */
  readonly definitions: readonly {
    readonly file: SourceFile;
    readonly definition: OutlineDefinition;
  }[];
  /** Whether it was not followed everywhere. */
  readonly isCut: boolean;
}

/** An import on its way. */
class Trail implements FollowedImport {
  paths: readonly string[] = [];
  definitions: FollowedImport["definitions"] = [];
  isCut = false;
  readonly #isWhole: boolean;
  readonly #visited = new Set<string>();

  constructor({ name }: Binding) {
    this.#isWhole = name === WHOLE;
  }

  /** The paths under which a name was not looked for yet. */
  unvisited(paths: readonly string[], name: string): string[] {
    // A package has many files, and no definition of its own.
    if (this.#isWhole && this.paths.length > 1) return [];
    return paths.filter((path) => {
      const key = `${path}\n${name}`;
      return !this.#visited.has(key) && this.#visited.add(key);
    });
  }
}

/** `src/a/b.rs` and `src/a/b/mod.rs` are of the module b. */
const MODULE_FILE = /([^/]+?)(?:\/mod)?\.rs$/;

/** The modules of a path of Rust that a file which it led to has not in files of their own. */
function modulesWithin(path: string, specifier: string): readonly string[] {
  const parts = specifier.split("::").slice(0, -1);
  const reached = parts.lastIndexOf(MODULE_FILE.exec(path)?.[1] ?? "");
  const outer = parts.findIndex((part) => !/^(?:crate|self|super)$/.test(part));
  if (reached !== -1) return parts.slice(reached + 1);
  return parts.slice(Math.max(1, outer === -1 ? parts.length : outer));
}

interface Step extends NameImport {
  readonly trail: Trail;
}

/** The path by which an import of Rust brings a name; null in languages whose paths name files alone. */
function pathTo({ file, imported, name }: NameImport): string | null {
  if (file.language !== "Rust") return null;
  const isOfAll = imported.names.some((each) => each.name === WHOLE && each.alias === null);
  return isOfAll ? `${imported.specifier}::${name}` : imported.specifier;
}

/** An import through which a path goes on: it names the first of its parts. */
function goingOn(imported: OutlineImport, parts: readonly string[]): OutlineImport {
  const specifier = [imported.specifier, ...parts].join("::");
  return { ...imported, specifier, kind: "name", names: [] };
}

/** Where a file that does not define a name has it from; `by` is the path that led there. */
function passedOn(file: SourceFile, exported: string, by: string | null): NameImport[] {
  const own = ownName(file.outline, exported);
  const [module, ...rest] = by === null ? [] : modulesWithin(file.path, by);
  const binding = bindingOf(file, module ?? own);
  const bound = binding === null ? [] : [
    module === undefined
      ? { file, ...binding }
      : { file, imported: goingOn(binding.imported, [...rest, own]), name: own },
  ];
  // What Rust has by one path may be a macro, and a trait of its name be among all of another.
  if (bound.length > 0 && by === null) return bound;
  const ofAll = importsOfAll(file).map((imported) => ({
    file,
    imported: module === undefined ? imported : goingOn(imported, [module, ...rest, own]),
    name: own,
  }));
  return [...bound, ...ofAll];
}

/** Goes along some imports at once. Answers those that go on from there. */
async function goAlong(
  graph: ImportGraph,
  steps: readonly Step[],
  isFirst: boolean,
): Promise<Step[]> {
  const reached = await graph.follow(steps);
  const wanted = steps.flatMap((step, index) => {
    const { trail, name } = step;
    const to = reached[index]?.to ?? [];
    if (isFirst) trail.paths = to;
    return trail.unvisited(to, name).map((path) => ({ path, name, trail, by: pathTo(step) }));
  });
  const files = await graph.files([...new Set(wanted.map(({ path }) => path))]);
  const byPath = new Map(files.map((file) => [file.path, file]));
  const found = wanted.flatMap(({ path, ...rest }) => {
    const file = byPath.get(path);
    return file === undefined ? [] : [{ file, ...rest }];
  });
  for (const { file, name, trail } of found) {
    const known = definitionsKnownAs(file.outline, name);
    trail.definitions = [
      ...trail.definitions,
      ...known.map((definition) => ({ file, definition })),
    ];
  }
  return found.filter(({ trail }) => trail.definitions.length === 0)
    .flatMap(({ file, name, trail, by }) =>
      passedOn(file, name, by).map((each) => ({ ...each, trail }))
    );
}

/**
 * The files and the definitions that imports bring under their names. All of them are followed together:
 * a step asks the same few questions for one as for many.
 */
export async function followImports(
  graph: ImportGraph,
  imports: readonly NameImport[],
  stepImportsMax = STEP_IMPORTS_MAX,
): Promise<FollowedImport[]> {
  const all = imports.map((each) => ({ ...each, trail: new Trail(each) }));
  const leave = (left: readonly Step[]) => {
    for (const { trail } of left) trail.isCut = true;
    if (left.length > 0) graph.cut();
  };
  let steps: Step[] = all;
  for (let count = 0; count < STEPS_MAX && steps.length > 0; count++) {
    leave(steps.slice(stepImportsMax));
    steps = await goAlong(graph, steps.slice(0, stepImportsMax), count === 0);
  }
  leave(steps);
  return all.map(({ trail }) => trail);
}

/** Whether a file knows the name by another one that it does not use: so it passes it on. */
function isPassing(file: SourceFile, alias: string): boolean {
  return referencesTo(file.outline, new Set([alias])).length === 0;
}

/** The names that a file gives to others for one that it defines or passes on, and not this one. */
export function otherNamesFor(file: SourceFile, name: string): Set<string> {
  const isDefined = definitionsOf(file.outline, name).length > 0;
  const aliases = [...aliasesOf(file, new Set([name]))].filter((alias) => isPassing(file, alias));
  return new Set([...isDefined ? exportedNames(file.outline, name) : [], ...aliases]);
}

/** Names of files, each with that of the definition that it stands for. */
class NamesOfFiles {
  readonly all = new Map<SourceFile, Map<string, string>>();

  /** Whether it was not known yet. */
  add(file: SourceFile, local: string, name: string): boolean {
    const known = this.all.get(file) ?? new Map<string, string>();
    if (known.has(local)) return false;
    this.all.set(file, known.set(local, name));
    return true;
  }
}

/** Whether a file has the name for members alone, and for one at least. */
function isMember(file: SourceFile, name: string): boolean {
  const isOwn = definitionsOf(file.outline, name).length > 0;
  return !isOwn && bindingOf(file, name) === null && !isPassing(file, name);
}

/** What an import calls names that others give, with the names that these stand for. */
function localNames(
  { file, imported }: FileImport,
  given: readonly (readonly [string, string])[],
) {
  const { language } = file;
  const own = { language, outline: { imports: [imported] } };
  const isWhole = bringsWhole(imported, language);
  return given.flatMap(([other, name]) => {
    const isKept = bindingOf(own, other)?.name === other || isWhole && isMember(file, other);
    return [...aliasesOf(own, new Set([other])), ...isKept ? [other] : []]
      .map((local) => ({ local, name }));
  });
}

/** The files that import one of some definitions and give it to others under another name. */
export async function passingOn(
  graph: ImportGraph,
  files: readonly SourceFile[],
  definitions: readonly { readonly path: string; readonly name: string }[],
): Promise<{ readonly file: SourceFile; readonly name: string }[]> {
  const names = [...new Set(definitions.map(({ name }) => name))];
  const imports = files.flatMap((file) =>
    names.flatMap((name) => [...aliasesOf(file, new Set([name]))])
      .filter((alias) => isPassing(file, alias))
      .flatMap((alias) => {
        const binding = bindingOf(file, alias);
        return binding === null ? [] : [{ file, ...binding }];
      })
  );
  const followed = await followImports(graph, imports);
  return imports.filter((_, index) =>
    followed[index]?.definitions.some(({ file, definition }) =>
      definitions.some(({ path, name }) => path === file.path && name === definition.name)
    )
  );
}

/**
 * The files that know definitions by names that files give to others, with what they call them and the
 * names those have themselves. All definitions are followed together, a step of them at once.
 */
export async function importersByOtherNames(
  graph: ImportGraph,
  given: readonly { readonly file: SourceFile; readonly name: string }[],
): Promise<ReadonlyMap<SourceFile, ReadonlyMap<string, string>>> {
  const found = new NamesOfFiles();
  let offered = new NamesOfFiles();
  for (const { file, name } of given) {
    for (const other of otherNamesFor(file, name)) offered.add(file, other, name);
  }
  for (let count = 0; count < STEPS_MAX && offered.all.size > 0; count++) {
    const byPath = new Map([...offered.all].map(([file, names]) => [file.path, names]));
    const next = new NamesOfFiles();
    for (const { file, imported, to } of await graph.importsOf([...offered.all.keys()])) {
      const others = to.flatMap((path) => [...byPath.get(path) ?? []]);
      for (const { local, name } of localNames({ file, imported }, others)) {
        if (found.add(file, local, name) && isPassing(file, local)) next.add(file, local, name);
      }
    }
    offered = next;
  }
  if (offered.all.size > 0) graph.cut();
  return found.all;
}
