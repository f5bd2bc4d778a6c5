/**
 * The imports of one indexed ref, read and resolved in few round trips: the files with their outlines,
 * the settings around them, and which of the candidates exist. Everything is derived from the tree as it
 * is now, so that no edge can be older than it. What an import may mean is decided elsewhere.
 */
import {
  CANDIDATES_MAX,
  CONFIGURATION_CHUNKS_MAX,
  CONFIGURATION_FILES_MAX,
  IMPORTER_FILES_MAX,
  MEANT_FILES_MAX,
} from "../_shared/contracts/limits.ts";
import { type Candidate, type ImportMeaning } from "../_shared/graph/import_meaning.ts";
import { importProbes } from "../_shared/graph/import_probes.ts";
import { definesCandidate, mayMean } from "../_shared/graph/proximity.ts";
import { isBare } from "../_shared/graph/rules/package_name.ts";
import { ancestors, directoryOf, joined, nameOf } from "../_shared/graph/paths.ts";
import {
  candidatesOf,
  importingLanguages,
  importLanguages,
  keyOf,
  pick,
  resolveImport,
} from "../_shared/graph/resolve_import.ts";
import {
  type ConfigurationFile,
  configurationNeeds,
  furtherConfiguration,
  NO_SURROUNDINGS,
  packageNamesIn,
  readSurroundings,
  type Surroundings,
} from "../_shared/graph/surroundings.ts";
import { type Database } from "../_shared/runtime/database.ts";
import {
  type TreeName,
  type WantedDefinition,
  type WantedFiles,
  type WantedPackage,
  type WordProbe,
} from "../_shared/runtime/database_index_functions.ts";
import { ProblemError } from "../_shared/runtime/problem.ts";
import { type Outline, type OutlineImport } from "../_shared/segment/outline.ts";
import { fold } from "../_shared/text/fold.ts";
import { termsOf } from "../_shared/text/terms.ts";
import { foundTree } from "./indexed_tree.ts";
import { readOutline } from "./outline_reader.ts";

/** The ref whose imports are read. */
export interface GraphTree extends TreeName {
  readonly database: Database;
  readonly tenantId: string;
}

/** A file with all that is known of it. */
export interface SourceFile {
  readonly path: string;
  readonly language: string;
  readonly outline: Outline;
}

/** An import of a file, and what it leads to. */
export interface ResolvedImport {
  readonly file: SourceFile;
  readonly imported: OutlineImport;
  readonly to: readonly string[];
  readonly isExternal: boolean;
}

const ECMASCRIPT = /^(?:JavaScript|TypeScript|TSX)$/;
/** How often settings may go on to name others. */
const EXTENDS_ROUNDS_MAX = 3;

export class ImportGraph {
  readonly #tree: GraphTree;
  readonly #configuration = new Map<string, ConfigurationFile>();
  readonly #asked = new Set<string>();
  #around: Surroundings = NO_SURROUNDINGS;
  /** Whether something was left out for its number. */
  isCut = false;

  constructor(tree: GraphTree) {
    this.#tree = tree;
  }

  /** The file and the commit it is of; throws when the ref has no such file. */
  async head(path: string) {
    const answer = await this.#find({ candidates: { files: [path] }, withOutlines: true });
    const found = answer.files[0];
    if (found === undefined) {
      throw new ProblemError("file_not_found", "path: no such file in the indexed commit.");
    }
    const { repository, ref, commit_oid } = answer;
    const file = toSource(found);
    return { place: { repository, ref, commit_oid }, file };
  }

  /** The files there are of these paths. */
  async files(paths: readonly string[]): Promise<SourceFile[]> {
    if (paths.length === 0) return [];
    const { files } = await this.#find({ candidates: { files: paths }, withOutlines: true });
    return files.map(toSource);
  }

  /** The tree itself; throws when there is none. */
  async place() {
    const { repository, ref, commit_oid } = await this.#find({ candidates: {} });
    return { repository, ref, commit_oid };
  }

