/**
 * Calls by the names of what they call: a file calls what it imports as it likes, and what has no name
 * for others, as a default has none, by a name that nobody else knows.
 */
import { bindingOf, DEFAULT, originalNames, WHOLE } from "../_shared/segment/bindings.ts";
import { followImport, importersByOtherNames } from "./imported_names.ts";
import { type ImportGraph } from "./import_graph.ts";
import { type SourceFile } from "./source_file.ts";

/** Imports of one file that are followed to learn what they bring. */
const FOLLOWED_MAX = 16;

/** For names of a file, what they are called where they are defined. */
export type Renamed = ReadonlyMap<string, string>;

/** The names that a file calls, as far as it has others for them. */
export async function calledNames(
  graph: ImportGraph,
  file: SourceFile,
  called: Iterable<string>,
): Promise<Renamed> {
  const names = new Map(originalNames(file));
  let followed = 0;
  for (const local of new Set(called)) {
    const binding = names.has(local) ? null : bindingOf(file, local);
    const isNameless = binding !== null && (binding.name === DEFAULT || binding.name === WHOLE);
    if (!isNameless) continue;
    if (followed++ === FOLLOWED_MAX) break;
    const { definitions: [first] } = await followImport(graph, file, binding);
    if (first !== undefined) names.set(local, first.definition.name);
  }
  return names;
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
  const found = new Map<SourceFile, Map<string, string>>();
  if (definitions.length === 0) return found;
  const files = await graph.files([...new Set(definitions.map(({ path }) => path))]);
  for (const { name, path } of definitions) {
    const own = files.filter((file) => file.path === path);
    for (const [file, locals] of await importersByOtherNames(graph, own, name)) {
      const names = found.get(file) ?? new Map<string, string>();
      for (const local of locals) names.set(local, name);
      found.set(file, names);
    }
  }
  return found;
}
