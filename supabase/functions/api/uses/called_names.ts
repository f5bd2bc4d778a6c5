/**
 * Calls by the names of what they call: a file calls what it imports as it likes, and what has no name
 * for others, as a default has none, by a name that nobody else knows.
 */
import { bindingOf, DEFAULT, originalNames, WHOLE } from "../../_shared/segment/bindings.ts";
import { followImports, importersByOtherNames, type NameImport } from "../names/imported_names.ts";
import { type ImportGraph } from "../graph/import_graph.ts";
import { type SourceFile } from "../files/source_file.ts";

/** Imports of all files that are followed in one step to learn what they bring. */
const FOLLOWED_MAX = 500;

/** For names of a file, what they are called where they are defined. */
export type Renamed = ReadonlyMap<string, string>;

/** The names that a file calls, as far as it has others for them. */
export interface CalledNames {
  readonly renamed: Renamed;
  /** Of these it was not found out what they mean. */
  readonly unknown: ReadonlySet<string>;
}

/** What the names that files call are called where they are defined; of all files at once. */
export async function calledNames(
  graph: ImportGraph,
  called: ReadonlyMap<SourceFile, ReadonlySet<string>>,
): Promise<(file: SourceFile) => CalledNames> {
  const names = new Map([...called.keys()].map((file) => [
    file,
    { renamed: new Map(originalNames(file)), unknown: new Set<string>() },
  ]));
  const imports: (NameImport & { readonly local: string })[] = [];
  for (const [file, locals] of called) {
    for (const local of locals) {
      const binding = names.get(file)?.renamed.has(local) === true ? null : bindingOf(file, local);
      const isNameless = binding !== null && (binding.name === DEFAULT || binding.name === WHOLE);
      if (isNameless) imports.push({ file, local, ...binding });
    }
  }
  const followed = await followImports(graph, imports, FOLLOWED_MAX);
  for (const [index, { file, local }] of imports.entries()) {
    const first = followed[index]?.definitions[0];
    if (first !== undefined) names.get(file)?.renamed.set(local, first.definition.name);
    else if (followed[index]?.isCut === true) names.get(file)?.unknown.add(local);
  }
  return (file) => names.get(file) ?? { renamed: new Map(), unknown: new Set() };
}

/** A definition by its name and file. */
interface Defined {
  readonly name: string;
  readonly path: string;
}

/** The files that know definitions by names which those do not have, with what they mean by them. */
export async function callersByOtherNames(
  graph: ImportGraph,
  definitions: readonly Defined[],
): Promise<ReadonlyMap<SourceFile, Renamed>> {
  if (definitions.length === 0) return new Map();
  const files = await graph.files([...new Set(definitions.map(({ path }) => path))]);
  const byPath = new Map(files.map((file) => [file.path, file]));
  const given = definitions.flatMap(({ name, path }) => {
    const file = byPath.get(path);
    return file === undefined ? [] : [{ file, name }];
  });
  return await importersByOtherNames(graph, given);
}
