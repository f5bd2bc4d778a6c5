/**
 * The SQL functions of schema `api` by which imports and calls are followed, one method each with named
 * arguments. Knows neither tables nor what an outcome means to a caller.
 */
import { type Use, USES } from "../text/use_words.ts";
import * as answers from "./database_answers.ts";
import { type CallFunction } from "./database_call.ts";
import { type TreeName } from "./database_index_functions.ts";

/** Files to look for, as api.find_files takes them. */
export interface WantedFiles {
  readonly candidates: {
    readonly files?: readonly string[];
    /** Of these the text is wanted, of files the outline. */
    readonly settings?: readonly string[];
    readonly stems?: readonly string[];
    readonly folders?: readonly string[];
    readonly suffixes?: readonly string[];
    readonly definitions?: readonly WantedDefinition[];
    readonly packages?: readonly WantedPackage[];
  };
  /** Of each folder, suffix and definition. */
  readonly filesMax: number;
  readonly withOutlines: boolean;
  /** How much of their text: chunks of up to 6 KiB; 0 for none. */
  readonly textChunks: number;
}

/** A package whose package.json is looked for: what is found may only begin like it. */
export interface WantedPackage {
  readonly name: string;
  /** As it is listed among uses. */
  readonly word: string;
}

/** A name whose defining files are looked for. */
export interface WantedDefinition {
  readonly key: string;
  readonly folded: string;
  readonly is_namespace: boolean;
}

/** A word that is used, or a folded term of a text, null for any; below a prefix. */
export interface WordProbe {
  readonly word: string | null;
  readonly prefix: string;
}

/** What is needed to follow imports. */
export function importFunctions(call: CallFunction) {
  return {
    findFiles: (tenantId: string, tree: TreeName, wanted: WantedFiles) =>
      call("find_files", {
        p_tenant_id: tenantId,
        p_repository: tree.repository,
        p_ref: tree.ref,
        p_candidates: wanted.candidates,
        p_files_max: wanted.filesMax,
        p_with_outlines: wanted.withOutlines,
        p_text_chunks: wanted.textChunks,
      }, answers.findFilesAnswer),

    findFilesByWord: (
      tenantId: string,
      tree: TreeName,
      use: Use | null,
      probes: readonly WordProbe[],
      languages: readonly string[],
      filesMax: number,
    ) =>
      call("find_files_by_word", {
        p_tenant_id: tenantId,
        p_repository: tree.repository,
        p_ref: tree.ref,
        p_use: use === null ? null : USES[use],
        p_probes: probes,
        p_languages: languages,
        p_limit: filesMax,
      }, answers.findFilesByWordAnswer),

    countMentions: (
      tenantId: string,
      tree: TreeName,
      terms: readonly string[],
      filesMax: number,
    ) =>
      call("count_mentions", {
        p_tenant_id: tenantId,
        p_repository: tree.repository,
        p_ref: tree.ref,
        p_terms: terms,
        p_files_max: filesMax,
      }, answers.countMentionsAnswer),
  };
}
