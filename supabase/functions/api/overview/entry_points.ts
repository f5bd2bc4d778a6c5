/**
 * Where programs and packages of a repository begin: main functions, files that are run by their name,
 * and what manifests name.
 */
import {
  CONFIGURATION_CHUNKS_MAX,
  CONFIGURATION_FILES_MAX,
  RANKED_DEFINITIONS_MAX,
} from "../../_shared/contracts/limits.ts";
import { type OverviewAnswer } from "../../_shared/contracts/graph.ts";
import { scriptEntries } from "../../_shared/graph/configuration/pyproject_toml.ts";
import { directoryOf, nameOf, pathStem } from "../../_shared/graph/paths.ts";
import { type ConfigurationFile, readSurroundings } from "../../_shared/graph/surroundings.ts";
import { packageEntries } from "../../_shared/graph/rules/package_files.ts";
import { type TreeName } from "../../_shared/runtime/database_index_functions.ts";
import { FILE_MARKS, marksOfPath } from "../../_shared/text/path_marks.ts";
import { type ApiRequest } from "../context.ts";
import { findRanked } from "../names/definition_ranking.ts";
import { nameQueries } from "../names/name_queries.ts";

type EntryPoint = OverviewAnswer["entry_points"][number];

/** Files that are run because of how they are called; where statements at the top of C# are by custom. */
const RUN_BY_NAME = [
  "__main__.py",
  "manage.py",
  "wsgi.py",
  "asgi.py",
  "config.ru",
  "Dockerfile",
  "Program.cs",
];
const MANIFESTS = ["package.json", "Cargo.toml", "pyproject.toml"];
/** Languages in which a function of this name is where a program begins. */
const HAS_MAIN = /^(?:C|C\+\+|Go|Rust|Java|Kotlin|Scala|C#|Zig|Swift|Dart|Shell)$/;

/** Tests and other people's programs are no way into this one. */
function isOwn({ path }: { readonly path: string }): boolean {
  const other = FILE_MARKS.test | FILE_MARKS.vendored | FILE_MARKS.documentation;
  return (marksOfPath(path) & other) === 0;
}

async function mainFunctions(request: ApiRequest, tree: TreeName): Promise<EntryPoint[]> {
  const found = await findRanked(request, tree, {
    name: "main",
    queries: nameQueries("main", "exact"),
    kind: null,
    prefix: "",
    limit: RANKED_DEFINITIONS_MAX,
  });
  return (found?.definitions ?? []).filter(({ kind, language }) =>
    /^(?:function|method)$/.test(kind) && HAS_MAIN.test(language)
  ).map(({ path, line }) => ({ path, line, why: "main function" }));
}

/** What manifests name, the first candidate of each that the tree has. */
async function named(
  request: ApiRequest,
  tree: TreeName,
  entries: readonly { readonly why: string; readonly candidates: readonly string[] }[],
): Promise<EntryPoint[]> {
  // By their stems: what one entry may be is nearly all one name with other endings.
  const stems = [...new Set(entries.flatMap(({ candidates }) => candidates.map(pathStem)))];
  if (stems.length === 0) return [];
  const answer = await request.dependencies.database.findFiles(request.caller.tenantId, tree, {
    candidates: { stems },
    filesMax: stems.length,
    withOutlines: false,
    textChunks: 0,
  });
  const there = new Set(answer.outcome === "ok" ? answer.files.map(({ path }) => path) : []);
  return entries.flatMap(({ candidates, why }) => {
    const path = candidates.find((each) => there.has(each));
    return path === undefined ? [] : [{ path, line: 1, why }];
  });
}

/** The entry points, each file once, those nearest to the root first. */
export async function entryPointsOf(
  request: ApiRequest,
  tree: TreeName,
): Promise<EntryPoint[]> {
  const { caller, dependencies: { database } } = request;
  const [functions, answer] = await Promise.all([
    mainFunctions(request, tree),
    database.findFiles(caller.tenantId, tree, {
      candidates: { suffixes: [...RUN_BY_NAME, ...MANIFESTS] },
      filesMax: CONFIGURATION_FILES_MAX,
      withOutlines: false,
      textChunks: CONFIGURATION_CHUNKS_MAX,
    }),
  ]);
  const files = answer.outcome === "ok" ? answer.files.filter(isOwn) : [];
  const manifests = files.filter(({ key }) => MANIFESTS.includes(key))
    .map(({ path, text }): ConfigurationFile => ({ path, text: text ?? "" }));
  const { packages, crates } = readSurroundings(manifests);
  const scripts = manifests.filter(({ path }) => nameOf(path) === "pyproject.toml")
    .flatMap(({ path, text }) => scriptEntries(directoryOf(path), text));
  const byName = files.filter(({ key }) => RUN_BY_NAME.includes(key))
    .map(({ key, path }) => ({ path, line: 1, why: key }));
  const libraries = crates.map(({ library }) => library);
  const known = libraries.length === 0 ? null : await database.findFiles(caller.tenantId, tree, {
    candidates: { files: libraries },
    filesMax: libraries.length,
    withOutlines: false,
    textChunks: 0,
  });
  const crateLibraries = known?.outcome === "ok"
    ? known.files.map(({ path }) => ({ path, line: 1, why: "Cargo.toml lib" }))
    : [];
  const all = [
    ...await named(request, tree, [...packages.flatMap(packageEntries), ...scripts]),
    ...functions,
    ...crateLibraries,
    ...byName,
  ].filter((each) => isOwn(each) && !MANIFESTS.includes(nameOf(each.path)));
  const depthOf = ({ path }: EntryPoint) => path.split("/").length;
  const first = new Map<string, EntryPoint>();
  for (const each of all) if (!first.has(each.path)) first.set(each.path, each);
  return [...first.values()].toSorted((one, other) =>
    depthOf(one) - depthOf(other) || (one.path < other.path ? -1 : 1)
  );
}
