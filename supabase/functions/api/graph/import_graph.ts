/**
 * The imports of one indexed ref, read and resolved in few round trips: the files with their outlines,
 * the settings around them, and which of the candidates exist. Everything is derived from the tree as it
 * is now, so that no edge can be older than it. What an import may mean is decided elsewhere.
 */
import { CONFIGURATION_CHUNKS_MAX, IMPORTER_FILES_MAX } from "../../_shared/contracts/limits.ts";
import { type ImportMeaning } from "../../_shared/graph/import_meaning.ts";
import { importProbes, namedByProbes, type Probe } from "../../_shared/graph/import_probes.ts";
import { mayMeanOneOf } from "../../_shared/graph/meant_among.ts";
import { isBare } from "../../_shared/graph/rules/package_name.ts";
import {
  importingLanguages,
  pick,
  resolveImport,
  usingLanguages,
} from "../../_shared/graph/resolve_import.ts";
import { packageNamesIn, type Surroundings } from "../../_shared/graph/surroundings.ts";
import { type Database } from "../../_shared/runtime/database.ts";
import { type OutlineOf, type Outlines } from "../../_shared/runtime/outlines.ts";
import { type WordProbe } from "../../_shared/runtime/database_import_functions.ts";
import {
  type TreeName,
  type WantedDefinitions,
} from "../../_shared/runtime/database_index_functions.ts";
import { MODULE_LANGUAGES } from "../../_shared/text/languages.ts";
import { type Use, useWord } from "../../_shared/text/use_words.ts";
import { CandidateLookup, type FilesWanted } from "./candidate_lookup.ts";
import { SettingsReader } from "./settings_reader.ts";
import { type PublishedTree, TreeFiles, type TreeSource } from "./tree_files.ts";
import { missingFile } from "../files/missing_file.ts";
import {
  type FileImport,
  importsIn,
  type ResolvedImport,
  type SourceFile,
} from "../files/source_file.ts";

/** The ref whose imports are read. */
export interface GraphTree extends TreeName, TreeSource {
  readonly database: Database;
  readonly outlines: Outlines;
}

/** A file as the database answers it, with the blob that its outline is of. */
interface FoundSource {
  readonly path: string;
  readonly language: string;
  readonly outline: string | null;
}

/** Of so many files that are imported each may have its full number of importers. */
const IMPORTED_TOGETHER_MAX = 4;
const MODULES = new Set<string>(MODULE_LANGUAGES);

export class ImportGraph {
  readonly #tree: GraphTree;
  readonly #files: TreeFiles;
  readonly #settings: SettingsReader;
  readonly #sources = new Map<string, SourceFile>();
  readonly #candidates: CandidateLookup;
  /** Files that the tree has, by path, of which it is known what outline they have. */
  readonly #found = new Map<string, FoundSource>();
  #isCut = false;

  constructor(tree: GraphTree) {
    this.#tree = tree;
    this.#files = new TreeFiles(tree, tree);
    const find = (wanted: FilesWanted) => this.#find(wanted);
    this.#settings = new SettingsReader(find);
    this.#candidates = new CandidateLookup(find, (blobs) => this.#outlines(blobs));
  }

  /** Whether something was left out for its number. */
  get isCut(): boolean {
    return this.#isCut || this.#settings.isCut;
  }

  /** Remembers that something was left out. */
  cut(): void {
    this.#isCut = true;
  }

  /** The file that a parameter names, and the commit it is of; throws when the ref has no such file. */
  async head(path: string, parameter = "path") {
    // Its settings are asked for with it: what follows needs them.
    const answer = await this.#files.ask({
      candidates: { files: [path], settings: this.#settings.wantedFor(path) },
      withOutlines: true,
      textChunks: CONFIGURATION_CHUNKS_MAX,
    });
    this.#settings.found(answer.files);
    const found = answer.files.find(({ kind }) => kind === "file");
    const { database, tenantId } = this.#tree;
    if (found === undefined) {
      throw await missingFile(database, tenantId, this.#tree, path, parameter);
    }
    const { repository, ref, commit_oid } = answer;
    const [file] = await this.#read([found]);
    if (file === undefined) throw new Error(`${path} was not read`);
    return { place: { repository, ref, commit_oid }, file };
  }

