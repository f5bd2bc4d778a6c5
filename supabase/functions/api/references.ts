/**
 * GET /references: the uses of a name, by what is known of the files that have the word.
 */
import { z } from "zod";
import { PATH_UNITS_MAX, SYMBOL_NAME_UNITS_MAX } from "../_shared/contracts/limits.ts";
import {
  referenceRoles,
  type ReferencesAnswer,
  referencesAnswer,
} from "../_shared/contracts/navigation.ts";
import { cutText } from "../_shared/contracts/search.ts";
import { PROXIMITIES, proximityFrom } from "../_shared/graph/proximity.ts";
import { cursorExpired, type CursorPosition } from "../_shared/runtime/cursor.ts";
import { type Occurrence } from "../_shared/runtime/database_answers.ts";
import { type Answer } from "../_shared/runtime/http.ts";
import { pageParameters, readParameters, text } from "../_shared/runtime/parameters.ts";
import { notFound, ProblemError } from "../_shared/runtime/problem.ts";
import { type ApiRequest, type ApiRoute, openPage } from "./context.ts";
import { lineReader } from "./file_lines.ts";
import { graphOfTree } from "./graph_request.ts";
import { type ImportGraph, type SourceFile } from "./import_graph.ts";
import { demandFiles, required } from "./indexed_tree.ts";
import { termOfName } from "./name_queries.ts";
import { fullNameOf } from "./position.ts";
import { readRef } from "./ref.ts";
import { repositoryFilter } from "./repository_filter.ts";
import { incompleteReason, treePosition } from "./search.ts";

/** Files that are read for a page: their outlines are read whole, and a request has two seconds. */
const FILES_MAX = 30;
/** Seen from a definition, the files of a page are ranked: more of them make a better first page. */
const RANKED_FILES_MAX = 200;

const path = text.max(PATH_UNITS_MAX);
const referenceParameters = z.strictObject({
  ...pageParameters,
  name: text.max(SYMBOL_NAME_UNITS_MAX).optional(),
  repository: text.optional(),
  ref: z.string().optional(),
  role: z.enum(referenceRoles).optional(),
  path: path.optional().meta({ description: "What the paths begin with." }),
  defined_in: path.optional().meta({
    description: "The file of the definition that is meant: files that import it come first.",
  }),
});
/** Behind a file; or how many were shown of the ranked references of the files behind it. */
const referencePosition = z.strictObject({
  ...treePosition,
  // Empty before the first file.
  path: z.union([treePosition.path, z.literal("")]),
  seen: z.int().nonnegative().default(0),
});
type ReferencePosition = z.infer<typeof referencePosition>;

/** A reference, before its line is read. */
interface FoundReference extends Omit<ReferencesAnswer["references"][number], "text"> {
  readonly blob: string;
}

/** A file of a page, read. */
interface ReadFile {
  readonly occurrence: Occurrence;
  readonly source: SourceFile;
}

/** The references of a name in one file. */
function referencesIn(
  { occurrence, source: { outline } }: ReadFile,
  name: string,
  role: string | undefined,
): FoundReference[] {
  const { repository, ref, commit_oid, path: filePath, blob } = occurrence;
  const found = outline.references.filter((each) =>
    each.name === name && (role === undefined || each.role === role)
  );
  return found.map((each) => {
    const around = each.enclosing === null ? undefined : outline.definitions[each.enclosing];
    return {
      blob,
      repository,
      ref,
      commit_oid,
      path: filePath,
      line: each.line,
      column: each.column,
      role: each.role,
      enclosing: around === undefined ? null : fullNameOf(around),
      proximity: null,
    };
  });
}

/** Whether a file that has the word knows nothing of the name. */
function mentions({ outline }: SourceFile, name: string): boolean {
  const { references, definitions } = outline;
  return !references.some((each) => each.name === name) &&
    !definitions.some((each) => each.name === name);
}

/** The references with how near their files are to the definition's, the nearest first. */
async function ranked(
  graph: ImportGraph,
  definedIn: string,
  files: readonly SourceFile[],
  references: readonly FoundReference[],
): Promise<FoundReference[]> {
  const { file } = await graph.head(definedIn);
  const target = { path: file.path, definitions: file.outline.definitions };
  const around = await graph.surroundings(files);
  const proximities = new Map(files.map((each) => {
    const imports = each.outline.imports;
    const from = { path: each.path, language: each.language, imports };
    return [each.path, proximityFrom(from, around)(target)];
  }));
  const rank = ({ proximity }: FoundReference) =>
    proximity === null ? PROXIMITIES.length : PROXIMITIES.indexOf(proximity);
  return references.map((each) => ({ ...each, proximity: proximities.get(each.path) ?? null }))
    .toSorted((one, other) => rank(one) - rank(other));
}

/** The files with their outlines. */
async function readAll(
  { caller, dependencies: { outlines } }: ApiRequest,
  occurrences: readonly Occurrence[],
): Promise<ReadFile[]> {
  const outlineBlob = ({ blob, has_outline: has }: Occurrence) => has ? blob : null;
  const outlineOf = await outlines.of(caller.tenantId, occurrences.map(outlineBlob));
  return occurrences.map((occurrence) => {
    const { path: filePath, language } = occurrence;
    const outline = outlineOf(outlineBlob(occurrence));
    return { occurrence, source: { path: filePath, language, outline } };
  });
}

