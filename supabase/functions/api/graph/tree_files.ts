/**
 * The files of one indexed ref, as one request asks for them. The first answer of the database tells which
 * generation is published; of that one what the instance has seen is not asked for again.
 */
import { MEANT_FILES_MAX } from "../../_shared/contracts/limits.ts";
import { type TreeName } from "../../_shared/runtime/database_index_functions.ts";
import { type FoundFiles } from "../../_shared/runtime/found_files.ts";
import { foundTree } from "../indexed_tree.ts";
import { type FilesWanted } from "./candidate_lookup.ts";

/** What is not said of the files that are wanted: as for imports. */
const DEFAULTS = { filesMax: MEANT_FILES_MAX, withOutlines: false, textChunks: 0 };

export class TreeFiles {
  readonly #foundFiles: FoundFiles;
  readonly #tenantId: string;
  readonly #tree: TreeName;
  #state: string | null = null;

  constructor(foundFiles: FoundFiles, tenantId: string, tree: TreeName) {
    this.#foundFiles = foundFiles;
    this.#tenantId = tenantId;
    this.#tree = tree;
  }

  /** Takes the generation that an answer to this request has told. */
  tell(state: string): void {
    this.#state ??= state;
  }

  async find(wanted: FilesWanted) {
    if (this.#state === null) return await this.ask(wanted);
    const whole = { ...DEFAULTS, ...wanted };
    return foundTree(
      await this.#foundFiles.find(this.#tenantId, this.#tree, this.#state, whole),
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
    const answer = foundTree(await this.#foundFiles.ask(this.#tenantId, this.#tree, whole));
    this.tell(answer.state);
    return answer;
  }
}
