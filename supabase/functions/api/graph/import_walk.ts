/**
 * Walks over imports, step by step, in either direction, within bounds.
 */
import { DEPENDENCY_FILES_MAX } from "../../_shared/contracts/limits.ts";
import { type DependenciesAnswer } from "../../_shared/contracts/navigation.ts";
import { type ImportGraph } from "./import_graph.ts";
import { type SourceFile } from "../files/source_file.ts";

type Edge = DependenciesAnswer["edges"][number];
type Unresolved = DependenciesAnswer["unresolved"][number];

/** The edges of a walk, nearest first, and what led nowhere. */
export interface Walk {
  readonly edges: readonly Edge[];
  readonly external: readonly string[];
  readonly unresolved: readonly Unresolved[];
  /** Every file on the way, the start among them. */
  readonly visited: ReadonlySet<string>;
}

/** Those of the next step, as many as may be visited at all. */
function visit(graph: ImportGraph, next: ReadonlySet<string>, visited: Set<string>): string[] {
  const room = DEPENDENCY_FILES_MAX - visited.size;
  if (next.size > room) graph.cut();
  const paths = [...next].sort().slice(0, Math.max(0, room));
  for (const path of paths) visited.add(path);
  return paths;
}

/** What the files import, and what that imports, to a depth. */
export async function walkDependencies(
  graph: ImportGraph,
  starts: readonly SourceFile[],
  depthMax: number,
): Promise<Walk> {
  const edges: Edge[] = [];
  const external = new Set<string>();
  const unresolved: Unresolved[] = [];
  const visited = new Set(starts.map(({ path }) => path));
  let files = starts;
  for (let depth = 1; depth <= depthMax && files.length > 0; depth += 1) {
    const next = new Set<string>();
    for (const resolved of await graph.resolve(files, depth < depthMax)) {
      const { file, imported, to, isExternal, isMissing } = resolved;
      const { line, specifier } = imported;
      const from = file.path;
      for (const path of to) {
        edges.push({ from, to: path, line, specifier, depth });
        if (!visited.has(path)) next.add(path);
      }
      if (isExternal) external.add(specifier);
      else if (isMissing) unresolved.push({ from, line, specifier });
    }
    files = depth === depthMax ? [] : await graph.files(visit(graph, next, visited));
  }
  return { edges, external: [...external].sort(), unresolved, visited };
}

/** A file that needs others, and where it says so first. */
export interface Needing {
  readonly file: SourceFile;
  readonly line: number;
  /** What it imports, or whatever else brings the others. */
  readonly specifier: string;
  readonly to: readonly string[];
}

/** Who imports these files. */
export async function importersOf(
  graph: ImportGraph,
  files: readonly SourceFile[],
): Promise<Needing[]> {
  const found = await graph.importsOf(files);
  return found.map(({ file, imported: { line, specifier }, to }) => ({
    file,
    line,
    specifier,
    to,
  }));
}

/** Who needs the files, and who needs those, to a depth: by imports, unless told otherwise. */
export async function walkDependents(
  graph: ImportGraph,
  starts: readonly SourceFile[],
  depthMax: number,
  needing = importersOf,
): Promise<Walk> {
  const edges: Edge[] = [];
  const visited = new Set(starts.map(({ path }) => path));
  let files = starts;
  for (let depth = 1; depth <= depthMax && files.length > 0; depth += 1) {
    const next = new Map<string, SourceFile>();
    for (const { file, line, specifier, to } of await needing(graph, files)) {
      for (const path of to) {
        edges.push({ from: file.path, to: path, line, specifier, depth });
        if (!visited.has(file.path)) next.set(file.path, file);
      }
    }
    const paths = visit(graph, new Set(next.keys()), visited);
    files = paths.flatMap((path) => next.get(path) ?? []);
  }
  return { edges, external: [], unresolved: [], visited };
}
