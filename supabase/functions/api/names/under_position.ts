/**
 * What is under a position of a file: the name there, the import that brings it, and the definitions
 * that it means, the likeliest first.
 */
import { RANKED_DEFINITIONS_MAX } from "../../_shared/contracts/limits.ts";
import { type RankedDefinition } from "../../_shared/contracts/navigation.ts";
import { filesMeant, proximityFrom } from "../../_shared/graph/proximity.ts";
import { resolveImport } from "../../_shared/graph/resolve_import.ts";
import { type Surroundings } from "../../_shared/graph/surroundings.ts";
import { type TreeName } from "../../_shared/runtime/database_index_functions.ts";
import { readOutline } from "../../_shared/runtime/outlines.ts";
import { notFound } from "../../_shared/runtime/problem.ts";
import { type Binding, bindingOf, originalNames } from "../../_shared/segment/bindings.ts";
import { type Outline, type OutlineImport } from "../../_shared/segment/outline_entries.ts";
import { isOfData } from "../../_shared/segment/symbol_kinds.ts";
import { type ApiRequest } from "../context.ts";
import { asRanked, fileKey, findRanked, type FoundNames } from "./definition_ranking.ts";
import { placesOn } from "./member_owners.ts";
import { knownPlaces, rankByNearness } from "./nearest_definitions.ts";
import { lineReader } from "../files/file_lines.ts";
import { readFile } from "../files/files.ts";
import { followImports } from "./imported_names.ts";
import { type ImportGraph } from "../graph/import_graph.ts";
import { required, symbolsPending } from "../indexed_tree.ts";
import { nameQueries } from "./name_queries.ts";
import { membersFirst } from "./receiver_classes.ts";
import { importsFromOutside } from "./outside_imports.ts";
import {
  classBodyAt,
  enclosingAt,
  firstNameOf,
  isKey,
  KEYWORD,
  nameAt,
  type NameAtPosition,
  ownerAt,
  qualifierAt,
} from "../files/position.ts";
import { type SourceFile } from "../files/source_file.ts";

