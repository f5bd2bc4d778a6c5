/**
 * The uses of a definition as they are seen from its file: files that import it by another name, which
 * need not have its own, and how near all files are.
 */
import { filesMeant, PROXIMITIES, proximityFrom } from "../../_shared/graph/proximity.ts";
import { resolveImport } from "../../_shared/graph/resolve_import.ts";
import { type Surroundings } from "../../_shared/graph/surroundings.ts";
import { aliasesOf } from "../../_shared/segment/bindings.ts";
import { definitionsOf, referencesTo } from "../../_shared/segment/outline.ts";
import { importersByOtherNames, otherNamesFor } from "../names/imported_names.ts";
import { type ImportGraph } from "../graph/import_graph.ts";
import { ownersElsewhere } from "./call_owners.ts";
import { packaged } from "./package_users.ts";
import { type FoundReference, type ReadFile } from "./reference_pages.ts";
import { type SourceFile } from "../files/source_file.ts";

/** Files with their uses of a definition. */
export interface SeenFiles {
  readonly files: readonly ReadFile[];
  /** Whether the file of the definition has one of the name. */
  readonly isDefined: boolean;
  /** Those of them whose importers are among them. */
  readonly followed: ReadonlySet<string>;
  /** Puts the nearest first. */
  readonly rank: (found: readonly FoundReference[]) => FoundReference[];
  /** Whether the name means another definition where it is a member of what a file calls so. */
  readonly isElsewhere: (file: SourceFile, owner: string) => boolean;
}

/** Whether a file has the definition under another name, by an import that leads to its file. */
function renames(
  file: SourceFile,
  name: string,
  target: SourceFile,
  around: Surroundings,
): boolean {
  const { path, language, outline: { imports } } = file;
  const renaming = imports.filter((imported) =>
    aliasesOf({ language, outline: { imports: [imported] } }, new Set([name])).size > 0
  );
  const isMeant = filesMeant(
    renaming.map((imported) => resolveImport({ path, language }, imported, around)),
  );
  return isMeant(packaged(target));
}

/** The importers of these files that know the definition by another name, beside the files themselves. */
async function withImporters(
  graph: ImportGraph,
  place: Awaited<ReturnType<ImportGraph["place"]>>,
  files: readonly ReadFile[],
  giving: readonly SourceFile[],
  name: string,
): Promise<ReadFile[]> {
  const importers = await importersByOtherNames(graph, giving.map((file) => ({ file, name })));
  const all = new Map(files.map((each) => [each.source.path, each]));
  for (const [source, locals] of importers) {
    const names = new Set(locals.keys());
    const { path, language } = source;
    const known = all.get(path);
    const blob = graph.blobOf(path);
    if (known !== undefined) {
      all.set(path, { ...known, names: new Set([...known.names, ...names]) });
    } else if (blob !== null) {
      const file = { ...place, path, language, blob, symbols_skip_reason: null, has_outline: true };
      all.set(path, { occurrence: { ...file, key: null }, source, names });
    }
  }
  return [...all.values()];
}

/**
 * The files that have the word of a definition, with those that know it by another name where the files
 * are the first to be read.
 */
export async function seenFromDefinition(
  graph: ImportGraph,
  { place, file: target }: Awaited<ReturnType<ImportGraph["head"]>>,
  name: string,
  files: readonly ReadFile[],
  isFirst: boolean,
): Promise<SeenFiles> {
  let around = await graph.surroundings(files.map(({ source }) => source));
  const giving = [
    target,
    ...files.map(({ source }) => source).filter((source) =>
      source.path !== target.path && renames(source, name, target, around)
    ),
  ].filter((source) => otherNamesFor(source, name).size > 0);
  const isFollowed = isFirst && giving.length > 0;
  // Behind the first files those that give another name are told of, and nobody looks for who has it.
  if (!isFirst && giving.some(({ path }) => path !== target.path)) graph.cut();
  const all = isFollowed ? await withImporters(graph, place, files, giving, name) : files;
  if (isFollowed) around = await graph.surroundings(all.map(({ source }) => source));
  const known = packaged(target);
  const proximities = new Map(
    all.map(({ source }) => [source.path, proximityFrom(source, around)(known)]),
  );
  const { isElsewhere } = await ownersElsewhere(
    graph,
    target,
    name,
    all.map(({ source }) => source),
    all.map(({ source: file, names }) => ({
      file,
      uses: referencesTo(file.outline, names),
      names,
    })),
  );
  const rank = ({ proximity }: FoundReference) =>
    proximity === null ? PROXIMITIES.length : PROXIMITIES.indexOf(proximity);
  return {
    files: all,
    isDefined: definitionsOf(target.outline, name).length > 0,
    followed: new Set(isFollowed ? giving.map(({ path }) => path) : []),
    rank: (found) =>
      found.map((each) => ({ ...each, proximity: proximities.get(each.path) ?? null }))
        .toSorted((one, other) => rank(one) - rank(other)),
    isElsewhere,
  };
}
