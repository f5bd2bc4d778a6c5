/**
 * GET /overview and GET /tree: a repository from afar, and what lies in a folder.
 */
import { z } from "zod";
import { OVERVIEW_FILES_MAX, OVERVIEW_ITEMS_MAX } from "../../_shared/contracts/limits.ts";
import {
  type OverviewAnswer,
  overviewAnswer,
  type TreeAnswer,
  treeAnswer,
} from "../../_shared/contracts/graph.ts";
import { type RankedDefinition } from "../../_shared/contracts/navigation.ts";
import { cursorExpired } from "../../_shared/runtime/cursor.ts";
import { type TreeName } from "../../_shared/runtime/database_index_functions.ts";
import { type Answer } from "../../_shared/runtime/http.ts";
import { pageParameters, readParameters, text } from "../../_shared/runtime/parameters.ts";
import { notFound, ProblemError } from "../../_shared/runtime/problem.ts";
import { initialsOf } from "../../_shared/text/humps.ts";
import { FILE_MARKS, marksOfPath } from "../../_shared/text/path_marks.ts";
import { type ApiRequest, type ApiRoute, openPage } from "../context.ts";
import { findRanked } from "../names/definition_ranking.ts";
import { entryPointsOf } from "./entry_points.ts";
import { mayName } from "../../_shared/graph/resolve_import.ts";
import { graphOfTree } from "../graph/graph_request.ts";
import { type ImportGraph } from "../graph/import_graph.ts";
import {
  foundTree,
  pathParameter,
  readRepository,
  refNotIndexed,
  treeParameters,
  treePosition,
} from "../indexed_tree.ts";
import { nameQueries } from "../names/name_queries.ts";
import { readRef } from "../ref.ts";
import { type SourceFile } from "../files/source_file.ts";
import { type OutlineReference } from "../../_shared/segment/outline_entries.ts";
import { isOfData } from "../../_shared/segment/symbol_kinds.ts";

const overviewParameters = z.strictObject(treeParameters);
const folderParameters = z.strictObject({
  ...treeParameters,
  ...pageParameters,
  path: pathParameter.optional().meta({
    description: "A folder; the root when absent.",
  }),
});
const folderPosition = z.strictObject({
  tree: treePosition.tree,
  generation: treePosition.generation,
  commit: treePosition.commit,
  name: text.refine((name) => name.isWellFormed()),
});

/** The version of what an overview says: to be raised when the same tree would get another one. */
const OVERVIEW_SHAPE = 7;

/** Names that stand too often for too much: what many files define says nothing of any. */
const DEFINITIONS_OF_A_NAME_MAX = 3;
/** Names whose definitions are looked up, the most used first. */
const NAMES_LOOKED_UP_MAX = 60;

/** The names of a list with how often each is there, the most frequent first. */
function frequencies(names: Iterable<string>): (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].toSorted(([one, many], [other, more]) =>
    more - many || (one < other ? -1 : 1)
  );
}

/** Variables and fields are read and written, most of them by names that every file has for its own. */
function isOfDefinition({ role }: OutlineReference): boolean {
  return role !== "read" && role !== "write";
}

/** A use of a name, in a file of a language. */
interface NameUse {
  readonly name: string;
  readonly language: string;
}

/** The uses in these files: without those of names that they define too often themselves. */
function usesIn(files: readonly SourceFile[]): NameUse[] {
  const defined = new Map(
    frequencies(files.flatMap(({ outline }) => outline.definitions.map(({ name }) => name))),
  );
  return files.flatMap(({ language, outline: { references } }) =>
    references.filter(isOfDefinition).map(({ name }) => ({ name, language }))
  ).filter(({ name }) => (defined.get(name) ?? 0) <= DEFINITIONS_OF_A_NAME_MAX);
}

/** What is at the side of a repository: a name that is defined there alone is not its own. */
const BESIDE = FILE_MARKS.test | FILE_MARKS.documentation | FILE_MARKS.vendored;
/** What has a name within something else: a type or a function of the same name is likelier meant. */
const MEMBER = /^(?:enum_member|field|method|property|variable)$/;

/** Whether uses of a name tell of this definition: `x.append` of one word is anybody's, and mostly the language's. */
function isTelling({ kind, name, container }: RankedDefinition): boolean {
  return container === null || !MEMBER.test(kind) || initialsOf(name).length > 1;
}

