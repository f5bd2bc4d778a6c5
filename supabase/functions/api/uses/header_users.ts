/**
 * Who uses what a source of C or C++ defines: it is declared in headers, and who uses it includes those,
 * by way of other headers too, and never the source.
 */
import { referencesTo } from "../../_shared/segment/outline.ts";
import { type ImportGraph } from "../graph/import_graph.ts";
import { importersOf, type Needing } from "../graph/import_walk.ts";
import { type SourceFile } from "../files/source_file.ts";

const C_FAMILY = /^C(?:\+\+)?$/;
const HEADER = /\.(?:h|hh|hpp|hxx|h\+\+|inc|inl|ipp|tpp)$/i;
/** What has a declaration in one place and a body or a value in another. */
const DECLARABLE = /^(?:function|method|constructor|variable|constant)$/;

/** A source includes the header that declares it by itself, or by one that includes all there are. */
const DECLARING_STEPS_MAX = 2;
/** Sources of one step whose headers are looked for: of a header that all include there may be hundreds. */
const SOURCES_MAX = 50;
/** From who includes a header to who includes that. */
const INCLUDING_STEPS_MAX = 4;

/** For paths of sources, the names of theirs that a header makes known. */
type Declared = ReadonlyMap<string, ReadonlySet<string>>;

/** Whether headers declare what files of a language define. */
export function isOfFamilyC(language: string): boolean {
  return C_FAMILY.test(language);
}

/** Whether it is there to be included. */
export function isHeader({ path, language }: SourceFile): boolean {
  return isOfFamilyC(language) && HEADER.test(path);
}

function declarableNames({ outline }: SourceFile): string[] {
  return outline.definitions.filter(({ kind }) => DECLARABLE.test(kind)).map(({ name }) => name);
}

/** The headers that each source includes, by its path. */
async function includedBy(
  graph: ImportGraph,
  sources: readonly SourceFile[],
): Promise<ReadonlyMap<string, ReadonlySet<SourceFile>>> {
  const all = new Map(sources.map(({ path }) => [path, new Set<SourceFile>()]));
  let from = new Map<SourceFile, ReadonlySet<string>>(
    sources.map((source) => [source, new Set([source.path])]),
  );
  for (let step = 0; step < DECLARING_STEPS_MAX && from.size > 0; step += 1) {
    const resolved = await graph.resolve([...from.keys()], true);
    const headers = await graph.files([...new Set(resolved.flatMap(({ to }) => to))]);
    const byPath = new Map(headers.filter(isHeader).map((header) => [header.path, header]));
    const next = new Map<SourceFile, Set<string>>();
    const pairs = resolved.flatMap(({ file, to }) =>
      to.flatMap((path) => byPath.get(path) ?? []).flatMap((header) =>
        [...from.get(file) ?? []].map((source) => ({ source, header }))
      )
    );
    for (const { source, header } of pairs) {
      const known = all.get(source);
      if (known === undefined || known.has(header)) continue;
      known.add(header);
      next.set(header, (next.get(header) ?? new Set<string>()).add(source));
    }
    from = next;
  }
  return all;
}

/** The headers that make names of the targets known, with these. `name`: no other one is of interest. */
async function declaringHeaders(
  graph: ImportGraph,
  targets: readonly SourceFile[],
  name: string | null,
): Promise<Map<SourceFile, Map<string, Set<string>>>> {
  const found = new Map<SourceFile, Map<string, Set<string>>>();
  const add = (header: SourceFile, source: string, names: Set<string>) => {
    if (names.size === 0) return;
    const known = found.get(header) ?? new Map<string, Set<string>>();
    found.set(header, known.set(source, names));
  };
  const own = targets.filter(({ language }) => isOfFamilyC(language));
  if (name !== null) {
    for (const target of own.filter(isHeader)) add(target, target.path, new Set([name]));
  }
  const all = own.filter((target) => !isHeader(target));
  if (all.length > SOURCES_MAX) graph.cut();
  const sources = all.slice(0, SOURCES_MAX);
  const included = await includedBy(graph, sources);
  for (const source of sources) {
    const names = new Set(name === null ? declarableNames(source) : [name]);
    for (const header of included.get(source.path) ?? []) {
      add(header, source.path, new Set(declarableNames(header).filter((each) => names.has(each))));
    }
  }
  return found;
}

/** A user's first use of each source that it has by a header. */
function usesOf(user: Needing, declared: Declared): Needing[] {
  return [...declared].flatMap(([source, names]) => {
    const [use] = source === user.file.path ? [] : referencesTo(user.file.outline, names);
    return use === undefined ? [] : [{ ...user, line: use.line, to: [source] }];
  });
}

/**
 * Who includes a header of the targets and uses what it declares and they define. `name`: one definition
 * alone, which a header may define itself.
 */
export async function usersByHeaders(
  graph: ImportGraph,
  targets: readonly SourceFile[],
  name: string | null,
): Promise<Needing[]> {
  const users: Needing[] = [];
  let headers = await declaringHeaders(graph, targets, name);
  const visited = new Set([...headers.keys()]);
  for (let step = 0; step < INCLUDING_STEPS_MAX && headers.size > 0; step += 1) {
    const byPath = new Map<string, Declared>(
      [...headers].map(([{ path }, known]) => [path, known]),
    );
    const next: typeof headers = new Map();
    for (const including of await importersOf(graph, [...headers.keys()])) {
      for (const header of including.to) {
        const declared = byPath.get(header) ?? new Map<string, Set<string>>();
        users.push(...usesOf(including, declared));
        if (!isHeader(including.file) || visited.has(including.file)) continue;
        const known = next.get(including.file) ?? new Map<string, Set<string>>();
        for (const [source, names] of declared) {
          known.set(source, new Set([...names, ...known.get(source) ?? []]));
        }
        next.set(including.file, known);
      }
    }
    for (const header of next.keys()) visited.add(header);
    headers = next;
  }
  if (headers.size > 0) graph.cut();
  return users;
}