  /** Files in which one of these folded terms occurs, in any language with imports. */
  filesWithWords(terms: readonly string[], filesMax: number) {
    return this.#byProbes(terms.map((word) => ({ word, prefix: "" })), filesMax);
  }

  /** Files whose path begins with a prefix, in any language with imports. */
  filesBelow(prefix: string, filesMax: number) {
    return this.#byProbes([{ word: null, prefix }], filesMax);
  }

  async #byProbes(probes: readonly WordProbe[], filesMax: number) {
    const { database, tenantId } = this.#tree;
    const { files, cut } = foundTree(
      await database.findFilesByWord(tenantId, this.#tree, probes, importLanguages, filesMax),
    );
    return { files: files.map(toSource), cut };
  }

  /** What the settings around these files say. */
  async surroundings(files: readonly SourceFile[]): Promise<Surroundings> {
    const needing = files.filter(({ language, outline }) =>
      !ECMASCRIPT.test(language) || outline.imports.some(({ specifier }) => isBare(specifier))
    );
    const packages = needing.flatMap(({ language, outline }) =>
      packageNamesIn(language, outline.imports.map(({ specifier }) => specifier))
    );
    await this.#load(needing, packages);
    return this.#around;
  }

  /** Where every import of these files leads. */
  resolve(files: readonly SourceFile[]): Promise<ResolvedImport[]> {
    return this.#resolveOnly(files, () => true);
  }

