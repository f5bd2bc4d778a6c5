/**
 * Walks from definitions to who calls them, step by step, within bounds. In each step all names are
 * looked up at once, and every call is given to the nearest of the definitions that its name may mean.
 */
import { CALL_FILES_MAX, CALL_TARGETS_MAX, CALLS_MAX } from "../../_shared/contracts/limits.ts";
import { type Call } from "../../_shared/contracts/graph.ts";
import { type RankedDefinition } from "../../_shared/contracts/navigation.ts";
import { originalNames } from "../../_shared/segment/bindings.ts";
import { referencesTo } from "../../_shared/segment/outline.ts";
import { type OutlineReference } from "../../_shared/segment/outline_entries.ts";
import { type Surroundings } from "../../_shared/graph/surroundings.ts";
import { type ApiRequest } from "../context.ts";
import { type SourceFile } from "../files/source_file.ts";
import { type ImportGraph } from "../graph/import_graph.ts";
import { type KnownPlace, thingOf } from "../names/nearest_definitions.ts";
import { type Target } from "../names/target.ts";
import {
  type CallMeaning,
  type Definitions,
  definitionsOf,
  meaningsIn,
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
import { type FileUses, type Owners, ownersOf } from "./call_owners.ts";
import { callersByOtherNames, filesImporting, type Renamed } from "./called_names.ts";
import { declaredAmong } from "./declared.ts";

/** The calls of what has one of these names, whatever a file calls it. */
function callsTo(
  { outline }: SourceFile,
  renamed: Renamed,
  names: ReadonlySet<string>,
): Pick<FileUses, "names" | "uses"> {
  const locals = [...renamed].flatMap(([local, name]) => names.has(name) ? [local] : []);
  const all = new Set([...names, ...locals]);
  const uses = callsAmong(referencesTo(outline, all), renamed).filter(({ name }) =>
    names.has(name)
  );
  return { names: all, uses };
}

/** What calls mean in a file; by names that imports were followed for, one of the targets alone. */
function meaningsOf(
  file: SourceFile,
  byName: ReadonlyMap<string, readonly KnownPlace[]>,
  owners: Owners,
  around: Surroundings,
  targets: ReadonlyMap<string, RankedDefinition>,
  followed: Renamed,
) {
  const meant = meaningsIn(file, byName, owners, around);
  if (followed.size === 0) return meant;
  const known = [...byName].map(([name, places]) =>
    [name, places.filter(({ definition }) => targets.has(keyOf(definition)))] as const
  );
  const brought = meaningsIn(file, new Map(known), owners, around);
  const placeOf = ({ line, column }: OutlineReference) => `${line}:${column}`;
  const places = new Set(referencesTo(file.outline, new Set(followed.keys())).map(placeOf));
  return (each: OutlineReference): CallMeaning | null => {
    if (!places.has(placeOf(each))) return meant(each);
    const meaning = brought(each);
    return meaning === null ? null : { ...meaning, certainty: "likely" };
  };
}

/** What means one of these definitions, by the keys of all that are one thing with it. */
async function targetsOf(
  graph: ImportGraph,
  found: Definitions,
  asked: readonly RankedDefinition[],
): Promise<ReadonlyMap<string, RankedDefinition>> {
  const { defining, sameAs } = await declaredAmong(graph, found, asked);
  // Of a declaration and its definition that are both asked for calls mean the latter.
  const meant = asked.filter((each) =>
    defining(each).every((other) => other === each || !asked.includes(other))
  );
  const own = meant.map((each) => [keyOf(each), each] as const);
  const declared = meant.flatMap((each) =>
    [...sameAs(each)].map((same) => [keyOf(same), each] as const)
  );
  return new Map([...declared.toReversed(), ...own]);
}

/** Which of the targets a call means, and how many things it may mean. */
interface Reading {
  readonly to: RankedDefinition;
  readonly candidates: number;
  /** Whether another definition is nearer, by its folder or its line alone. */
  readonly isOther: boolean;
}

/**
 * Reads meanings by what means one of the targets. The calls of a file by one name have the same list of
 * what they mean, and each list is read once: a name may have a hundred definitions.
 */
function readerOf(
  targets: ReadonlyMap<string, RankedDefinition>,
): (meaning: CallMeaning) => Reading | null {
  const known = new Map<CallMeaning["meant"], Reading | null>();
  const read = ({ meant, candidates }: CallMeaning): Reading | null => {
    const amongMeant = meant.flatMap((one) => targets.get(keyOf(one)) ?? []);
    const [to = null] = amongMeant.length > 0
      ? amongMeant
      : candidates.flatMap((one) => targets.get(keyOf(one)) ?? []);
    if (to === null) return null;
    const same = new Set(meant.filter((one) => targets.get(keyOf(one)) === to).map(thingOf));
    const others = candidates.filter((one) =>
      targets.get(keyOf(one)) !== to && !same.has(thingOf(one))
    );
    return { to, candidates: others.length + 1, isOther: amongMeant.length === 0 };
  };
  return (meaning) => {
    const made = known.get(meaning.meant);
    if (made !== undefined) return made;
    const reading = read(meaning);
    known.set(meaning.meant, reading);
    return reading;
  };
}

/** One step up: the calls in `files` that mean one of the targets. */
async function callsOf(
  target: Target,
  targets: ReadonlyMap<string, RankedDefinition>,
  found: Definitions,
  { files, importing }: { files: readonly SourceFile[]; importing: readonly SourceFile[] },
  depth: number,
) {
  const own = found.definitions.filter((each) => targets.has(keyOf(each)));
  const others = await callersByOtherNames(target.graph, own, found, importing);
  const names = new Set([...targets.values()].map(({ name }) => name));
  const calls: Call[] = [];
  const callers = new Map<string, Node>();
  const calling = [...new Set([...files, ...others.keys()])].map((file) => ({
    file,
    ...callsTo(file, new Map([...originalNames(file), ...others.get(file) ?? []]), names),
  })).filter(({ uses }) => uses.length > 0);
  const byName = placesByName(found);
  const readingOf = readerOf(targets);
  const owners = await ownersOf(target.graph, byName, calling);
  // Of all at once, with those of what owners are imported from.
  const around = await target.graph.surroundings(calling.map(({ file }) => file));
  for (const { file, uses } of calling) {
    const followed = others.get(file) ?? new Map();
    const meant = meaningsOf(file, byName, owners, around, targets, followed);
    for (const each of uses) {
      const { line, column, enclosing } = each;
      const known = meant(each);
      const reading = known === null ? null : readingOf(known);
      if (known === null || reading === null) continue;
      const { proximity } = known;
      const { to, candidates, isOther } = reading;
      const certainty = isOther ? "possible" : known.certainty;
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
      const node = {
        name: around.name,
        path: file.path,
        line: around.startLine,
        language: file.language,
      };
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
  calling: ReturnType<ImportGraph["filesUsing"]> | null,
): Promise<CallWalk> {
  const calls: Call[] = [];
  const visited = new Set<string>();
  let isCut = false;
  let called = new Map<string, Node>(
    target.meant.slice(0, CALL_TARGETS_MAX).map((each) => [keyOf(each), each]),
  );
  let found: Definitions = target;
  for (let depth = 1; depth <= depthMax && called.size > 0; depth += 1) {
    const names = [...new Set([...called.values()].map(({ name }) => name))];
    const [next, { files, cut }, importing] = await Promise.all([
      depth === 1 ? null : definitionsOf(request, target, names, nearOf(called.values())),
      depth === 1 && calling !== null
        ? calling
        : target.graph.filesUsing("call", names, CALL_FILES_MAX),
      filesImporting(target.graph, [...called.values()]),
    ]);
    found = next ?? found;
    isCut ||= cut || next?.isCut === true;
    const asked = found.definitions.filter((each) => called.has(keyOf(each)));
    const targets = await targetsOf(target.graph, found, asked);
    for (const key of targets.keys()) visited.add(key);
    const step = await callsOf(target, targets, found, { files, importing }, depth);
    const room = CALLS_MAX - calls.length;
    isCut ||= step.calls.length > room;
    // Of a common name most are possible, and hide the others from whoever reads the first alone.
    const { likely = [], possible = [] } = Object.groupBy(step.calls, (each) => each.certainty);
    calls.push(...[...likely, ...possible].slice(0, room));
    called = new Map([...step.callers].filter(([key]) => !visited.has(key)));
  }
  return { calls, outside: [], isCut: isCut || target.graph.isCut };
}
