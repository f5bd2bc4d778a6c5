/**
 * Calls by the names of what they call: a file calls what it imports as it likes, and what has no name
 * for others, as a default has none, by a name that nobody else knows.
 */
import { CALL_FILES_MAX } from "../../_shared/contracts/limits.ts";
import { type RankedDefinition } from "../../_shared/contracts/navigation.ts";
import { wordIn } from "../../_shared/graph/import_probes.ts";
import {
  bindingOf,
  DEFAULT,
  exportedNames,
  originalNames,
  passesNamesOn,
  WHOLE,
} from "../../_shared/segment/bindings.ts";
import { fileKey } from "../names/definition_ranking.ts";
import {
  followImports,
  importersByOtherNames,
  type NameImport,
  passingOn,
} from "../names/imported_names.ts";
import { type Definitions } from "./call_meanings.ts";
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

/** The files that import one of these names in a language in which they may give it to others. */
export async function filesImporting(
  graph: ImportGraph,
  definitions: readonly Pick<RankedDefinition, "name" | "language">[],
): Promise<readonly SourceFile[]> {
  const words = definitions.filter(({ language }) => passesNamesOn(language))
    .flatMap(({ name }) => wordIn(name) ?? []);
  if (words.length === 0) return [];
  const { files, cut } = await graph.filesUsing("import", [...new Set(words)], CALL_FILES_MAX);
  if (cut) graph.cut();
  return files;
}

/**
 * The files that know definitions by names which those do not have, with what they mean by them: names
 * that their own files give, or some of those that import them.
 */
export async function callersByOtherNames(
  graph: ImportGraph,
  definitions: readonly RankedDefinition[],
  { outlines }: Definitions,
  importing: readonly SourceFile[],
): Promise<ReadonlyMap<SourceFile, Renamed>> {
  const own = definitions.flatMap((definition) => {
    const { name, path, language } = definition;
    const outline = outlines.get(fileKey(definition));
    const isGiven = outline !== undefined && exportedNames(outline, name).size > 0;
    return isGiven ? [{ file: { path, language, outline }, name }] : [];
  });
  const given = [...own, ...await passingOn(graph, importing, definitions)];
  return given.length === 0 ? new Map() : await importersByOtherNames(graph, given);
}
