/**
 * GET /cycles and GET /impact: circles of imports, and what a change of a file or of a definition
 * reaches.
 */
import { z } from "zod";
import {
  CYCLE_FILES_MAX,
  DEPENDENCY_DEPTH_MAX,
  DEPENDENCY_FILES_MAX,
  IMPACT_DEPTH_DEFAULT,
  SYMBOL_NAME_UNITS_MAX,
} from "../../_shared/contracts/limits.ts";
import {
  type CyclesAnswer,
  cyclesAnswer,
  type ImpactAnswer,
  impactAnswer,
} from "../../_shared/contracts/graph.ts";
import { type DependenciesAnswer } from "../../_shared/contracts/navigation.ts";
import { cyclesIn } from "../../_shared/graph/components.ts";
import { type Answer } from "../../_shared/runtime/http.ts";
import { type TreeName } from "../../_shared/runtime/database_index_functions.ts";
import { readParameters, text } from "../../_shared/runtime/parameters.ts";
import { ProblemError } from "../../_shared/runtime/problem.ts";
import { FILE_MARKS, marksOfPath } from "../../_shared/text/path_marks.ts";
import { qualifiedName } from "../../_shared/text/qualified_name.ts";
import { type ApiRequest, type ApiRoute } from "../context.ts";
import { graphOf, graphOfTree, walkBounds } from "../graph/graph_request.ts";
import { type ImportGraph } from "../graph/import_graph.ts";
import {
  importersOf,
  type Needing,
  walkDependencies,
  walkDependents,
} from "../graph/import_walk.ts";
import { importsBelow } from "../graph/imports_below.ts";
import {
  depthParameter,
  pathParameter,
  readRepository,
  required,
  treeParameters,
} from "../indexed_tree.ts";
import { ownedBy } from "../names/owned_names.ts";
import { readRef } from "../ref.ts";
import { usersByHeaders } from "./header_users.ts";
import { filesWithName, type NameUser, usersOfName } from "./name_users.ts";
import { usersWithoutImport } from "./package_users.ts";
import { type SourceFile } from "../files/source_file.ts";

type Edge = DependenciesAnswer["edges"][number];

const cyclesParameters = z.strictObject({
  ...treeParameters,
  path: pathParameter.optional().meta({ description: "A file: only the circle that it is in." }),
  prefix: pathParameter.optional().meta({
    description: "What the paths begin with; without a path.",
  }),
});
const impactParameters = z.strictObject({
  ...treeParameters,
  path: pathParameter.optional(),
  name: text.max(SYMBOL_NAME_UNITS_MAX).optional().meta({
    description: "A definition in the file: only what uses its name is reached at first.",
  }),
  depth: depthParameter(DEPENDENCY_DEPTH_MAX, IMPACT_DEPTH_DEFAULT),
});

/** All imports among the files of a part of the tree. */
async function edgesBelow(
  request: ApiRequest,
  tree: TreeName,
  graph: ImportGraph,
  prefix: string,
) {
  const { files, cut } = await importsBelow(request, tree, prefix, CYCLE_FILES_MAX);
  if (cut) graph.cut();
  const paths = new Set(files.map((file) => file.path));
  const edges = (await graph.resolve(files, false)).flatMap(({ file, imported, to }) =>
    to.filter((each) => paths.has(each)).map((each): Edge => ({
      from: file.path,
      to: each,
      line: imported.line,
      specifier: imported.specifier,
      depth: 1,
    }))
  );
  return { edges, files: files.length };
}

async function listCycles(request: ApiRequest): Promise<Answer> {
  const parameters = readParameters(request.request, cyclesParameters);
  const tree = {
    repository: readRepository(request, parameters.repository),
    ref: readRef(parameters.ref),
  };
  const graph = graphOfTree(request, tree);
  const start = parameters.path === undefined ? null : await graph.head(parameters.path);
  const place = start?.place ?? await graph.place();
  const walk = start === null
    ? null
    : await walkDependencies(graph, [start.file], DEPENDENCY_FILES_MAX);
  const { edges, files } = walk === null
    ? await edgesBelow(request, tree, graph, parameters.prefix ?? "")
    : { edges: walk.edges, files: walk.visited.size };
  const targets = new Map<string, string[]>();
  for (const { from, to } of edges) targets.set(from, [...targets.get(from) ?? [], to]);
  const found = cyclesIn(targets).filter((each) =>
    start === null || each.includes(start.file.path)
  );
  const body: CyclesAnswer = {
    ...place,
    cycles: found.map((members) => ({
      files: members,
      edges: edges.filter(({ from, to }) => members.includes(from) && members.includes(to))
        .map((edge) => ({ ...edge, depth: 1 })),
    })),
    files,
    ...walkBounds(graph.isCut),
  };
  return { status: 200, body };
}

