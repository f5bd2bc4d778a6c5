/**
 * Follows names through imports: from a name that a file imports to what defines it, and from a
 * definition to the files that know it by another name. Files that pass a name on are followed too, for
 * a few steps.
 */
import {
  aliasesOf,
  type Binding,
  bindingOf,
  definitionsKnownAs,
  exportedNames,
  importsOfAll,
  ownName,
  WHOLE,
} from "../_shared/segment/bindings.ts";
import { type OutlineDefinition } from "../_shared/segment/outline.ts";
import { type ImportGraph } from "./import_graph.ts";
import { type FileImport, type SourceFile } from "./source_file.ts";

/** How often a name is passed on: from file to file by `export … from`. */
const STEPS_MAX = 4;
/** Imports that are followed in one step: an index of a library may pass on a hundred files. */
const STEP_IMPORTS_MAX = 100;

/** What an import leads to. */
export interface FollowedImport {
  /** The files that it names. */
  readonly paths: readonly string[];
  /** What it means in them, or in the files that they have it from. */
  readonly definitions: readonly {
    readonly file: SourceFile;
    readonly definition: OutlineDefinition;
  }[];
}

interface Step extends FileImport {
  readonly name: string;
}

/** Where a file that does not define a name has it from. */
function passedOn(file: SourceFile, exported: string): Step[] {
  const own = ownName(file.outline, exported);
  const binding = bindingOf(file, own);
  if (binding !== null) return [{ file, ...binding }];
  return importsOfAll(file).map((imported) => ({ file, imported, name: own }));
}

/** The files and the definitions that an import brings under a name. */
export async function followImport(
  graph: ImportGraph,
  file: SourceFile,
  { imported, name }: Binding,
): Promise<FollowedImport> {
  let steps: Step[] = [{ file, imported, name }];
  let paths: readonly string[] | null = null;
  const visited = new Set<string>();
  for (let count = 0; count < STEPS_MAX && steps.length > 0; count++) {
    const reached = await graph.follow(steps.slice(0, STEP_IMPORTS_MAX));
    paths ??= reached[0]?.to ?? [];
    // A package has many files, and no definition of its own.
    if (name === WHOLE && paths.length > 1) break;
    const wanted = reached.flatMap(({ to }, index) =>
      to.map((path) => ({ path, name: steps[index]?.name ?? name }))
    ).filter(({ path, name: known }) => {
      const key = `${path}\n${known}`;
      return !visited.has(key) && visited.add(key);
    });
    const files = await graph.files([...new Set(wanted.map(({ path }) => path))]);
    const found = wanted.flatMap(({ path, name: known }) => {
      const own = files.find((each) => each.path === path);
      return own === undefined ? [] : [{ file: own, name: known }];
    });
    const definitions = found.flatMap((each) =>
      definitionsKnownAs(each.file.outline, each.name)
        .map((definition) => ({ file: each.file, definition }))
    );
    if (definitions.length > 0) return { paths, definitions };
    steps = found.flatMap((each) => passedOn(each.file, each.name));
  }
  return { paths: paths ?? [], definitions: [] };
}

/** Whether a file knows the name by another one that it does not use: so it passes it on. */
function isPassing(file: SourceFile, alias: string): boolean {
  return !file.outline.references.some(({ name }) => name === alias);
}

/** The names that a file gives to others for one that it defines or passes on, and not this one. */
export function otherNamesFor(file: SourceFile, name: string): Set<string> {
  const isDefined = file.outline.definitions.some((each) => each.name === name);
  const aliases = [...aliasesOf(file, new Set([name]))].filter((alias) => isPassing(file, alias));
  return new Set([...isDefined ? exportedNames(file.outline, name) : [], ...aliases]);
}

/**
 * The files that know a definition by a name that files with the word `name` give to others, and what
 * they call it.
 */
export async function importersByOtherNames(
  graph: ImportGraph,
  files: readonly SourceFile[],
  name: string,
): Promise<Map<SourceFile, Set<string>>> {
  const found = new Map<SourceFile, Set<string>>();
  let offered = new Map(
    files.map((file) => [file, otherNamesFor(file, name)] as const)
      .filter(([, names]) => names.size > 0),
  );
  for (let count = 0; count < STEPS_MAX && offered.size > 0; count++) {
    const byPath = new Map([...offered].map(([file, names]) => [file.path, names]));
    const next = new Map<SourceFile, Set<string>>();
    for (const { file, imported, to } of await graph.importsOf([...offered.keys()])) {
      const names = new Set(to.flatMap((path) => [...byPath.get(path) ?? []]));
      const own = { language: file.language, outline: { imports: [imported] } };
      const kept = [...names].filter((each) => bindingOf(own, each)?.name === each);
      for (const local of [...aliasesOf(own, names), ...kept]) {
        const known = found.get(file) ?? new Set<string>();
        if (known.has(local)) continue;
        found.set(file, known.add(local));
        if (isPassing(file, local)) next.set(file, (next.get(file) ?? new Set()).add(local));
      }
    }
    offered = next;
  }
  return found;
}