/** The references with the lines that they stand in. */
async function withLines(
  { caller, dependencies: { database } }: ApiRequest,
  references: readonly FoundReference[],
): Promise<ReferencesAnswer["references"]> {
  if (references.length === 0) return [];
  const byBlob = Map.groupBy(references, ({ blob }) => blob);
  const wanted = [...byBlob].map(([blob, own]) => ({
    blob,
    lines: [...new Set(own.map(({ line }) => line))],
  }));
  const chunks = await database.readChunks(caller.tenantId, wanted);
  const readers = new Map(
    [...Map.groupBy(chunks, ({ blob }) => blob)].map(([blob, own]) => [blob, lineReader(own)]),
  );
  return references.map(({ blob, ...reference }) => ({
    ...reference,
    text: cutText(readers.get(blob)?.(reference.line) ?? ""),
  }));
}

/** What is looked for. */
interface Wanted {
  readonly name: string;
  readonly role: string | undefined;
  readonly limit: number;
}

/** A page: the files it tells of, their references, and where the next begins; null: where SQL says. */
interface ReferencePage {
  readonly files: readonly ReadFile[];
  readonly references: readonly FoundReference[];
  readonly next: CursorPosition;
}

/** References in the order of their files' paths, as many as are wanted; the next page may begin in a file. */
function pageByPath(
  all: readonly ReadFile[],
  next: CursorPosition,
  { name, role, limit }: Wanted,
  position: ReferencePosition | null,
): ReferencePage {
  const files: ReadFile[] = [];
  const references: FoundReference[] = [];
  let before: CursorPosition = { ...position ?? { ...all[0]?.occurrence.key, path: "" }, seen: 0 };
  let seen = position?.seen ?? 0;
  for (const file of all) {
    if (references.length >= limit) return { files, references, next: before };
    const found = referencesIn(file, name, role).slice(seen);
    const room = limit - references.length;
    references.push(...found.slice(0, room));
    // What is said of a file is said on its first page.
    if (seen === 0) files.push(file);
    if (found.length > room) return { files, references, next: { ...before, seen: seen + room } };
    before = file.occurrence.key;
    seen = 0;
  }
  return { files, references, next };
}

/** Of many files the references nearest to the definition; the next page goes on in the same files. */
async function pageByNearness(
  files: readonly ReadFile[],
  next: CursorPosition,
  { name, role, limit }: Wanted,
  position: ReferencePosition | null,
  rank: (
    files: readonly SourceFile[],
    found: readonly FoundReference[],
  ) => Promise<FoundReference[]>,
): Promise<ReferencePage> {
  const found = files.flatMap((file) => referencesIn(file, name, role));
  const ranked = await rank(files.map(({ source }) => source), found);
  const seen = position?.seen ?? 0;
  const end = seen + limit;
  const start = position ?? { ...files[0]?.occurrence.key, path: "" };
  return {
    // What is said of the files was said on their first page.
    files: seen === 0 ? files : [],
    references: ranked.slice(seen, end),
    next: end < ranked.length ? { ...start, seen: end } : next,
  };
}

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

async function findReferences(request: ApiRequest): Promise<Answer> {
  const parameters = readParametersOf(request);
  const { name, role, term, prefix, definedIn, repository, ref, limit } = parameters;
  const { dependencies: { database } } = request;
  const isRanked = definedIn !== null && repository !== null;
  const filesMax = isRanked ? RANKED_FILES_MAX : Math.min(limit, FILES_MAX);
  const scope = ["references", name, role ?? null, repository, ref, prefix, definedIn];
  const list = await openPage(
    request,
    { ...parameters, limit: filesMax },
    scope,
    referencePosition,
  );
  const answer = await database.findOccurrences(list.page, { repository, ref }, term, prefix);
  if (answer.outcome === "not_found") throw notFound();
  if (answer.outcome === "cursor_expired") throw cursorExpired();
  const wanted = { name, role, limit };
  const files = await readAll(request, answer.files);
  const page = isRanked
    ? await pageByNearness(
      files,
      answer.next_cursor,
      wanted,
      list.position,
      (sources, found) => {
        const graph = graphOfTree(request, { repository, ref });
        return ranked(graph, definedIn, sources, found);
      },
    )
    : pageByPath(files, answer.next_cursor, wanted, list.position);
  if (answer.files.length === 0 && prefix !== "" && repository !== null) {
    await demandFiles(request, { repository, ref }, prefix, "path");
  }
  const reason = incompleteReason({ ...answer, reason: page.next === null ? null : "page_full" });
  const body: ReferencesAnswer = {
    references: await withLines(request, page.references),
    other_files: page.files.filter(({ source }) => mentions(source, name))
      .map(({ source }) => source.path),
    unread_files: page.files.flatMap(({ occurrence: each }) =>
      each.symbols_skip_reason === null
        ? []
        : [{ path: each.path, language: each.language, reason: each.symbols_skip_reason }]
    ),
    complete: reason === null,
    incomplete_reason: reason,
    next_cursor: await list.nextCursor(page.next),
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
      answers: { 200: referencesAnswer },
    },
  },
];
