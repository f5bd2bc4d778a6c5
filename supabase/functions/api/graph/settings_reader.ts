/**
 * The settings around files, manifests and compiler settings, read step by step as they turn out to be
 * needed. What they say is decided elsewhere.
 */
import {
  CONFIGURATION_CHUNKS_MAX,
  CONFIGURATION_FILES_MAX,
} from "../../_shared/contracts/limits.ts";
import { ancestors, directoryOf, joined, nameOf } from "../../_shared/graph/paths.ts";
import {
  configurationNeeds,
  furtherConfiguration,
  NO_SURROUNDINGS,
  readSurroundings,
  type Surroundings,
  withMore,
} from "../../_shared/graph/surroundings.ts";
import { type FoundFile } from "../../_shared/runtime/database_answers.ts";
import { useWord } from "../../_shared/text/use_words.ts";
import { type FindFiles } from "./candidate_lookup.ts";

/** Paths whose files need settings of JavaScript and TypeScript, whatever their language turns out to be. */
const LIKELY_ECMASCRIPT = /\.(?:[cm]?[jt]sx?|vue|svelte)$/;
/** How often settings may go on to name others. */
const EXTENDS_ROUNDS_MAX = 3;

/** A file that imports something. */
interface Importing {
  readonly path: string;
  readonly language: string;
}

const said = new WeakMap<FoundFile, Surroundings>();

/** What a file says: it is read once for as long as the instance keeps it. */
function saidBy(file: FoundFile): Surroundings {
  const { path, text } = file;
  const known = said.get(file) ?? readSurroundings([{ path, text: text ?? "" }]);
  said.set(file, known);
  return known;
}

export class SettingsReader {
  readonly #find: FindFiles;
  readonly #read = new Set<string>();
  readonly #asked = new Set<string>();
  /** By the names of the settings that were asked for, the folders in which they were. */
  readonly #folders = new Map<string, Set<string>>();
  #around: Surroundings = NO_SURROUNDINGS;
  #isCut = false;

  constructor(find: FindFiles) {
    this.#find = find;
  }

  /** What is known by now. */
  get around(): Surroundings {
    return this.#around;
  }

  /** Whether there are more manifests than are read. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** Settings that a file of this path may need, to be found beside it and given to `found`. */
  wantedFor(path: string): string[] {
    if (!LIKELY_ECMASCRIPT.test(path)) return [];
    const { above } = configurationNeeds(["TypeScript"]);
    const paths = ancestors(directoryOf(path)).flatMap((folder) => joined(folder, ...above))
      .filter((each) => !this.#asked.has(each));
    for (const each of paths) this.#asked.add(each);
    return paths;
  }

  /** Takes the settings that were found of those that were wanted. */
  found(files: readonly FoundFile[]): void {
    this.#add(files.filter(({ kind }) => kind === "settings"));
  }

  #add(files: readonly FoundFile[]): void {
    const unknown = files.filter(({ path }) => !this.#read.has(path));
    const added = new Map(unknown.map((file) => [file.path, file]));
    for (const path of added.keys()) this.#read.add(path);
    this.#around = withMore(this.#around, [...added.values()].map(saidBy));
  }

  /** The folders around files in which these settings were not asked for yet. */
  #unknownFolders(files: readonly Importing[], settings: readonly string[]): string[] {
    if (settings.length === 0) return [];
    const key = settings.join();
    const known = this.#folders.get(key) ?? new Set<string>();
    this.#folders.set(key, known);
    const unknown: string[] = [];
    for (const own of new Set(files.map(({ path }) => directoryOf(path)))) {
      for (const folder of ancestors(own)) {
        if (known.has(folder)) continue;
        known.add(folder);
        unknown.push(folder);
      }
    }
    return unknown;
  }

  /** Reads the settings that hold for these files, and the manifests of packages of these names. */
  async load(files: readonly Importing[], packageNames: readonly string[]): Promise<void> {
    const { above, anywhere } = configurationNeeds(files.map(({ language }) => language));
    let paths = [
      ...this.#unknownFolders(files, above).flatMap((folder) => joined(folder, ...above)),
      ...furtherConfiguration(this.#around),
    ];
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
        candidates: {
          settings: newPaths,
          suffixes: newNames,
          packages: packages.map((name) => ({ name, word: useWord("package", name) })),
        },
        filesMax: CONFIGURATION_FILES_MAX,
        textChunks: CONFIGURATION_CHUNKS_MAX,
      });
      this.#add(some);
      const isFull = (name: string) =>
        some.filter(({ path }) => nameOf(path) === name).length >= CONFIGURATION_FILES_MAX;
      if (newNames.some(isFull)) this.#isCut = true;
      paths = furtherConfiguration(this.#around);
      names = [];
      packages = [];
    }
  }
}
