/**
 * The SQL functions of schema `api` that read the index, one method each with named arguments. Knows
 * neither tables nor what an outcome means to a caller.
 */
import { z } from "zod";
import { type OverviewAnswer } from "../contracts/graph.ts";
import { SEARCH_CALL_MILLISECONDS_MAX } from "../contracts/limits.ts";
import * as answers from "./database_answers.ts";
import { type CallForBytes, type CallFunction } from "./database_call.ts";
import { type BatchPlan } from "../search/batch_plan.ts";
import { type StatedChunks } from "../search/kept_chunks.ts";
import { readChunksAnswer, readOutlinesAnswer } from "./packed_answers.ts";
import { type BatchPins, type BatchPosition, readSearchBatch } from "./search_batch_answer.ts";
import { type PageRequest } from "./database_functions.ts";

/** A batch of a search. */
export interface BatchRequest {
  readonly plan: BatchPlan;
  readonly repository: string | null;
  /** Null for the first. */
  readonly cursor: {
    readonly from: BatchPosition | null;
    readonly until: BatchPosition | null;
    readonly pins: BatchPins;
    /** What the answer before said of the same plan. */
    readonly known: string | null;
  } | null;
  /** About how many chunks of text. */
  readonly weightMax: number;
  /** Chunks that need not be sent. */
  readonly held: StatedChunks;
  /** Of those the ones that need not be named either: what the plan looks for cannot be in them. */
  readonly lacking: StatedChunks;
  /** What an answer said whose page is still there: it need not be made again while nothing is published. */
  readonly state: string | null;
}

/** A symbol query as api.search_symbols takes it. */
export interface SymbolQuery {
  readonly name: string;
  readonly name_folded: string;
  readonly match: string;
  readonly case_sensitive: boolean;
}

/** A file of an indexed ref and the lines wanted of it; a last line of 0 wants none. */
export interface FileRequest {
  readonly repository: string;
  readonly ref: string | null;
  readonly path: string;
  /** The commit that the caller means; null for whichever is indexed. */
  readonly commitOid: string | null;
  readonly firstLine: number;
  readonly lastLine: number;
  readonly withOutline: boolean;
}

/** Lines of a blob whose text is wanted. */
export interface WantedLines {
  readonly blob: string;
  readonly lines: readonly number[];
}

/** An indexed ref: the default branch where ref is null. */
export interface TreeName {
  readonly repository: string;
  readonly ref: string | null;
}

/** Where to look: every repository where null, of each its default branch where null. */
export interface Scope {
  readonly repository: string | null;
  readonly ref: string | null;
}

/** Definitions to look for, as api.find_definitions takes them. */
export interface WantedDefinitions {
  readonly queries: readonly NameQuery[];
  readonly kind: string | null;
  /** Of the path. */
  readonly prefix: string;
  /** A path: of several names those in its folders come first. */
  readonly near?: string | null;
  readonly limit: number;
}

/** A way in which a name may be meant, as api.find_definitions takes it. */
export interface NameQuery {
  /** exact, prefix, humps, infix or fuzzy. */
  readonly match: string;
  readonly folded: string;
  /** As it was asked for. */
  readonly name: string;
  /** A regular expression for the name as written. */
  readonly pattern?: string;
  /** Edits from the folded name, at most. */
  readonly distance?: number;
  /** Not asked when so many definitions were found before. */
  readonly unless_found?: number;
}

/** Searches. */
export function searchFunctions(call: CallFunction, callForBytes: CallForBytes) {
  return {
    searchBatch: (tenantId: string, batch: BatchRequest) =>
      callForBytes(
        "search_batch",
        {
          p_tenant_id: tenantId,
          p_plan: batch.plan,
          p_repository: batch.repository,
          p_cursor: batch.cursor,
          p_weight_max: batch.weightMax,
          p_held: batch.held,
          p_lacking: batch.lacking,
          p_state: batch.state,
        },
        readSearchBatch,
        SEARCH_CALL_MILLISECONDS_MAX,
      ),

    searchSymbols: (page: PageRequest, query: SymbolQuery, scope: Scope) =>
      call(
        "search_symbols",
        {
          p_tenant_id: page.tenantId,
          p_query: query,
          p_repository: scope.repository,
          p_ref: scope.ref,
          p_limit: page.limit,
          p_cursor: page.cursor,
        },
        answers.searchSymbolsAnswer,
        SEARCH_CALL_MILLISECONDS_MAX,
      ),
  };
}

