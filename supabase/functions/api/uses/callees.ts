/**
 * Walks from definitions to what they call, step by step, within bounds. In each step all names are
 * looked up at once, and every call is given to the nearest of the definitions that its name may mean.
 */
import { CALL_NAMES_MAX, CALL_TARGETS_MAX, CALLS_MAX } from "../../_shared/contracts/limits.ts";
import { type Call } from "../../_shared/contracts/graph.ts";
import { type RankedDefinition } from "../../_shared/contracts/navigation.ts";
import {
  type OutlineDefinition,
  type OutlineReference,
} from "../../_shared/segment/outline_entries.ts";
import { type ApiRequest } from "../context.ts";
import { type SourceFile } from "../files/source_file.ts";
import { type ImportGraph } from "../graph/import_graph.ts";
import { fileKey } from "../names/definition_ranking.ts";
import { type Target } from "../names/target.ts";
import {
  type CallMeaning,
  type Definitions,
  definitionsOf,
  meaningsIn,
  meaningsOfImported,
  placesByName,
} from "./call_meanings.ts";
import {
  callsAmong,
  type CallWalk,
  endOf,
  endOfRanked,
  keyOf,
  nearOf,
  type Node,
} from "./call_walk.ts";
import { ownersOf } from "./call_owners.ts";
import { calledNames } from "./called_names.ts";
import { declaredAmong } from "./declared.ts";
import { implementationsOf } from "./implementations.ts";

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
      names: called.get(file) ?? new Set<string>(),
      calls: callsAmong(file.outline.references.filter(isInside), renamed),
    };
  });
}

/** What calls mean, as far as they mean anything here, and the names of the others. */
async function meaningsInside(
  target: Target,
  found: Awaited<ReturnType<typeof definitionsOf>>,
  inside: Awaited<ReturnType<typeof callsInside>>,
) {
  const byName = placesByName(found);
  const calls: {
    file: SourceFile;
    own: OutlineDefinition;
    at: OutlineReference;
    isKnown: boolean;
    to: CallMeaning | null;
  }[] = [];
  const owners = await ownersOf(
    target.graph,
    byName,
    inside.map(({ file, calls: uses, names }) => ({ file, uses, names })),
  );
  const around = await target.graph.surroundings([...new Set(inside.map(({ file }) => file))]);
  for (const { file, own, unknown, calls: called } of inside) {
    const meant = meaningsIn(file, byName, owners, around);
    // What was not looked for may well be here.
    const isKnown = ({ name }: OutlineReference) => found.asked.has(name) && !unknown.has(name);
    calls.push(...called.map((at) => ({ file, own, at, isKnown: isKnown(at), to: meant(at) })));
  }
  const missing = calls.filter(({ to, isKnown }) => to === null && isKnown);
  const imported = await meaningsOfImported(target, missing);
  const nowhere = missing.filter(({ file, at }) => imported(file, at.name) === undefined);
  return {
    led: calls.flatMap((each) => {
      const to = each.to ?? imported(each.file, each.at.name) ?? null;
      return to === null ? [] : [{ ...each, to }];
    }),
    outside: new Set(nowhere.map(({ at }) => at.name)),
  };
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
  const { led, outside } = await meaningsInside(target, found, inside);
  const { defining, sameAs } = await declaredAmong(
    target.graph,
    found,
    led.map(({ to }) => to.meant[0]),
  );
  const callees = new Map<string, RankedDefinition>();
  const calls = led.map(({ file, own, at: { line, column }, to }): Call => {
    const { meant: [best], proximity, certainty } = to;
    const same = sameAs(best);
    const others = to.candidates.filter((one) => !same.has(one));
    const [first, ...rest] = defining(best);
    if (certainty === "likely") {
      for (const each of [first, ...rest]) callees.set(keyOf(each), each);
    }
    return {
      from: endOf(file.path, own),
      to: endOfRanked(first),
      path: file.path,
      line,
      column,
      depth,
      proximity,
      candidates: others.length + 1,
      certainty,
    };
  });
  return { calls, outside, callees, found };
}

/** What the target calls, or what implements it, and what that calls, to a depth. */
export async function walkCallees(
  request: ApiRequest,
  target: Target,
  depthMax: number,
): Promise<CallWalk> {
  const calls: Call[] = [];
  const outside = new Set<string>();
  const visited = new Set<string>();
  let isCut = false;
  let found: Definitions = target;
  const asked = target.meant.slice(0, CALL_TARGETS_MAX);
  const { defining } = await declaredAmong(target.graph, target, asked);
  let sources: readonly RankedDefinition[] = [...new Set(asked.flatMap(defining))];
  for (let depth = 1; depth <= depthMax && sources.length > 0; depth += 1) {
    for (const source of sources) visited.add(keyOf(source));
    // Their files were read to find them.
    for (const source of sources) {
      const { path, language } = source;
      const outline = found.outlines.get(fileKey(source));
      if (outline !== undefined) target.graph.know({ path, language, outline });
    }
    const implementing = (await implementationsOf(target, sources))
      .filter((each) => !visited.has(keyOf(each)));
    for (const each of implementing) visited.add(keyOf(each));
    const calling = [...sources, ...implementing].slice(0, CALL_NAMES_MAX);
    isCut ||= calling.length < sources.length + implementing.length;
    const step = await callsFrom(request, target, calling, depth);
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
