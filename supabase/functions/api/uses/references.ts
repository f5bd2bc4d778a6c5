/**
 * GET /references: the uses of a name, by what is known of the files that have the word.
 */
import { z } from "zod";
import { SYMBOL_NAME_UNITS_MAX } from "../../_shared/contracts/limits.ts";
import {
  referenceRoles,
  type ReferencesAnswer,
  referencesAnswer,
} from "../../_shared/contracts/navigation.ts";
import { cursorExpired, type CursorPosition } from "../../_shared/runtime/cursor.ts";
import { type Occurrence } from "../../_shared/runtime/database_answers.ts";
import { type PageRequest } from "../../_shared/runtime/database_functions.ts";
import { type Answer } from "../../_shared/runtime/http.ts";
import { pageParameters, readParameters, text } from "../../_shared/runtime/parameters.ts";
import { notFound, ProblemError } from "../../_shared/runtime/problem.ts";
import { aliasesOf } from "../../_shared/segment/bindings.ts";
import { definitionsOf, referencesTo } from "../../_shared/segment/outline.ts";
import { incompleteReason } from "../completeness.ts";
import { type ApiRequest, type ApiRoute, openPage } from "../context.ts";
import { graphOfTree } from "../graph/graph_request.ts";
import { otherNamesFor } from "../names/imported_names.ts";
import { demandFiles, pathParameter, required } from "../indexed_tree.ts";
import { termOfName } from "../names/name_queries.ts";
import { readRef } from "../ref.ts";
import { filledPage, withLines } from "./reference_lines.ts";
import {
  pageByNearness,
  pageByPath,
  type ReadFile,
  type ReferencePosition,
  referencePosition,
  referencesIn,
  type Wanted,
} from "./reference_pages.ts";
import { repositoryFilter } from "../repository_filter.ts";
import { type SeenFiles, seenFromDefinition } from "./seen_from_definition.ts";

/** Files that are read for a page: their outlines are read whole, and a request has two seconds. */
const FILES_MAX = 30;
/** A page with fewer reads on, where there are more files. */
const REFERENCES_MIN = 20;
/** Files of each later round: they mostly mention the name alone. */
const ROUND_FILES_MAX = 120;
const ROUNDS_MAX = 4;
/** Seen from a definition, the files of a page are ranked: more of them make a better first page. */
const RANKED_FILES_MAX = 200;

const referenceParameters = z.strictObject({
  ...pageParameters,
  name: text.max(SYMBOL_NAME_UNITS_MAX).optional(),
  repository: text.optional(),
  ref: z.string().optional(),
  role: z.enum(referenceRoles).optional(),
  path: pathParameter.optional().meta({ description: "What the paths begin with." }),
  defined_in: pathParameter.optional().meta({
    description:
      "The file of the definition that is meant: files that import it come first, and what " +
      "is a member of something else (`flag.Parse` of another Parse) is left out.",
  }),
});
/** Whether a file that has the word knows nothing of the name. */
function mentions({ source: { outline }, names }: ReadFile, name: string): boolean {
  return referencesTo(outline, names).length === 0 && definitionsOf(outline, name).length === 0;
}

/** The files with their outlines. */
async function readAll(
  { caller, dependencies: { outlines } }: ApiRequest,
  occurrences: readonly Occurrence[],
  name: string,
): Promise<ReadFile[]> {
  const outlineBlob = ({ blob, has_outline: has }: Occurrence) => has ? blob : null;
  const outlineOf = await outlines.of(caller.tenantId, occurrences.map(outlineBlob));
  const wanted = new Set([name]);
  return occurrences.map((occurrence) => {
    const { path: filePath, language } = occurrence;
    const source = { path: filePath, language, outline: outlineOf(outlineBlob(occurrence)) };
    return { occurrence, source, names: new Set([name, ...aliasesOf(source, wanted)]) };
  });
}

/** The next files that have the word, as SQL finds them. */
async function findFiles(
  { dependencies: { database } }: ApiRequest,
  page: PageRequest,
  { term, prefix, repository, ref }: Parameters,
) {
  const answer = await database.findOccurrences(page, { repository, ref }, term, prefix);
  if (answer.outcome === "not_found") throw notFound();
  if (answer.outcome === "cursor_expired") throw cursorExpired();
  return answer;
}

/** The files of a page: those found first, and more while they have next to no references. */
async function readWanted(
  request: ApiRequest,
  page: PageRequest,
  parameters: Parameters,
  first: Awaited<ReturnType<typeof findFiles>>,
) {
  const { name, role, limit } = parameters;
  const files = await readAll(request, first.files, name);
  let next = first.next_cursor;
  let found = 0;
  let counted = 0;
  for (let round = 1; round < ROUNDS_MAX && next !== null; round += 1) {
    for (const file of files.slice(counted)) found += referencesIn(file, role).length;
    counted = files.length;
    if (found >= Math.min(limit, REFERENCES_MIN)) break;
    const wanted = { ...page, limit: ROUND_FILES_MAX, cursor: next };
    const more = await findFiles(request, wanted, parameters);
    files.push(...await readAll(request, more.files, name));
    next = more.next_cursor;
  }
  return { files, next };
}

/** The position of a page that follows one that lacks something. */
function lacking(next: CursorPosition): CursorPosition {
  return typeof next === "object" && next !== null ? { ...next, lacking: true } : next;
}