/** What is read of an index. */
export function navigationFunctions(call: CallFunction, callForBytes: CallForBytes) {
  return {
    readOutlines: (tenantId: string, blobs: readonly string[]) =>
      callForBytes(
        "read_outlines",
        { p_tenant_id: tenantId, p_blobs: blobs },
        readOutlinesAnswer,
      ),

    readChunks: (tenantId: string, wanted: readonly WantedLines[]) =>
      callForBytes("read_chunks", { p_tenant_id: tenantId, p_wanted: wanted }, readChunksAnswer),

    readFile: (tenantId: string, file: FileRequest) =>
      call("read_file", {
        p_tenant_id: tenantId,
        p_repository: file.repository,
        p_ref: file.ref,
        p_path: file.path,
        p_commit_oid: file.commitOid,
        p_first_line: file.firstLine,
        p_last_line: file.lastLine,
        p_with_outline: file.withOutline,
      }, answers.readFileAnswer),

    findDefinitions: (tenantId: string, scope: Scope, wanted: WantedDefinitions) =>
      call("find_definitions", {
        p_tenant_id: tenantId,
        p_repository: scope.repository,
        p_ref: scope.ref,
        p_queries: wanted.queries,
        p_filter: { kind: wanted.kind, prefix: wanted.prefix, near: wanted.near ?? null },
        p_limit: wanted.limit,
      }, answers.findDefinitionsAnswer),

    listFiles: (page: PageRequest, repository: string, ref: string | null, prefix: string) =>
      call("list_files", {
        p_tenant_id: page.tenantId,
        p_repository: repository,
        p_ref: ref,
        p_prefix: prefix,
        p_limit: page.limit,
        p_cursor: page.cursor,
      }, answers.listFilesAnswer),

    findOccurrences: (page: PageRequest, scope: Scope, term: string, prefix: string) =>
      call("find_occurrences", {
        p_tenant_id: page.tenantId,
        p_repository: scope.repository,
        p_ref: scope.ref,
        p_term: term,
        p_prefix: prefix,
        p_limit: page.limit,
        p_cursor: page.cursor,
      }, answers.findOccurrencesAnswer),
  };
}

/** A repository from afar. */
export function overviewFunctions(call: CallFunction) {
  return {
    listFolder: (page: PageRequest, tree: TreeName, path: string) =>
      call("list_folder", {
        p_tenant_id: page.tenantId,
        p_repository: tree.repository,
        p_ref: tree.ref,
        p_path: path,
        p_limit: page.limit,
        p_cursor: page.cursor,
      }, answers.listFolderAnswer),

    readOverview: (
      tenantId: string,
      tree: TreeName,
      shape: number,
      { foldersMax, samplesMax }: { readonly foldersMax: number; readonly samplesMax: number },
    ) =>
      call("read_overview", {
        p_tenant_id: tenantId,
        p_repository: tree.repository,
        p_ref: tree.ref,
        p_shape: shape,
        p_folders: foldersMax,
        p_samples: samplesMax,
      }, answers.readOverviewAnswer),

    keepOverview: (
      tenantId: string,
      tree: TreeName,
      shape: number,
      generation: number,
      overview: OverviewAnswer,
    ) =>
      call("keep_overview", {
        p_tenant_id: tenantId,
        p_repository: tree.repository,
        p_ref: tree.ref,
        p_shape: shape,
        p_generation: generation,
        p_overview: overview,
      }, z.null()),
  };
}
