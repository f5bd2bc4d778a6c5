/**
 * Walks calls step by step, within bounds. In each step all names are looked up at once, and every call
 * is given to the nearest of the definitions that its name may mean.
 */
import { CALL_FILES_MAX, CALL_NAMES_MAX, CALLS_MAX } from "../../_shared/contracts/limits.ts";
import { type Call } from "../../_shared/contracts/graph.ts";
import { type RankedDefinition } from "../../_shared/contracts/navigation.ts";
import { exportedNames, originalNames } from "../../_shared/segment/bindings.ts";
import {
  type OutlineDefinition,
  type OutlineReference,
  referencesTo,
} from "../../_shared/segment/outline.ts";
import { type Definitions, definitionsOf, meaningsIn, placesByName } from "./call_meanings.ts";
import { calledNames, callersByOtherNames, type Renamed } from "./called_names.ts";
import { type ApiRequest } from "../context.ts";
import { fileKey } from "../names/definition_ranking.ts";
import { type ImportGraph } from "../graph/import_graph.ts";
import { fullNameOf } from "../files/position.ts";
import { type Target } from "../names/target.ts";
import { type SourceFile } from "../files/source_file.ts";

/** The calls of a walk, the nearest first. */
export interface CallWalk {
  readonly calls: readonly Call[];
  readonly outside: readonly string[];
  readonly isCut: boolean;
}

type Node = Pick<RankedDefinition, "name" | "path" | "line">;

function keyOf({ name, path, line }: Node): string {
  return [name, path, line].join("\n");
}

function endOf(path: string, definition: OutlineDefinition | undefined): Call["from"] {
  if (definition === undefined) return { name: null, kind: null, path, line: 1 };
  return { name: fullNameOf(definition), kind: definition.kind, path, line: definition.startLine };
}

function endOfRanked(definition: RankedDefinition): Call["to"] {
  const { name, container, kind, path, line } = definition;
  return { name: container === null ? name : `${container}.${name}`, kind, path, line };
}

/** One of the places that names are looked up for: of a step they are mostly in one part of the tree. */
function nearOf([first]: Iterable<Node>): string | null {
  return first?.path ?? null;
}

/** The calls among references, by the names that what is called has itself. */
function callsAmong(references: readonly OutlineReference[], renamed: Renamed): OutlineReference[] {
  return references.filter(({ role }) => role === "call").map((each) => {
    const name = renamed.get(each.name);
    return name === undefined ? each : { ...each, name };
  });
}

/** The calls of what has one of these names, whatever a file calls it. */
function callsTo(
  { outline }: SourceFile,
  renamed: Renamed,
  names: ReadonlySet<string>,
): OutlineReference[] {
  const locals = [...renamed].flatMap(([local, name]) => names.has(name) ? [local] : []);
  return callsAmong(referencesTo(outline, new Set([...names, ...locals])), renamed)
    .filter(({ name }) => names.has(name));
}

/** Whether the file of a definition exports it under another name. */
function isRenamedForOthers({ outlines }: Definitions, definition: RankedDefinition): boolean {
  const outline = outlines.get(fileKey(definition));
  return outline !== undefined && exportedNames(outline, definition.name).size > 0;
}

/** One step up: the calls in `files` that mean one of the targets. */
async function callsOf(
  target: Target,
  targets: ReadonlyMap<string, Node>,
  found: Definitions,
  files: readonly SourceFile[],
  depth: number,
) {
  const given = found.definitions.filter((each) =>
    targets.has(keyOf(each)) && isRenamedForOthers(found, each)
  );
  const others = await callersByOtherNames(target.graph, given);
  const names = new Set([...targets.values()].map(({ name }) => name));
  const calls: Call[] = [];
  const callers = new Map<string, Node>();
  const calling = [...new Set([...files, ...others.keys()])].map((file) => ({
    file,
    called: callsTo(file, new Map([...originalNames(file), ...others.get(file) ?? []]), names),
  })).filter(({ called }) => called.length > 0);
  // All at once: file by file each would be asked for by itself.
  await target.graph.surroundings(calling.map(({ file }) => file));
  const byName = placesByName(found);
  for (const { file, called } of calling) {
    const meant = await meaningsIn(target, file, byName);
    for (const each of called) {
      const { line, column, enclosing } = each;
      const known = meant(each);
      const to = known?.meant.find((definition) => targets.has(keyOf(definition)));
      if (known === null || to === undefined) continue;
      const { proximity, candidates, certainty } = known;
      const around = enclosing === null ? undefined : file.outline.definitions[enclosing];
      calls.push({
        from: endOf(file.path, around),
        to: endOfRanked(to),
        path: file.path,
        line,
        column,
        depth,
        proximity,
        candidates,
        certainty,
      });
      if (around === undefined || certainty === "possible") continue;
      const node = { name: around.name, path: file.path, line: around.startLine };
      callers.set(keyOf(node), node);
    }
  }
  return { calls, callers };
}

/**
 * Who calls the target, and who calls those, to a depth. `calling`: the files that call its name, where
 * they were asked for already.
 */
