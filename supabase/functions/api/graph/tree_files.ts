/**
 * What one indexed ref has, as one request asks for it: files, uses of words, definitions of names. The first
 * answer of the database tells which generation is published; of that one what the instance has seen is not
 * asked for again.
 */
import { MEANT_FILES_MAX } from "../../_shared/contracts/limits.ts";
import { type Database } from "../../_shared/runtime/database.ts";
import { type WordProbe } from "../../_shared/runtime/database_import_functions.ts";
import {
  type TreeName,
  type WantedDefinitions,
} from "../../_shared/runtime/database_index_functions.ts";
import { type FoundFiles } from "../../_shared/runtime/found_files.ts";
import { type TreeLookups } from "../../_shared/runtime/tree_lookups.ts";
import { type Use } from "../../_shared/text/use_words.ts";
import { foundTree } from "../indexed_tree.ts";
import { type FilesWanted } from "./candidate_lookup.ts";

/** What is not said of the files that are wanted: as for imports. */
const DEFAULTS = { filesMax: MEANT_FILES_MAX, withOutlines: false, textChunks: 0 };

/** The published generation of a tree, with the commit, and what the repository is called by now. */
export interface PublishedTree {
  readonly state: string;
  readonly repository: string;
  readonly ref: string;
  readonly commit_oid: string | null;
}

/** Whom is asked for a tree. */
export interface TreeSource {
  readonly database: Pick<Database, "findDefinitions" | "findFilesByWord">;
  readonly foundFiles: FoundFiles;
  readonly treeLookups: TreeLookups;
  readonly tenantId: string;
}

export class TreeFiles {
  readonly #source: TreeSource;
  readonly #tree: TreeName;
  #published: PublishedTree | null = null;

  constructor(source: TreeSource, tree: TreeName) {
    this.#source = source;
    this.#tree = { repository: tree.repository, ref: tree.ref };
  }

  /** Takes the generation that an answer to this request has told. */
  tell({ state, repository, ref, commit_oid }: PublishedTree): void {
    this.#published ??= { state, repository, ref, commit_oid };
  }

  async find(wanted: FilesWanted) {
    if (this.#published === null) return await this.ask(wanted);
    const whole = { ...DEFAULTS, ...wanted };
    const { foundFiles, tenantId } = this.#source;
    return foundTree(
      await foundFiles.find(tenantId, this.#tree, this.#published.state, whole),
    );
  }

  /** The tree itself; throws when there is none. */
  async place() {
    const { repository, ref, commit_oid } = await this.ask({ candidates: {} });
    return { repository, ref, commit_oid };
  }

  /** With the commit, and what the repository is called by now. */
  async ask(wanted: FilesWanted) {
    const whole = { ...DEFAULTS, ...wanted };
    const { foundFiles, tenantId } = this.#source;
    const answer = foundTree(await foundFiles.ask(tenantId, this.#tree, whole));
    this.tell(answer);
    return answer;
  }

  #question(...asked: readonly unknown[]): string {
    return JSON.stringify([this.#source.tenantId, this.#tree, asked]);
  }

  /** Files that meet one of the probes, as the database takes these. */
  async byWord(
    use: Use | null,
    probes: readonly WordProbe[],
    languages: readonly string[],
    filesMax: number,
  ) {
    const { database, tenantId, treeLookups: { words } } = this.#source;
    const question = this.#question(use, probes, languages, filesMax);
    const kept = this.#published === null ? null : words.get(question);
    if (kept !== null && kept.state === this.#published?.state) return kept.found;
    const answer = foundTree(
      await database.findFilesByWord(tenantId, this.#tree, use, probes, languages, filesMax),
    );
    this.tell(answer);
    words.keep(question, answer.state, answer);
    return answer;
  }

  /** Definitions of names, as the database answers them. */
  async definitions(wanted: WantedDefinitions) {
    const { database, tenantId, treeLookups: { definitions } } = this.#source;
    const question = this.#question(wanted);
    const kept = definitions.get(question);
    if (kept !== null) {
      // Which generation is published is quickly said, and a name may have a thousand definitions.
      const { state, ...place } = this.#published ?? await this.ask({ candidates: {} });
      const { found } = kept;
      if (kept.state === state) {
        const { repository, ref, commit_oid } = place;
        const own = found.definitions.map((each) => ({ ...each, repository, ref, commit_oid }));
        return { ...found, definitions: own };
      }
    }
    const answer = await database.findDefinitions(tenantId, this.#tree, wanted);
    if (answer.outcome === "ok" && answer.state !== null) {
      definitions.keep(question, answer.state, answer);
    }
    return answer;
  }
}
