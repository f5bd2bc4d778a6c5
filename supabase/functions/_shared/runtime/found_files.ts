/**
 * Which files a tree has of what imports may mean, and the texts of settings, asked for once: what a
 * generation of a tree has never changes, so it holds for as long as it is kept in memory. It is looked at
 * only for who was told by the database, in the same request, that this generation is the published one.
 */
import { pathStem } from "../graph/paths.ts";
import { type FoundFile } from "./database_answers.ts";
import { type Database } from "./database.ts";
import { type WantedFiles } from "./database_import_functions.ts";
import { type TreeName } from "./database_index_functions.ts";

/** Of keys, paths and texts, with what an entry costs besides: some 30,000 candidates, of which few are there. */
const UNITS_MAX = 6 * 1024 * 1024;
const ENTRY_UNITS = 100;

type Candidates = WantedFiles["candidates"];

/** By the keys of candidates, what a generation has of each. */
class KeptTree {
  readonly files = new Map<string, readonly FoundFile[]>();
  units = ENTRY_UNITS;

  add(key: string, files: readonly FoundFile[]): void {
    if (this.files.has(key)) return;
    this.files.set(key, files);
    this.units += key.length + ENTRY_UNITS;
    for (const each of files) {
      this.units += ENTRY_UNITS + each.key.length + each.path.length + (each.text?.length ?? 0);
    }
  }
}

/** The candidates whose keys are missing. */
function missingOf(candidates: Candidates, isMissing: (key: string) => boolean): Candidates {
  const texts = (kind: string, some: readonly string[] = []) =>
    some.filter((each) => isMissing(`${kind} ${each}`));
  const { definitions = [], packages = [] } = candidates;
  return {
    files: texts("file", candidates.files),
    settings: texts("settings", candidates.settings),
    stems: texts("stem", candidates.stems),
    folders: texts("folder", candidates.folders),
    suffixes: texts("suffix", candidates.suffixes),
    definitions: definitions.filter(({ key }) => isMissing(`definition ${key}`)),
    packages: packages.filter(({ name }) => isMissing(`package ${name}`)),
  };
}

/** In the order in which the database answers them. */
function byPath(one: FoundFile, other: FoundFile): number {
  return one.path < other.path ? -1 : one.path > other.path ? 1 : 0;
}

/** What one instance of a function remembers; the tree that was used longest ago is forgotten first. */
export class FoundFiles {
  readonly #database: Pick<Database, "findFiles">;
  readonly #unitsMax: number;
  /** By tenant, generation, and how much of it was asked for. */
  readonly #trees = new Map<string, KeptTree>();
  #units = 0;

  constructor(database: Pick<Database, "findFiles">, unitsMax = UNITS_MAX) {
    this.#database = database;
    this.#unitsMax = unitsMax;
  }

  /** Asks the database, whatever is kept: its answer tells which generation is published. */
  async ask(tenantId: string, tree: TreeName, wanted: WantedFiles) {
    const answer = await this.#database.findFiles(tenantId, tree, wanted);
    if (answer.outcome === "ok") this.#keep(nameOf(tenantId, answer.state, wanted), wanted, answer);
    return answer;
  }

  /** The files of a generation that the database has just told to be published. */
  async find(tenantId: string, tree: TreeName, state: string, wanted: WantedFiles) {
    const kept = this.#known(nameOf(tenantId, state, wanted));
    const files: FoundFile[] = [];
    let isWhole = true;
    const candidates = missingOf(wanted.candidates, (key) => {
      const known = kept?.files.get(key);
      files.push(...known ?? []);
      isWhole &&= known !== undefined;
      return known === undefined;
    });
    if (isWhole) return { outcome: "ok", files: files.toSorted(byPath) } as const;
    const answer = await this.ask(tenantId, tree, { ...wanted, candidates });
    if (answer.outcome !== "ok" || files.length === 0) return answer;
    return { outcome: "ok", files: [...files, ...answer.files].toSorted(byPath) } as const;
  }

  #keep(name: string, wanted: WantedFiles, { files }: { readonly files: readonly FoundFile[] }) {
    const kept = this.#known(name) ?? new KeptTree();
    if (this.#trees.has(name)) this.#units -= kept.units;
    this.#trees.set(name, kept);
    const found = Map.groupBy(files, ({ kind, key }) => `${kind} ${key}`);
    // What a stem has found is called by its path.
    const byStem = Map.groupBy(
      files.filter(({ kind }) => kind === "file"),
      ({ path }) => `stem ${pathStem(path)}`,
    );
    missingOf(wanted.candidates, (key) => {
      kept.add(key, found.get(key) ?? byStem.get(key) ?? []);
      return false;
    });
    this.#units += kept.units;
    for (const [oldest, { units }] of this.#trees) {
      if (this.#units <= this.#unitsMax) break;
      this.#trees.delete(oldest);
      this.#units -= units;
    }
  }

  /** Used last now. */
  #known(name: string): KeptTree | undefined {
    const kept = this.#trees.get(name);
    if (kept === undefined) return undefined;
    this.#trees.delete(name);
    this.#trees.set(name, kept);
    return kept;
  }
}

function nameOf(tenantId: string, state: string, wanted: WantedFiles): string {
  const { filesMax, withOutlines, textChunks } = wanted;
  return [tenantId, state, filesMax, withOutlines, textChunks].join(" ");
}