/** The line and column of a file. */
export interface PositionParameters {
  readonly path?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** The definitions of these names, as they are written, in paths that begin so. */
export async function findNamed(
  request: ApiRequest,
  tree: TreeName,
  names: readonly string[],
  graph: ImportGraph,
  prefix = "",
) {
  const wanted = {
    name: names[0] ?? "",
    queries: names.flatMap((name) => nameQueries(name, "exact")),
    kind: null,
    prefix,
    limit: RANKED_DEFINITIONS_MAX,
  };
  const found = await findRanked(request, tree, wanted, graph);
  if (found === null) throw notFound();
  return { ...found, definitions: found.definitions.filter((each) => names.includes(each.name)) };
}

/** A path of PHP in front of a name is no longer than this. */
const PATH_UNITS_MAX = 256;
/** `A\B\` of a name that stands behind its path. */
const PATH_BEFORE = /\\((?:\w+\\)+)$/;

/**
 * The import that brings the name in a line: what stands behind others in one, `use a::b`, is brought by that
 * itself, and what has its whole path before it by the one of that path.
 */
function bindingAt(
  { language, outline: { imports } }: SourceFile,
  { name, role, column }: NameAtPosition,
  { text, line }: { readonly text: string; readonly line: number },
): Binding | null {
  const among = (isMeant: (imported: OutlineImport) => boolean) =>
    bindingOf({ language, outline: { imports: imports.filter(isMeant) } }, name);
  if (role === "definition") return null;
  if (qualifierAt(text, column) !== null) {
    return role === "import" ? among((each) => each.line === line) : null;
  }
  const [, path] = PATH_BEFORE.exec(text.slice(Math.max(0, column - PATH_UNITS_MAX), column - 1)) ??
    [];
  return path === undefined
    ? bindingOf({ language, outline: { imports } }, name)
    : among(({ specifier }) => specifier === path + name);
}

/** The name under a position, the import that brings it, and that of what it is a member of. */
async function byPosition(request: ApiRequest, tree: TreeName, parameters: PositionParameters) {
  const { line = 1, column } = parameters;
  const path = required(parameters.path, "path");
  const file = await readFile(request, {
    ...tree,
    path,
    commitOid: null,
    firstLine: line,
    lastLine: line,
    withOutline: true,
  });
  if (file.symbols_skip_reason === "symbols_pending") throw symbolsPending();
  const source = { path: file.path, language: file.language, outline: readOutline(file.outline) };
  const text = lineReader(file.chunks)(line) ?? "";
  const found = column === undefined
    ? firstNameOf(text, source, line)
    : nameAt(text, source, line, column);
  const keyword = found?.role === KEYWORD ? found.name : null;
  const under = keyword === null ? found : null;
  const qualifier = under === null ? null : qualifierAt(text, under.column);
  const { repository, ref, commit_oid, state } = file;
  return {
    place: { repository, ref, commit_oid },
    state,
    source,
    name: under?.name ?? null,
    line,
    column: under?.column ?? 1,
    role: found?.role ?? null,
    defined: under?.defined ?? null,
    keyword,
    qualifier,
    isOnName: under !== null && ownerAt(text, under.column) !== null,
    enclosing: enclosingAt(source.outline, line, column ?? null),
    isKey: under !== null && isKey(text, source.language, under),
    classBody: under === null ? null : classBodyAt(source, line, under.column),
    binding: under === null ? null : bindingAt(source, under, { text, line }),
    owner: qualifier === null ? null : bindingOf(source, qualifier),
  };
}

type Place = Pick<RankedDefinition, "repository" | "ref" | "commit_oid">;

/** Where an import leads; `definitions` as answers have them, and the outlines of their files. */
async function broughtBy(
  graph: ImportGraph,
  source: SourceFile,
  binding: Binding | null,
  place: Place,
) {
  const outlines = new Map<string, Outline>();
  if (binding === null) return { imported: null, definitions: [], outlines };
  const [followed] = await followImports(graph, [{ file: source, ...binding }]);
  const { paths = [], definitions = [] } = followed ?? {};
  const { name, imported: { specifier, line } } = binding;
  return {
    imported: { name, specifier, line, paths: [...paths] },
    definitions: definitions.map(({ file: { path, language, outline }, definition }) => {
      const file = { ...place, path, language };
      outlines.set(fileKey(file), outline);
      return asRanked(definition, file, "exact", "imported");
    }),
    outlines,
  };
}

interface Naming extends MemberPlace {
  readonly name: string;
  readonly line: number;
  readonly column: number;
  /** Where it is defined, if it is here. */
  readonly defined: { readonly line: number; readonly column: number } | null;
  readonly enclosing: string | null;
  /** What it is a member of; null where it stands alone. */
  readonly qualifier: string | null;
  readonly binding: Binding | null;
  readonly owner: Binding | null;
}

/** The likeliest first, where the name may be known by an import or belong to what one brings. */
function likeliest(
  source: SourceFile,
  around: Surroundings,
  naming: Naming,
  found: FoundNames,
): readonly RankedDefinition[] {
  const { name, enclosing, defined, qualifier, binding, owner } = naming;
  const isFree = qualifier === null && defined === null;
  const ranked = rankByNearness(source, proximityFrom(source, around), found, {
    enclosing,
    defined,
    isHardlyMeant: (each) => isFree && isOwned(each, naming),
  });
  const brought = binding ?? owner;
  if (brought === null) {
    const isMember = qualifier !== null && qualifier !== "" && defined === null;
    return isMember ? membersFirst(source, { ...naming, receiver: qualifier }, ranked) : ranked;
  }
  const isBrought = filesMeant([resolveImport(source, brought.imported, around)]);
  const isMeant = (definition: RankedDefinition) => {
    const outline = found.outlines.get(fileKey(definition));
    const { path, language } = definition;
    return isBrought({ path, language, definitions: outline?.definitions ?? [definition] });
  };
  const isNamed = (definition: RankedDefinition) =>
    binding === null || definition.name === binding.name || definition.name !== name ||
    definition.path === source.path;
  const meant = ranked.filter(isMeant);
  return [...meant, ...ranked.filter((each) => !meant.includes(each) && isNamed(each))];
}

/** Languages in which a member is named with what it is a member of, in its own type too. */
const NAMES_OWNERS = /^(?:C|Go|JavaScript|Lua|PHP|Python|Rust|TSX|TypeScript|Zig)$/;

/** What members a name without an owner may mean all the same. */
interface MemberPlace {
  /** Whether it is a key of a literal. */
  readonly isKey: boolean;
  /** The class that it names the members of. */
  readonly classBody: string | null;
}

/** Whether a name without an owner can hardly mean a definition, since it is a member's. */
function isOwned(
  { kind, container, language }: RankedDefinition,
  { isKey: isOfLiteral, classBody }: MemberPlace,
): boolean {
  return container !== null && /^(?:field|method|property)$/.test(kind) &&
    NAMES_OWNERS.test(language) && !isOfLiteral && container !== classBody;
}

/** Roles of names that a function may have for itself; a type is hardly ever one. */
const LOCAL_ROLES: ReadonlySet<string | null> = new Set(["read", "write", "call", null]);

/** Whether a name may be of a function alone: the index has no definitions of these. */
export function mayBeLocal(at: Awaited<ReturnType<typeof findUnderPosition>>): boolean {
  const { source, name, role, qualifier, imported, definitions } = at;
  // Prose and data use nothing.
  const isCode = source.outline.references.length > 0;
  const isFree = name !== null && qualifier === null && imported === null;
  if (!isCode || !isFree || at.isKey || !LOCAL_ROLES.has(role)) return false;
  // What is called is of another file more often than what is read.
  return role === "call"
    ? definitions.length === 0
    : definitions.every((each) => each.proximity === "elsewhere" || isOwned(each, at));
}

function keyOf(definition: RankedDefinition): string {
  return [definition.path, definition.line, definition.column].join("\n");
}

/** A position of a file with what its name means, nearest first; the name is null where there is none. */
export async function findUnderPosition(
  request: ApiRequest,
  tree: TreeName,
  parameters: PositionParameters,
  graph: ImportGraph,
) {
  const at = await byPosition(request, tree, parameters);
  const { source, place, binding, name } = at;
  graph.know(source, { ...place, state: at.state });
  if (name === null) {
    const outlines = new Map<string, Outline>();
    return { ...at, imported: null, definitions: [], outlines, isCut: false };
  }
  const names = [originalNames(source).get(name) ?? [], name].flat();
  const [found, { around, brought }] = await Promise.all([
    findNamed(request, tree, binding === null ? [name] : names, graph),
    graph.surroundings([source]).then(async (settings) => ({
      around: settings,
      brought: await broughtBy(graph, source, binding, place),
    })),
  ]);
  const callable = at.role === "call"
    ? { ...found, definitions: found.definitions.filter((each) => !isOfData(each)) }
    : found;
  const { qualifier: local, owner } = at;
  if (at.isOnName && local !== null && owner !== null && binding === null) {
    const outside = await importsFromOutside(graph, [{ file: source, imported: owner.imported }]);
    const all = knownPlaces(callable);
    const places = placesOn({ local, binding: owner }, source, around, all, outside);
    // What has its name here is none of its owner's.
    if (places.length === 0) {
      const { imported, outlines } = await broughtBy(graph, source, owner, place);
      return { ...at, imported, definitions: [], outlines, isCut: found.isCut };
    }
  }
  const byName = likeliest(source, around, { ...at, name }, callable);
  const known = new Set(brought.definitions.map(keyOf));
  return {
    ...at,
    imported: brought.imported,
    definitions: [...brought.definitions, ...byName.filter((each) => !known.has(keyOf(each)))],
    outlines: new Map([...found.outlines, ...brought.outlines]),
    isCut: found.isCut,
  };
}