  /** Where those imports lead whose meaning is of interest. */
  async #resolveOnly(
    files: readonly SourceFile[],
    isWanted: (meaning: ImportMeaning) => boolean,
  ): Promise<ResolvedImport[]> {
    const around = await this.surroundings(files);
    const wanted = files.flatMap((file) =>
      file.outline.imports.map((imported) => ({
        file,
        imported,
        meaning: resolveImport(file, imported, around),
      }))
    ).filter(({ meaning }) => isWanted(meaning));
    const found = await this.#lookUp(wanted.map(({ meaning }) => meaning));
    return wanted.map(({ file, imported, meaning }) => ({
      file,
      imported,
      ...pick(file, meaning, (key) => found.get(key) ?? []),
    }));
  }

  /** The imports of whatever imports one of these files, and lead to it. */
  async importsOf(targets: readonly SourceFile[]): Promise<ResolvedImport[]> {
    // Aliases and package names may stand for the file: its own settings name them.
    await this.#load(targets, []);
    const likely = await Promise.all(targets.map((target) => this.#likelyImporters(target)));
    const files = new Map(likely.flat().map((file) => [file.path, file]));
    const paths = new Set(targets.map(({ path }) => path));
    const resolved = await this.#resolveOnly(
      [...files.values()],
      (meaning) =>
        targets.some(({ path, outline: { definitions } }) =>
          mayMean(meaning, { path, definitions })
        ),
    );
    return resolved.flatMap((each) => {
      const to = each.to.filter((path) => paths.has(path));
      return to.length === 0 ? [] : [{ ...each, to }];
    });
  }

  /** Whoever imports a file has a word of it: of those, the ones that import anything. */
  async #likelyImporters(target: SourceFile): Promise<SourceFile[]> {
    const { path, language, outline } = target;
    const { database, tenantId } = this.#tree;
    const probes = importProbes({ path, language, definitions: outline.definitions }, this.#around);
    const answer = await database.findFilesByWord(
      tenantId,
      this.#tree,
      probes.map(({ word, prefix }) => ({ word: word === null ? null : fold(word), prefix })),
      importingLanguages(language),
      IMPORTER_FILES_MAX,
    );
    const { files, cut } = foundTree(answer);
    if (cut) this.isCut = true;
    const sources = files.map(toSource);
    return sources.filter((each) => each.outline.imports.length > 0);
  }

  async #load(files: readonly SourceFile[], packageNames: readonly string[]): Promise<void> {
    const { above, anywhere } = configurationNeeds(files.map(({ language }) => language));
    const folders = new Set(files.flatMap(({ path }) => ancestors(directoryOf(path))));
    let paths = [...folders].flatMap((folder) => joined(folder, ...above));
    let names: readonly string[] = anywhere;
    let packages = [...new Set(packageNames)].filter((name) => !this.#asked.has(`package ${name}`));
    for (let round = 0; round < EXTENDS_ROUNDS_MAX; round += 1) {
      const newPaths = paths.filter((path) => !this.#asked.has(path));
      const newNames = names.filter((name) => !this.#asked.has(`*/${name}`));
      if (newPaths.length + newNames.length + packages.length === 0) return;
      for (const path of newPaths) this.#asked.add(path);
      for (const name of newNames) this.#asked.add(`*/${name}`);
      for (const name of packages) this.#asked.add(`package ${name}`);
      const { files: some } = await this.#find({
        candidates: { files: newPaths, suffixes: newNames, packages: packages.map(wantedPackage) },
        filesMax: CONFIGURATION_FILES_MAX,
        textChunks: CONFIGURATION_CHUNKS_MAX,
      });
      for (const { path, text } of some) this.#configuration.set(path, { path, text: text ?? "" });
      const isFull = (name: string) =>
        some.filter(({ path }) => nameOf(path) === name).length >= CONFIGURATION_FILES_MAX;
      if (newNames.some(isFull)) this.isCut = true;
      this.#around = readSurroundings([...this.#configuration.values()]);
      paths = furtherConfiguration(this.#around);
      names = [];
      packages = [];
    }
  }

  /** Which files each candidate's key stands for. */
  async #lookUp(meanings: readonly ImportMeaning[]): Promise<Map<string, string[]>> {
    const all = new Map(
      meanings.flatMap(candidatesOf).map((candidate) => [keyOf(candidate), candidate]),
    );
    const known = new Map<string, string[]>();
    if (all.size === 0) return known;
    if (all.size > CANDIDATES_MAX) this.isCut = true;
    const some = [...all.values()].slice(0, CANDIDATES_MAX);
    const pathsOf = (kind: "file" | "folder" | "suffix") =>
      some.flatMap((each) => each.kind === kind ? [each.path] : []);
    const { files } = await this.#find({
      candidates: {
        files: pathsOf("file"),
        folders: pathsOf("folder"),
        suffixes: pathsOf("suffix"),
        definitions: some.flatMap((each) => wantedDefinition(each) ?? []),
      },
    });
    for (const { kind, key, path, outline } of files) {
      const own = kind === "definition" ? key : `${kind}:${key}`;
      const candidate = all.get(own);
      if (candidate === undefined) continue;
      const isDefined = kind !== "definition" ||
        definesCandidate(candidate, readOutline(outline).definitions);
      if (!isDefined) continue;
      const paths = known.get(own);
      if (paths === undefined) known.set(own, [path]);
      else paths.push(path);
    }
    return known;
  }

  async #find(wanted: Pick<WantedFiles, "candidates"> & Partial<WantedFiles>) {
    const { database, tenantId } = this.#tree;
    const whole = { filesMax: MEANT_FILES_MAX, withOutlines: false, textChunks: 0, ...wanted };
    return foundTree(await database.findFiles(tenantId, this.#tree, whole));
  }
}

function toSource(
  { path, language, outline }: {
    readonly path: string;
    readonly language: string;
    readonly outline: string | null;
  },
): SourceFile {
  return { path, language, outline: readOutline(outline) };
}

function wantedDefinition(candidate: Candidate): WantedDefinition | null {
  if (candidate.kind !== "definition" && candidate.kind !== "namespace") return null;
  return {
    key: keyOf(candidate),
    folded: fold(candidate.name.slice(candidate.name.lastIndexOf(".") + 1)),
    is_namespace: candidate.kind === "namespace",
  };
}

/** The last word tells packages of one scope apart. */
function wantedPackage(name: string): WantedPackage {
  return { name, term: termsOf(name).findLast((term) => /\w/.test(term)) ?? "" };
}