export async function walkCallers(
  request: ApiRequest,
  target: Target,
  depthMax: number,
  calling: ReturnType<ImportGraph["filesCalling"]> | null,
): Promise<CallWalk> {
  const calls: Call[] = [];
  const visited = new Set<string>();
  let isCut = false;
  const [first] = target.definitions;
  let targets = new Map<string, Node>(first === undefined ? [] : [[keyOf(first), first]]);
  let found: Definitions = target;
  for (let depth = 1; depth <= depthMax && targets.size > 0; depth += 1) {
    for (const key of targets.keys()) visited.add(key);
    const names = [...new Set([...targets.values()].map(({ name }) => name))];
    const [next, { files, cut }] = await Promise.all([
      depth === 1 ? null : definitionsOf(request, target, names, nearOf(targets.values())),
      depth === 1 && calling !== null ? calling : target.graph.filesCalling(names, CALL_FILES_MAX),
    ]);
    found = next ?? found;
    isCut ||= cut || next?.isCut === true;
    const step = await callsOf(target, targets, found, files, depth);
    const room = CALLS_MAX - calls.length;
    isCut ||= step.calls.length > room;
    calls.push(...step.calls.slice(0, room));
    targets = new Map([...step.callers].filter(([key]) => !visited.has(key)));
  }
  return { calls, outside: [], isCut: isCut || target.graph.isCut };
}

/** The calls inside definitions, those of what is defined inside them among them. */
async function callsInside(graph: ImportGraph, sources: readonly Node[]) {
  const files = await graph.files([...new Set(sources.map(({ path }) => path))]);
  const inside = sources.flatMap(({ name, path, line }) => {
    const file = files.find((each) => each.path === path);
    const own = file?.outline.definitions.find((each) =>
      each.name === name && each.startLine === line
    );
    if (file === undefined || own === undefined) return [];
    const isInside = (at: OutlineReference) => own.rangeLine <= at.line && at.line <= own.endLine;
    return [{ file, own, isInside }];
  });
  const called = new Map<SourceFile, Set<string>>();
  for (const { file, isInside } of inside) {
    const names = called.get(file) ?? new Set();
    for (const { name, role } of file.outline.references.filter(isInside)) {
      if (role === "call") names.add(name);
    }
    called.set(file, names);
  }
  const namesIn = await calledNames(graph, called);
  return inside.map(({ file, own, isInside }) => {
    const { renamed, unknown } = namesIn(file);
    return {
      file,
      own,
      unknown,
      calls: callsAmong(file.outline.references.filter(isInside), renamed),
    };
  });
}

/** One step down: the calls inside `sources`, and what they lead to. */
async function callsFrom(
  request: ApiRequest,
  target: Target,
  sources: readonly Node[],
  depth: number,
) {
  const inside = await callsInside(target.graph, sources);
  const names = [...new Set(inside.flatMap((each) => each.calls.map(({ name }) => name)))];
  const [found] = await Promise.all([
    definitionsOf(request, target, names, nearOf(sources)),
    target.graph.surroundings(inside.map(({ file }) => file)),
  ]);
  const calls: Call[] = [];
  const outside = new Set<string>();
  const callees = new Map<string, RankedDefinition>();
  const byName = placesByName(found);
  for (const { file, own, unknown, calls: called } of inside) {
    const meant = await meaningsIn(target, file, byName);
    for (const each of called) {
      const { name, line, column } = each;
      const known = meant(each);
      if (known === null) {
        // What was not looked for may well be here.
        if (found.asked.has(name) && !unknown.has(name)) outside.add(name);
        continue;
      }
      const { meant: [best], proximity, candidates, certainty } = known;
      calls.push({
        from: endOf(file.path, own),
        to: endOfRanked(best),
        path: file.path,
        line,
        column,
        depth,
        proximity,
        candidates,
        certainty,
      });
      if (certainty === "likely") callees.set(keyOf(best), best);
    }
  }
  return { calls, outside, callees, found };
}

/** What the target calls, and what that calls, to a depth. */
export async function walkCallees(
  request: ApiRequest,
  target: Target,
  depthMax: number,
): Promise<CallWalk> {
  const calls: Call[] = [];
  const outside = new Set<string>();
  const visited = new Set<string>();
  let isCut = false;
  let sources: readonly RankedDefinition[] = target.definitions.slice(0, 1);
  let found: Definitions = target;
  for (let depth = 1; depth <= depthMax && sources.length > 0; depth += 1) {
    for (const source of sources) visited.add(keyOf(source));
    // Their files were read to find them.
    for (const source of sources) {
      const { path, language } = source;
      const outline = found.outlines.get(fileKey(source));
      if (outline !== undefined) target.graph.know({ path, language, outline });
    }
    const step = await callsFrom(request, target, sources, depth);
    found = step.found;
    const room = CALLS_MAX - calls.length;
    calls.push(...step.calls.slice(0, room));
    for (const name of step.outside) outside.add(name);
    const next = [...step.callees].flatMap(([key, node]) => visited.has(key) ? [] : [node]);
    sources = next.slice(0, CALL_NAMES_MAX);
    isCut ||= step.found.isCut || step.calls.length > room || sources.length < next.length;
    if (step.calls.length > room) break;
  }
  return { calls, outside: [...outside].sort(), isCut: isCut || target.graph.isCut };
}