interface Reached {
  readonly path: string;
  readonly depth: number;
  readonly via: string;
  readonly line: number;
}

/** Who imports the files, or uses what they define without an import of them. */
async function usersOfFiles(graph: ImportGraph, files: readonly SourceFile[]): Promise<Needing[]> {
  const found = await Promise.all([
    importersOf(graph, files),
    usersWithoutImport(graph, files),
    usersByHeaders(graph, files, null),
  ]);
  return found.flat();
}

/** `users`: where a change begins that is not of the whole file. */
async function reachedBy(
  graph: ImportGraph,
  file: SourceFile,
  users: readonly NameUser[] | null,
  depth: number,
): Promise<Reached[]> {
  const starts = users === null ? [file] : users.map((user) => user.file);
  const first = (users ?? []).map((user): Reached => ({
    path: user.file.path,
    depth: 1,
    via: file.path,
    line: user.line,
  }));
  const shift = users === null ? 0 : 1;
  const { edges } = await walkDependents(graph, starts, depth - shift, usersOfFiles);
  const rest = edges.map(({ from, to, line, depth: steps }): Reached => ({
    path: from,
    depth: steps + shift,
    via: to,
    line,
  }));
  const reached = new Map<string, Reached>();
  for (const each of [...first, ...rest]) {
    const isOwn = each.path === file.path;
    if (!isOwn && !reached.has(each.path)) reached.set(each.path, each);
  }
  return [...reached.values()];
}

/** The file that changes. */
function pathOf({ path: given, name }: z.infer<typeof impactParameters>): string {
  if (given !== undefined || name === undefined) return required(given, "path");
  const where = `GET /definitions?name=${encodeURIComponent(name)} finds it`;
  throw new ProblemError(
    "invalid_parameter",
    `path: give the file that defines the name; ${where}`,
  );
}

/** The name of a definition of a file, which may be given with what the definition is in. */
function definedName({ path, language, outline: { definitions } }: SourceFile, given: string) {
  const { owner, last } = qualifiedName(given) ?? { owner: "", last: given };
  const file = { path, language, definitions };
  const found = definitions.find((each) => each.name === given) ??
    ownedBy(definitions.filter(({ name }) => name === last), () => file, owner)[0];
  if (found !== undefined) return found.name;
  throw new ProblemError("definition_not_found", `${given} is not defined in ${path}.`);
}

async function listImpact(request: ApiRequest): Promise<Answer> {
  const parameters = readParameters(request.request, impactParameters);
  const graph = graphOf(request, parameters);
  const { depth, name: given } = parameters;
  const path = pathOf(parameters);
  // Which files have the word of a name is asked for while the file is read that defines it.
  const early = given === undefined || qualifiedName(given) !== null
    ? null
    : filesWithName(graph, given);
  // Nobody waits for it where there is no such file, or no such name in it.
  early?.catch(() => undefined);
  const { place, file } = await graph.head(path);
  const name = given === undefined ? null : definedName(file, given);
  const users = name === null
    ? null
    : await usersOfName(graph, file, name, early ?? filesWithName(graph, name));
  const reached = await reachedBy(graph, file, users, depth);
  const files = reached.map((each) => ({
    ...each,
    in_test: (marksOfPath(each.path) & FILE_MARKS.test) !== 0,
  })).toSorted((one, other) =>
    Number(other.in_test) - Number(one.in_test) || one.depth - other.depth ||
    (one.path < other.path ? -1 : 1)
  );
  const body: ImpactAnswer = {
    ...place,
    path: file.path,
    name,
    files,
    tests: files.filter((each) => each.in_test).length,
    ...walkBounds(graph.isCut),
  };
  return { status: 200, body };
}

export const reachRoutes: readonly ApiRoute[] = [
  {
    method: "GET",
    path: "/api/cycles",
    handle: listCycles,
    description: {
      summary:
        "Files that import one another in a circle: the one of a file, or all below a prefix",
      parameters: cyclesParameters,
      requires: ["repository"],
      answers: { 200: cyclesAnswer },
    },
  },
  {
    method: "GET",
    path: "/api/impact",
    handle: listImpact,
    description: {
      summary: "What a change of a file, or of a definition in it, reaches: tests first",
      parameters: impactParameters,
      requires: ["repository", "path"],
      answers: { 200: impactAnswer },
    },
  },
];
