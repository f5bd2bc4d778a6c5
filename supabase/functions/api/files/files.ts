/**
 * Routes that read what is indexed: the files of a ref, a file's lines, its outline.
 */
import { z } from "zod";
import { FILE_LINES_MAX } from "../../_shared/contracts/limits.ts";
import {
  type FileAnswer,
  fileAnswer,
  filesAnswer,
  type OutlineAnswer,
  outlineAnswer,
} from "../../_shared/contracts/navigation.ts";
import { cursorExpired } from "../../_shared/runtime/cursor.ts";
import { type FileRequest } from "../../_shared/runtime/database_index_functions.ts";
import { readOutline } from "../../_shared/runtime/outlines.ts";
import { type Answer } from "../../_shared/runtime/http.ts";
import { pageParameters, readParameters } from "../../_shared/runtime/parameters.ts";
import { notFound, ProblemError } from "../../_shared/runtime/problem.ts";
import { type ApiRequest, type ApiRoute, openPage } from "../context.ts";
import { lastLineOf, linesBetween } from "./file_lines.ts";
import {
  lineNumber,
  pathParameter,
  readRepository,
  refNotIndexed,
  required,
  treeParameters,
  treePosition,
} from "../indexed_tree.ts";
import { missingFile } from "./missing_file.ts";
import { outlinePage } from "./outline_page.ts";
import { readRef } from "../ref.ts";

/** An object id or its beginning, in either case: long enough to be of one commit. */
const commitParameter = z.string().toLowerCase().pipe(
  z.string().regex(
    /^[0-9a-f]{7,64}$/,
    "must be an object id, or 7 digits of its beginning or more",
  ),
);
const filesParameters = z.strictObject({
  ...treeParameters,
  ...pageParameters,
  prefix: pathParameter.optional(),
});
const fileParameters = z.strictObject({
  ...treeParameters,
  path: pathParameter.optional(),
  commit: commitParameter.optional(),
  start_line: lineNumber.optional(),
  end_line: lineNumber.optional(),
});
const outlineParameters = z.strictObject({
  ...treeParameters,
  path: pathParameter.optional(),
  start_line: lineNumber.optional(),
});
const filesPosition = z.strictObject(treePosition);

async function listFiles(request: ApiRequest): Promise<Answer> {
  const parameters = readParameters(request.request, filesParameters);
  const repository = readRepository(request, parameters.repository);
  const ref = readRef(parameters.ref);
  const prefix = parameters.prefix ?? "";
  const scope = ["files", repository, ref, prefix];
  const list = await openPage(request, parameters, scope, filesPosition);
  const { database } = request.dependencies;
  const answer = await database.listFiles(list.page, repository, ref, prefix);
  switch (answer.outcome) {
    case "not_found":
      throw notFound();
    case "not_indexed":
      throw refNotIndexed();
    case "cursor_expired":
      throw cursorExpired();
    case "ok": {
      const { repository: name, ref: fullRef, commit_oid } = answer;
      const files = answer.items.map(({ marks: _marks, ...file }) => file);
      const page = await list.answer(files, answer.next_cursor);
      return { status: 200, body: { repository: name, ref: fullRef, commit_oid, ...page } };
    }
  }
}

/** The file that is asked for, or the problem that there is none. */
export async function readFile(request: ApiRequest, file: FileRequest) {
  const { caller, dependencies } = request;
  const answer = await dependencies.database.readFile(caller.tenantId, file);
  switch (answer.outcome) {
    case "not_found":
      throw notFound();
    case "not_indexed":
      throw refNotIndexed();
    case "commit_not_indexed": {
      const indexed = answer.commit_oid ?? "no commit";
      throw new ProblemError("commit_not_indexed", `The index is at ${indexed}.`);
    }
    case "file_not_found":
      throw await missingFile(dependencies.database, caller.tenantId, file, file.path);
    case "ok": {
      const { last_chunk: last, ...rest } = answer;
      return { ...rest, line_count: answer.line_count ?? (last === null ? 0 : lastLineOf(last)) };
    }
  }
}

async function getFile(request: ApiRequest): Promise<Answer> {
  const parameters = readParameters(request.request, fileParameters);
  const firstLine = parameters.start_line ?? 1;
  const lastLine = Math.min(parameters.end_line ?? Infinity, firstLine + FILE_LINES_MAX - 1);
  if (lastLine < firstLine) {
    throw new ProblemError("invalid_parameter", "end_line: comes before start_line");
  }
  const file = await readFile(request, {
    repository: readRepository(request, parameters.repository),
    ref: readRef(parameters.ref),
    path: required(parameters.path, "path"),
    commitOid: parameters.commit ?? null,
    firstLine,
    lastLine,
    withOutline: false,
  });
  const {
    chunks,
    outline: _outline,
    symbols_skip_reason: _symbols,
    outcome: _ok,
    state: _state,
    ...rest
  } = file;
  const { text: lines, endLine, isTruncated: truncated } = linesBetween(
    chunks,
    firstLine,
    lastLine,
  );
  const range = { start_line: firstLine, end_line: endLine };
  const body: FileAnswer = { ...rest, ...range, text: lines, truncated };
  return { status: 200, body };
}

async function getOutline(request: ApiRequest): Promise<Answer> {
  const parameters = readParameters(request.request, outlineParameters);
  const file = await readFile(request, {
    repository: readRepository(request, parameters.repository),
    ref: readRef(parameters.ref),
    path: required(parameters.path, "path"),
    commitOid: null,
    firstLine: 1,
    lastLine: 0,
    withOutline: true,
  });
  const outline = readOutline(file.outline);
  const { definitions, imports, nextLine } = outlinePage(outline, parameters.start_line ?? 1);
  const { repository, ref, commit_oid, path: filePath, language } = file;
  const body: OutlineAnswer = {
    repository,
    ref,
    commit_oid,
    path: filePath,
    language,
    definitions: definitions.map((each) => ({
      name: each.name,
      kind: each.kind,
      line: each.startLine,
      column: each.startColumn,
      start_line: each.rangeLine,
      end_line: each.endLine,
      container: each.container,
      signature: each.signature,
      doc: each.doc,
      exported: each.exported,
    })),
    imports: imports.map(({ typeOnly, names, ...each }) => ({
      ...each,
      names: [...names],
      type_only: typeOnly,
    })),
    truncated: nextLine !== null,
    next_start_line: nextLine,
    skip_reason: file.skip_reason ?? file.symbols_skip_reason,
  };
  return { status: 200, body };
}

export const fileRoutes: readonly ApiRoute[] = [
  {
    method: "GET",
    path: "/api/files",
    handle: listFiles,
    description: {
      summary: "The files of an indexed ref, by path, all or those below a prefix",
      parameters: filesParameters,
      requires: ["repository"],
      answers: { 200: filesAnswer },
    },
  },
  {
    method: "GET",
    path: "/api/file",
    handle: getFile,
    description: {
      summary: "Lines of a file at the indexed commit",
      parameters: fileParameters,
      requires: ["repository", "path"],
      answers: { 200: fileAnswer },
    },
  },
  {
    method: "GET",
    path: "/api/outline",
    handle: getOutline,
    description: {
      summary: "What a file defines, with docs, and what it imports",
      parameters: outlineParameters,
      requires: ["repository", "path"],
      answers: { 200: outlineAnswer },
    },
  },
];
