/**
 * The SQL functions of schema `api` that read the index, one method each with named arguments. Knows
 * neither tables nor what an outcome means to a caller.
 */
import { SEARCH_CALL_MILLISECONDS_MAX } from "../contracts/limits.ts";
import * as answers from "./database_answers.ts";
import { type CallFunction } from "./database_call.ts";
import { type PageRequest } from "./database_functions.ts";

/** A literal's plan as api.search_literal takes it. */
export interface SearchPlan {
  readonly needle: string;
  readonly case_sensitive: boolean;
  readonly translate_from: string;
  readonly translate_to: string;
  readonly constraints: readonly PlanConstraint[];
}

/** A demand on terms, with the grams that a term which meets it has. */
export interface PlanConstraint {
  readonly kind: string;
  readonly term: string;
  readonly grams: readonly string[];
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

/** Searches. */
export function searchFunctions(call: CallFunction) {
  return {
    searchLiteral: (page: PageRequest, plan: SearchPlan, repositoryFilter: string | null) =>
      call(
        "search_literal",
        {
          p_tenant_id: page.tenantId,
          p_plan: plan,
          p_repository: repositoryFilter,
          p_limit: page.limit,
          p_cursor: page.cursor,
        },
        answers.searchLiteralAnswer,
        SEARCH_CALL_MILLISECONDS_MAX,
      ),

    searchSymbols: (page: PageRequest, query: SymbolQuery, repositoryFilter: string | null) =>
      call(
        "search_symbols",
        {
          p_tenant_id: page.tenantId,
          p_query: query,
          p_repository: repositoryFilter,
          p_limit: page.limit,
          p_cursor: page.cursor,
        },
        answers.searchSymbolsAnswer,
        SEARCH_CALL_MILLISECONDS_MAX,
      ),
  };
}

/** What is read of an index. */
export function navigationFunctions(call: CallFunction) {
  return {
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

    readOutlines: (
      tenantId: string,
      repository: string,
      ref: string | null,
      paths: readonly string[],
      withOutlines: boolean,
    ) =>
      call("read_outlines", {
        p_tenant_id: tenantId,
        p_repository: repository,
        p_ref: ref,
        p_paths: paths,
        p_with_outlines: withOutlines,
      }, answers.readOutlinesAnswer),

    listFiles: (page: PageRequest, repository: string, ref: string | null, prefix: string) =>
      call("list_files", {
        p_tenant_id: page.tenantId,
        p_repository: repository,
        p_ref: ref,
        p_prefix: prefix,
        p_limit: page.limit,
        p_cursor: page.cursor,
      }, answers.listFilesAnswer),

    findOccurrences: (page: PageRequest, term: string, repositoryFilter: string | null) =>
      call("find_occurrences", {
        p_tenant_id: page.tenantId,
        p_repository: repositoryFilter,
        p_term: term,
        p_limit: page.limit,
        p_cursor: page.cursor,
      }, answers.findOccurrencesAnswer),
  };
}