type Parameters = ReturnType<typeof readParametersOf>;

function readParametersOf(request: ApiRequest) {
  const parameters = readParameters(request.request, referenceParameters);
  const { name, path: prefix = "", defined_in: definedIn = null } = parameters;
  const term = name === undefined ? null : termOfName(name);
  if (name === undefined || term === null) {
    throw new ProblemError("invalid_parameter", "name: must be a name with at least one letter");
  }
  // Only one of its words would be looked for, and files that have that alone be told as having the name.
  if (/[\s./]/.test(name)) {
    throw new ProblemError("invalid_parameter", "name: is more than one name; give the last alone");
  }
  const { allowedGitHosts } = request.dependencies;
  if (definedIn !== null) required(parameters.repository, "repository");
  const repository = repositoryFilter(parameters.repository, allowedGitHosts);
  return { ...parameters, name, term, prefix, definedIn, repository, ref: readRef(parameters.ref) };
}

/** A page by the paths of files. */
async function listByPath(
  request: ApiRequest,
  files: readonly ReadFile[],
  name: string,
  next: CursorPosition,
  wanted: Wanted,
  position: ReferencePosition | null,
) {
  const page = pageByPath(files, next, wanted, position);
  // Seen from nowhere any member may be of any definition of its name.
  const seen = { files, isElsewhere: () => false };
  const found = await withLines(request, page.references, name, seen);
  return { page, references: found.filter((each) => each !== null) };
}

/** A page of what is nearest to a definition, in paths that begin with the prefix. */
async function listByNearness(
  request: ApiRequest,
  seen: SeenFiles,
  { name, role, prefix, limit }: Pick<
    Parameters,
    "name" | "role" | "prefix" | "limit"
  >,
  next: CursorPosition,
  position: ReferencePosition | null,
) {
  const files = seen.files.filter(({ source }) => source.path.startsWith(prefix));
  const ranked = seen.rank(files.flatMap((file) => referencesIn(file, role)));
  const { references, end } = await filledPage(
    ranked,
    position?.seen ?? 0,
    limit,
    (some) => withLines(request, some, name, seen),
  );
  return { page: pageByNearness(files, next, position, end, end < ranked.length), references };
}

async function findReferences(request: ApiRequest): Promise<Answer> {
  const parameters = readParametersOf(request);
  const { name, role, prefix, definedIn, repository, ref, limit } = parameters;
  const isRanked = definedIn !== null && repository !== null;
  const filesMax = isRanked ? RANKED_FILES_MAX : FILES_MAX;
  const scope = ["references", name, role ?? null, repository, ref, prefix, definedIn];
  const list = await openPage(
    request,
    { ...parameters, limit: filesMax },
    scope,
    referencePosition,
  );
  // Asked for at once; nobody waits for the file where there is no such repository.
  const graph = isRanked ? graphOfTree(request, { repository, ref }) : null;
  const defining = graph?.head(definedIn ?? "", "defined_in");
  defining?.catch(() => undefined);
  const answer = await findFiles(request, list.page, parameters);
  // The pages of what is ranked go over the same files.
  const { files, next } = isRanked
    ? { files: await readAll(request, answer.files, name), next: answer.next_cursor }
    : await readWanted(request, list.page, parameters, answer);
  const isFirst = list.position === null || list.position.path === "";
  const seen = graph === null || defining === undefined
    ? null
    : await seenFromDefinition(graph, await defining, name, files, isFirst);
  const wanted = { role, limit };
  const { page, references } = seen === null
    ? await listByPath(request, files, name, next, wanted, list.position)
    : await listByNearness(request, seen, parameters, next, list.position);
  if (answer.files.length === 0 && prefix !== "" && repository !== null) {
    await demandFiles(request, { repository, ref }, prefix, "path");
  }
  const full = page.next === null ? null : "page_full" as const;
  // What one page lacks no later one brings: the last must say so too.
  const isCut = page.isCut || graph?.isCut === true || list.position?.lacking === true;
  const reason = incompleteReason({ ...answer, reason: isCut ? "work_budget" : full });
  const body: ReferencesAnswer = {
    references,
    other_files: page.files.filter((file) => mentions(file, name))
      .map(({ source }) => source.path),
    renaming_files: page.files.map(({ source }) => source).filter((source) =>
      otherNamesFor(source, name).size > 0 && seen?.followed.has(source.path) !== true
    ).map((source) => source.path),
    defined_there: seen?.isDefined ?? null,
    unread_files: page.files.flatMap(({ occurrence: each }) =>
      each.symbols_skip_reason === null
        ? []
        : [{ path: each.path, language: each.language, reason: each.symbols_skip_reason }]
    ),
    complete: reason === null,
    incomplete_reason: reason,
    next_cursor: await list.nextCursor(isCut ? lacking(page.next) : page.next),
  };
  return { status: 200, body };
}

export const referenceRoutes: readonly ApiRoute[] = [
  {
    method: "GET",
    path: "/api/references",
    handle: findReferences,
    description: {
      summary: "The uses of a name with their role and the definition they stand in, by file",
      parameters: referenceParameters,
      requires: ["name"],
      answers: { 200: referencesAnswer },
    },
  },
];