  /** The files there are of these paths. */
  async files(paths: readonly string[]): Promise<SourceFile[]> {
    const unread = paths.filter((path) => !this.#sources.has(path));
    const unknown = unread.filter((path) => !this.#found.has(path));
    const wanted = { candidates: { files: unknown }, withOutlines: true };
    if (unknown.length > 0) await this.#find(wanted);
    await this.#read(unread.flatMap((path) => this.#found.get(path) ?? []));
    return paths.flatMap((path) => this.#sources.get(path) ?? []);
  }

  /** Takes a file of the tree that somebody else has read, and which generation that was told to be of. */
  know(file: SourceFile, published: PublishedTree | null = null): void {
    if (published !== null) this.#files.tell(published);
    if (!this.#sources.has(file.path)) this.#sources.set(file.path, file);
  }

  /** The blob of a file that was read; null where it has no outline. */
  blobOf(path: string): string | null {
    return this.#found.get(path)?.outline ?? null;
  }

  /** The tree itself; throws when there is none. */
  place() {
    return this.#files.place();
  }

  /** The definitions of names in the tree, as the database answers them. */
  definitions(wanted: WantedDefinitions) {
    return this.#files.definitions(wanted);
  }

  /** Files in which one of these folded terms occurs, in any language that uses others' or some; below a prefix. */
  filesWithWords(
    terms: readonly string[],
    filesMax: number,
    languages: readonly string[] = usingLanguages,
    prefix = "",
  ) {
    const probes = terms.map((word) => ({ word, prefix }));
    return this.#byProbes(null, probes, languages, filesMax);
  }

  /** Files that call one of these names, or import something by one of these words. */
  filesUsing(use: "call" | "import", words: readonly string[], filesMax: number) {
    const probes = words.map((word) => ({ word: useWord(use, word), prefix: "" }));
    return this.#byProbes(use, probes, usingLanguages, filesMax);
  }

  async #byProbes(
    use: Use | null,
    probes: readonly WordProbe[],
    languages: readonly string[],
    filesMax: number,
  ) {
    const { files, cut } = await this.#files.byWord(use, probes, languages, filesMax);
    return { files: await this.#read(files), cut };
  }

  /** What the settings around these files say. */
  async surroundings(files: readonly SourceFile[]): Promise<Surroundings> {
    return await this.#surroundingsOf(files.flatMap(importsIn));
  }

  async #surroundingsOf(imports: readonly FileImport[]): Promise<Surroundings> {
    const needing = imports.filter(({ file, imported }) =>
      !MODULES.has(file.language) || isBare(imported.specifier)
    );
    const packages = needing.flatMap(({ file, imported }) =>
      packageNamesIn(file.language, [imported.specifier])
    );
    await this.#settings.load([...new Set(needing.map(({ file }) => file))], packages);
    return this.#settings.around;
  }

  /** Where every import of these files leads; `goesOn`: whether those files are read next. */
  resolve(files: readonly SourceFile[], goesOn: boolean): Promise<ResolvedImport[]> {
    const there = new Set(files.map(({ path }) => path));
    return this.#resolve(files.flatMap(importsIn), there, goesOn);
  }

  /** Where each of these imports leads; the files are known then, to be read next. */
  follow(imports: readonly FileImport[]): Promise<ResolvedImport[]> {
    return this.#resolve(imports, new Set(), true);
  }

  /** Where imports lead; `there` are paths that exist. */
  async #resolve(
    imports: readonly FileImport[],
    there: ReadonlySet<string>,
    goesOn: boolean,
  ): Promise<ResolvedImport[]> {
    const meaningsBy = (around: Surroundings) =>
      imports.map(({ file, imported }) => resolveImport(file, imported, around));
    const lookUp = async (meanings: readonly ImportMeaning[]) => {
      if (await this.#candidates.lookUp(meanings, there, goesOn)) this.cut();
    };
    // Most imports mean the same whatever the settings say: they are looked up beside these.
    const before = this.#settings.around;
    let meanings = meaningsBy(before);
    const [around] = await Promise.all([this.#surroundingsOf(imports), lookUp(meanings)]);
    if (around !== before) {
      meanings = meaningsBy(around);
      await lookUp(meanings);
    }
    const pathsOf = this.#candidates.found(there);
    return imports.flatMap(({ file, imported }, index) => {
      const meaning = meanings[index];
      return meaning === undefined ? [] : [{ file, imported, ...pick(file, meaning, pathsOf) }];
    });
  }

  /** The imports of whatever imports one of these files, and lead to it. */
  async importsOf(targets: readonly SourceFile[]): Promise<ResolvedImport[]> {
    // Aliases and package names may stand for the file: its own settings name them.
    await this.#settings.load(targets, []);
    const known = targets.map(({ path, language, outline }) => ({
      path,
      language,
      get definitions() {
        return outline.definitions;
      },
    }));
    const probes = known.map((target) => importProbes(target, this.#settings.around));
    const likely = await this.#likelyImporters(targets, probes);
    const files = new Set(likely);
    const isNamed = namedByProbes(probes.flat());
    const paths = new Set(targets.map(({ path }) => path));
    const naming = [...files].flatMap((file) => {
      const isNamedHere = isNamed(file.path);
      return importsIn(file).filter(({ imported }) => isNamedHere(imported));
    });
    // Few of them are wanted, which their settings tell.
    await this.#surroundingsOf(naming);
    const { around } = this.#settings;
    const isMeant = mayMeanOneOf(known);
    const likelyMeant = naming.filter(({ file, imported }) => isMeant(file, imported, around));
    const resolved = await this.#resolve(likelyMeant, paths, false);
    return resolved.flatMap((each) => {
      const to = each.to.filter((path) => paths.has(path));
      return to.length === 0 ? [] : [{ ...each, to }];
    });
  }

  /** Whoever imports a file has a word of it: looked up at once for all targets of a language. */
  async #likelyImporters(
    targets: readonly SourceFile[],
    probes: readonly (readonly Probe[])[],
  ): Promise<SourceFile[]> {
    const groups = Map.groupBy(
      targets.map(({ language }, index) => ({ language, own: probes[index] ?? [] })),
      ({ language }) => importingLanguages(language).join(),
    );
    const found = await Promise.all([...groups.values()].map((group) => {
      const words = group.flatMap(({ own }) => own).map(({ word, prefix }) => ({
        word: useWord("import", word),
        prefix,
      }));
      const languages = importingLanguages(group[0]?.language ?? "");
      const filesMax = IMPORTER_FILES_MAX * Math.min(group.length, IMPORTED_TOGETHER_MAX);
      return this.#byProbes("import", words, languages, filesMax);
    }));
    if (found.some(({ cut }) => cut)) this.cut();
    return found.flatMap(({ files }) => files);
  }

  #outlines(blobs: readonly (string | null)[]): Promise<OutlineOf> {
    return this.#tree.outlines.of(this.#tree.tenantId, blobs);
  }

  /** Files that were found, read once. */
  async #read(files: readonly FoundSource[]): Promise<SourceFile[]> {
    for (const each of files) this.#found.set(each.path, each);
    const unread = files.filter(({ path }) => !this.#sources.has(path));
    const outlineOf = await this.#outlines(unread.map(({ outline }) => outline));
    return files.map(({ path, language, outline }) => {
      const known = this.#sources.get(path);
      if (known !== undefined) return known;
      const source = { path, language, outline: outlineOf(outline) };
      this.#sources.set(path, source);
      return source;
    });
  }

  async #find(wanted: FilesWanted) {
    const answer = await this.#files.find(wanted);
    if (wanted.withOutlines === true) {
      for (const each of answer.files) {
        if (each.kind !== "settings") this.#found.set(each.path, each);
      }
    }
    return answer;
  }
}