/** The most used names that the repository defines, by the uses in languages that may name them. */
async function mostReferenced(request: ApiRequest, tree: TreeName, files: readonly SourceFile[]) {
  const uses = usesIn(files);
  const usesByName = Map.groupBy(uses, ({ name }) => name);
  const counted = frequencies(uses.map(({ name }) => name)).slice(0, NAMES_LOOKED_UP_MAX);
  const found = await findRanked(request, tree, {
    name: "",
    queries: counted.flatMap(([name]) => nameQueries(name, "exact")),
    kind: null,
    prefix: "",
    // One more of each than may be: so those that have too many are told.
    limit: NAMES_LOOKED_UP_MAX * (DEFINITIONS_OF_A_NAME_MAX + 1),
  });
  const byName = Map.groupBy(found?.definitions ?? [], ({ name }) => name);
  const usesOf = ({ name, language: defining }: RankedDefinition) =>
    (usesByName.get(name) ?? []).filter(({ language }) => mayName(language, defining)).length;
  return counted.flatMap(([name]) => {
    const own = (byName.get(name) ?? []).filter((each) =>
      each.exported && !isOfData(each) && !/^(?:namespace|package)$/.test(each.kind) &&
      !each.in_test && (marksOfPath(each.path) & BESIDE) === 0 && usesOf(each) > 0
    );
    const telling = own.filter(isTelling);
    const first = telling.find(({ kind }) => !MEMBER.test(kind)) ?? telling[0];
    if (first === undefined || own.length > DEFINITIONS_OF_A_NAME_MAX) return [];
    const { kind, path, line } = first;
    return [{ name, kind, path, line, references: usesOf(first), definitions: own.length }];
  }).toSorted((one, other) => other.references - one.references).slice(0, OVERVIEW_ITEMS_MAX);
}

async function mostImported(graph: ImportGraph, files: readonly SourceFile[]) {
  const targets = (await graph.resolve(files, false)).flatMap(({ to }) => to);
  return frequencies(targets).slice(0, OVERVIEW_ITEMS_MAX)
    .map(([path, imports]) => ({ path, imports }));
}

async function getOverview(request: ApiRequest): Promise<Answer> {
  const parameters = readParameters(request.request, overviewParameters);
  const { caller, dependencies: { database, outlines } } = request;
  const named = {
    repository: readRepository(request, parameters.repository),
    ref: readRef(parameters.ref),
  };
  const answer = await database.readOverview(
    caller.tenantId,
    named,
    OVERVIEW_SHAPE,
    { foldersMax: OVERVIEW_ITEMS_MAX, samplesMax: OVERVIEW_FILES_MAX },
  );
  if (answer.outcome === "kept") return { status: 200, body: answer.overview };
  const { samples, sources, generation, outcome: _ok, ...rest } = foundTree(answer);
  const tree = { repository: named.repository, ref: rest.ref };
  const outlineOf = await outlines.of(caller.tenantId, samples.map(({ outline }) => outline));
  const files = samples.map(({ path, language, outline }) => ({
    path,
    language,
    outline: outlineOf(outline),
  }));
  const counted = files.filter(({ path }) => (marksOfPath(path) & FILE_MARKS.vendored) === 0);
  const graph = graphOfTree(request, tree);
  const [symbols, imported, entryPoints] = await Promise.all([
    mostReferenced(request, tree, counted),
    mostImported(graph, counted),
    entryPointsOf(request, tree),
  ]);
  const isSample = files.length < sources || graph.isCut;
  const body: OverviewAnswer = {
    ...rest,
    entry_points: entryPoints.slice(0, OVERVIEW_ITEMS_MAX),
    most_referenced_symbols: symbols,
    most_imported_files: imported,
    source_files: sources,
    files_read: files.length,
    complete: !isSample,
    incomplete_reason: isSample ? "work_budget" : null,
  };
  await database.keepOverview(caller.tenantId, tree, OVERVIEW_SHAPE, generation, body);
  return { status: 200, body };
}

async function listFolder(request: ApiRequest): Promise<Answer> {
  const parameters = readParameters(request.request, folderParameters);
  const tree = {
    repository: readRepository(request, parameters.repository),
    ref: readRef(parameters.ref),
  };
  const path = (parameters.path ?? "").replace(/\/$/, "");
  const scope = ["tree", tree.repository, tree.ref, path];
  const list = await openPage(request, parameters, scope, folderPosition);
  const answer = await request.dependencies.database.listFolder(list.page, tree, path);
  switch (answer.outcome) {
    case "not_found":
      throw notFound();
    case "not_indexed":
      throw refNotIndexed();
    case "cursor_expired":
      throw cursorExpired();
    case "file_not_found":
      throw new ProblemError("file_not_found", "path: no such folder in the indexed commit.");
    case "ok": {
      const { repository, ref, commit_oid } = answer;
      const page = await list.answer(answer.items, answer.next_cursor);
      const items = [...page.items];
      const body: TreeAnswer = { repository, ref, commit_oid, path, ...page, items };
      return { status: 200, body };
    }
  }
}

export const overviewRoutes: readonly ApiRoute[] = [
  {
    method: "GET",
    path: "/api/overview",
    handle: getOverview,
    description: {
      summary: "A repository from afar: languages, folders, entry points, what is used most",
      parameters: overviewParameters,
      requires: ["repository"],
      answers: { 200: overviewAnswer },
    },
  },
  {
    method: "GET",
    path: "/api/tree",
    handle: listFolder,
    description: {
      summary: "What lies directly in a folder, with how many files are below each",
      parameters: folderParameters,
      requires: ["repository"],
      answers: { 200: treeAnswer },
    },
  },
];
