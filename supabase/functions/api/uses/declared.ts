/**
 * What C and C++ declare in one place and define in another: which of several definitions of a name are
 * one thing. A source defines what a header declares that it includes, and what it declares itself before.
 */
import { type RankedDefinition } from "../../_shared/contracts/navigation.ts";
import { type OutlineDefinition } from "../../_shared/segment/outline_entries.ts";
import { nameOf } from "../../_shared/graph/paths.ts";
import {
  type FileImport,
  importsIn,
  type ResolvedImport,
  type SourceFile,
} from "../files/source_file.ts";
import { type ImportGraph } from "../graph/import_graph.ts";
import { fileKey } from "../names/definition_ranking.ts";
import { type Definitions } from "./call_meanings.ts";
import { isHeader, isOfFamilyC } from "./header_users.ts";

/** What is called, and has a declaration without a body. */
const CALLABLE = /^(?:function|method|constructor)$/;

/** Definitions that are one thing with others. */
export interface Declared {
  /** Where it is defined, if it merely declares something; else it alone. */
  readonly defining: (of: RankedDefinition) => readonly [RankedDefinition, ...RankedDefinition[]];
  /** All that are one thing with it, it among them. */
  readonly sameAs: (of: RankedDefinition) => ReadonlySet<RankedDefinition>;
}

/** A definition with its file. */
interface Placed {
  readonly definition: RankedDefinition;
  readonly file: SourceFile;
  readonly hasBody: boolean;
}

/** One that declares what another one defines. */
interface Pair {
  readonly declaring: Placed;
  readonly defining: Placed;
}

/** Whether a definition goes on behind its signature: no outline says it, but its end does. */
export function hasBody(own: OutlineDefinition, { outline }: SourceFile): boolean {
  const { rangeLine, rangeColumn, endLine, endColumn, signature } = own;
  if (rangeLine === endLine) return endColumn - rangeColumn > signature.length + 1;
  const number = outline.definitions.indexOf(own);
  const closesAsItBegins = endColumn === rangeColumn + 1;
  return closesAsItBegins ||
    outline.references.some(({ enclosing, role }) => enclosing === number && role !== "type");
}

/** Within a namespace that is opened a name may be written without it. */
function isSameContainer(one: string | null, other: string | null): boolean {
  if (one === null || other === null) return one === other;
  return `.${one}`.endsWith(`.${other}`) || `.${other}`.endsWith(`.${one}`);
}

function mayDefine(defining: Placed, declaring: Placed): boolean {
  if (!defining.hasBody || defining === declaring) return false;
  if (!isSameContainer(defining.definition.container, declaring.definition.container)) return false;
  if (defining.file === declaring.file) return !declaring.hasBody;
  return isHeader(declaring.file) && (!isHeader(defining.file) || !declaring.hasBody);
}

/** The definitions of these names in C and C++ that may have a declaration, with their files. */
function callablesOf(found: Definitions, names: ReadonlySet<string>): Placed[] {
  const files = new Map<string, SourceFile>();
  return found.definitions.flatMap((definition) => {
    const { name, kind, path, language, line, column } = definition;
    if (!names.has(name) || !CALLABLE.test(kind) || !isOfFamilyC(language)) return [];
    const key = fileKey(definition);
    const outline = found.outlines.get(key);
    const own = outline?.definitions.find((each) =>
      each.name === name && each.startLine === line && each.startColumn === column
    );
    if (outline === undefined || own === undefined) return [];
    const file = files.get(key) ?? { path, language, outline };
    files.set(key, file);
    return [{ definition, file, hasBody: hasBody(own, file) }];
  });
}

/**
 * Tells whether the one file includes the other, by itself or by headers that include all there are. Of
 * most files only what has a header's name is looked up.
 */
async function includedBy(graph: ImportGraph, pairs: readonly Pair[]) {
  const included = new Map(pairs.map(({ defining }) => [defining.file, new Set<string>()]));
  const names = new Set(pairs.map(({ declaring }) => nameOf(declaring.file.path)));
  const isNamed = ({ imported }: FileImport) => names.has(nameOf(imported.specifier));
  const add = (resolved: readonly ResolvedImport[]) => {
    for (const { file, to } of resolved) for (const path of to) included.get(file)?.add(path);
  };
  add(await graph.follow([...included.keys()].flatMap(importsIn).filter(isNamed)));
  const isIncluded = ({ defining, declaring }: Pair) =>
    included.get(defining.file)?.has(declaring.file.path) === true;
  const settled = new Set(pairs.filter(isIncluded).map(({ defining }) => defining.file));
  const unsettled = [...included].filter(([file]) => !settled.has(file));
  if (unsettled.length === 0) return isIncluded;
  add(await graph.follow(unsettled.flatMap(([file]) => importsIn(file))));
  const headers = await graph.files([...new Set(unsettled.flatMap(([, paths]) => [...paths]))]);
  const further = Map.groupBy(
    await graph.follow(headers.filter(isHeader).flatMap(importsIn).filter(isNamed)),
    ({ file }) => file.path,
  );
  for (const [, paths] of unsettled) {
    for (const { to } of [...paths].flatMap((each) => further.get(each) ?? [])) {
      for (const path of to) paths.add(path);
    }
  }
  return isIncluded;
}

/** Those of the pairs that are one thing. */
async function pairsThatAre(graph: ImportGraph, pairs: readonly Pair[]): Promise<Pair[]> {
  const { near = [], far = [] } = Object.groupBy(
    pairs,
    ({ declaring, defining }) => declaring.file === defining.file ? "near" : "far",
  );
  if (far.length === 0) return near;
  for (const { file } of far.flatMap((each) => [each.declaring, each.defining])) graph.know(file);
  return [...near, ...far.filter(await includedBy(graph, far))];
}

/** Which of the definitions that were found are one thing with these. */
export async function declaredAmong(
  graph: ImportGraph,
  found: Definitions,
  wanted: readonly RankedDefinition[],
): Promise<Declared> {
  const names = new Set(wanted.map(({ name }) => name));
  const byName = Map.groupBy(callablesOf(found, names), ({ definition }) => definition.name);
  const pairs = await pairsThatAre(
    graph,
    [...byName.values()].flatMap((named) =>
      named.flatMap((declaring) =>
        named.filter((each) => mayDefine(each, declaring)).map((defining) => ({
          declaring,
          defining,
        }))
      )
    ),
  );
  const defining = Map.groupBy(pairs, ({ declaring }) => declaring.definition);
  const declaring = Map.groupBy(pairs, (pair) => pair.defining.definition);
  const definedBy = (of: RankedDefinition) =>
    (defining.get(of) ?? []).map((pair) => pair.defining.definition);
  return {
    defining(of) {
      const [first, ...rest] = definedBy(of);
      return first === undefined ? [of] : [first, ...rest];
    },
    sameAs(of) {
      const same = new Set([of]);
      for (const each of same) {
        for (const other of definedBy(each)) same.add(other);
        for (const pair of declaring.get(each) ?? []) same.add(pair.declaring.definition);
      }
      return same;
    },
  };
}
