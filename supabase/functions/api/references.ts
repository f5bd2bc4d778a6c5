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
import { wordIn } from "../_shared/graph/import_probes.ts";
import { PROXIMITIES, proximityFrom } from "../_shared/graph/proximity.ts";
import { cursorExpired } from "../_shared/runtime/cursor.ts";
import { type Occurrence } from "../_shared/runtime/database_answers.ts";
import { type Answer } from "../_shared/runtime/http.ts";
import { pageParameters, readParameters, text } from "../_shared/runtime/parameters.ts";
import { notFound, ProblemError } from "../_shared/runtime/problem.ts";
import { type Outline } from "../_shared/segment/outline.ts";
import { fold } from "../_shared/text/fold.ts";
import { TERM_CODE_POINTS_MAX } from "../_shared/text/terms.ts";
import { type ApiRequest, type ApiRoute, openPage } from "./context.ts";
import { lineAt } from "./file_lines.ts";
import { ImportGraph, type SourceFile } from "./import_graph.ts";
import { required } from "./indexed_tree.ts";
import { readOutline } from "./outline_reader.ts";
import { fullNameOf } from "./position.ts";
import { readRef } from "./ref.ts";
import { repositoryFilter } from "./repository_filter.ts";
import { incompleteReason, treePosition } from "./search.ts";

/** A page counts files: their outlines are read whole, and a request has two seconds. */
const FILES_DEFAULT = 30;
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
const referencePosition = z.object(treePosition).catchall(z.json());

type Reference = ReferencesAnswer["references"][number];

/** The longest word in a name: what every text that uses the name has as a term; null for none. */
export function termOfName(name: string): string | null {
  const word = wordIn(name);
  const isTerm = word !== null && Array.from(word).length <= TERM_CODE_POINTS_MAX;
  return isTerm ? fold(word) : null;
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
): Reference[] {
  const { repository, ref, commit_oid, path: filePath, chunks } = occurrence;
  const found = outline.references.filter((each) =>
    each.name === name && (role === undefined || each.role === role)
  );
  return found.map((each) => {
    const around = each.enclosing === null ? undefined : outline.definitions[each.enclosing];
    return {
      repository,
      ref,
      commit_oid,
      path: filePath,
      line: each.line,
      column: each.column,
      role: each.role,
      enclosing: around === undefined ? null : fullNameOf(around),
      text: cutText(lineAt(chunks, each.line) ?? ""),
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
  references: readonly Reference[],
): Promise<Reference[]> {
  const { file } = await graph.head(definedIn);
  const target = { path: file.path, definitions: file.outline.definitions };
  const around = await graph.surroundings(files);
  const proximities = new Map(files.map((each) => {
    const imports = each.outline.imports;
    const from = { path: each.path, language: each.language, imports };
    return [each.path, proximityFrom(from, around)(target)];
  }));
  const rank = ({ proximity }: Reference) =>
    proximity === null ? PROXIMITIES.length : PROXIMITIES.indexOf(proximity);
  return references.map((each) => ({ ...each, proximity: proximities.get(each.path) ?? null }))
    .toSorted((one, other) => rank(one) - rank(other));
}

function readPage(files: readonly Occurrence[]): ReadFile[] {
  return files.map((occurrence) => {
    const outline: Outline = readOutline(occurrence.outline);
    const { path: filePath, language } = occurrence;
    return { occurrence, source: { path: filePath, language, outline } };
  });
}

async function findReferences(request: ApiRequest): Promise<Answer> {
  const parameters = readParameters(request.request, referenceParameters);
  const { name, role, path: prefix = "", defined_in: definedIn } = parameters;
  const term = name === undefined ? null : termOfName(name);
  if (name === undefined || term === null) {
    throw new ProblemError("invalid_parameter", "name: must be a name with at least one letter");
  }
  const { caller, dependencies: { allowedGitHosts, database } } = request;
  const repository = repositoryFilter(parameters.repository, allowedGitHosts);
  if (definedIn !== undefined) required(parameters.repository, "repository");
  const ref = readRef(parameters.ref);
  const limit = definedIn === undefined
    ? Math.min(parameters.limit, FILES_DEFAULT)
    : RANKED_FILES_MAX;
  const scope = ["references", name, repository, ref, prefix, definedIn ?? null];
  const list = await openPage(request, { ...parameters, limit }, scope, referencePosition);
  const answer = await database.findOccurrences(list.page, { repository, ref }, term, prefix);
  if (answer.outcome === "not_found") throw notFound();
  if (answer.outcome === "cursor_expired") throw cursorExpired();
  const files = readPage(answer.files);
  const found = files.flatMap((file) => referencesIn(file, name, role));
  const sources = files.map(({ source }) => source);
  const references = definedIn === undefined || repository === null ? found : await ranked(
    new ImportGraph({ database, tenantId: caller.tenantId, repository, ref }),
    definedIn,
    sources,
    found,
  );
  const reason = incompleteReason({
    ...answer,
    reason: answer.next_cursor === null ? null : "page_full",
  });
  const body: ReferencesAnswer = {
    references,
    other_files: sources.filter((source) => mentions(source, name)).map((source) => source.path),
    unread_files: files.flatMap(({ occurrence: each }) =>
      each.symbols_skip_reason === null
        ? []
        : [{ path: each.path, language: each.language, reason: each.symbols_skip_reason }]
    ),
    complete: reason === null,
    incomplete_reason: reason,
    next_cursor: await list.nextCursor(answer.next_cursor),
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
