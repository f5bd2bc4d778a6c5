/**
 * Finds definitions and puts the likeliest first: by how the name matches, what stands by itself before members
 * and these before data, then what other files can name before what they cannot, code before tests.
 */
import { nameMatches, type RankedDefinition } from "../../_shared/contracts/navigation.ts";
import { type Proximity } from "../../_shared/graph/proximity.ts";
import { type FoundDefinition } from "../../_shared/runtime/database_answers.ts";
import { type NameQuery, type Scope } from "../../_shared/runtime/database_index_functions.ts";
import { type Outline, type OutlineDefinition } from "../../_shared/segment/outline_entries.ts";
import { kindRank } from "../../_shared/segment/symbol_kinds.ts";
import { fold } from "../../_shared/text/fold.ts";
import { editDistance } from "../../_shared/text/name_patterns.ts";
import { FILE_MARKS, type FileMarks, marksOfPath } from "../../_shared/text/path_marks.ts";
import { type ApiRequest } from "../context.ts";
import { type ImportGraph } from "../graph/import_graph.ts";

/** What is looked for. */
export interface WantedName {
  readonly name: string;
  readonly queries: readonly NameQuery[];
  readonly kind: string | null;
  readonly prefix: string;
  /** A path: of several names those in its folders come first. */
  readonly near?: string | null;
  readonly limit: number;
}

/** Ranked definitions, with the outlines of their files as far as they were read. */
export interface FoundNames {
  readonly definitions: readonly RankedDefinition[];
  /** By repository, ref and path. */
  readonly outlines: ReadonlyMap<string, Outline>;
  /** Whether there are more, or may be. */
  readonly isCut: boolean;
  /** Whether some names were not looked at for their number. */
  readonly isStopped: boolean;
  readonly isUnindexed: boolean;
  /** Of a ref in scope the text alone is indexed so far. */
  readonly isPending: boolean;
}

interface Placed {
  readonly repository: string;
  readonly ref: string;
  readonly path: string;
}

/** A file among all repositories. */
export function fileKey({ repository, ref, path }: Placed): string {
  return [repository, ref, path].join("\n");
}

function matchOf(query: NameQuery | undefined): RankedDefinition["match"] {
  const match = query?.match === "humps" ? "hump" : query?.match;
  return nameMatches.find((each) => each === match) ?? "exact";
}

function toRanked(
  found: Omit<FoundDefinition, "commit_oid"> & Pick<RankedDefinition, "commit_oid">,
  query: NameQuery | undefined,
  outline: Outline,
): RankedDefinition {
  const { query: _query, blob, symbol_no: number, marks, ...file } = found;
  const own = outline.definitions[number];
  if (own === undefined) throw new Error(`no definition ${number} in ${blob}`);
  return asRanked(own, file, matchOf(query), null, marks);
}

type FileOfDefinition = Pick<
  RankedDefinition,
  "repository" | "ref" | "commit_oid" | "path" | "language"
>;

/** A definition of a file as answers have it. */
export function asRanked(
  own: OutlineDefinition,
  file: FileOfDefinition,
  match: RankedDefinition["match"],
  proximity: Proximity | null,
  marks: FileMarks = marksOfPath(file.path),
): RankedDefinition {
  return {
    ...file,
    name: own.name,
    kind: own.kind,
    line: own.startLine,
    column: own.startColumn,
    end_line: own.endLine,
    container: own.container,
    signature: own.signature,
    doc: own.doc,
    exported: own.exported,
    in_test: (marks & FILE_MARKS.test) !== 0,
    match,
    proximity,
  };
}

/** Other people's code and generated code stand behind one's own. */
function remoteness(marks: FileMarks): number {
  return (marks & (FILE_MARKS.vendored | FILE_MARKS.generated)) === 0 ? 0 : 1;
}

interface Marked {
  readonly definition: RankedDefinition;
  readonly marks: FileMarks;
}

/** The rank of the kinds that hold a value of their owner's; beyond it there is no code of its own. */
const MEMBER_RANK = 2;

/** Lower is better, the first difference decides. */
function ranksOf({ definition, marks }: Marked, name: string): number[] {
  const kind = kindRank(definition.kind);
  return [
    nameMatches.indexOf(definition.match),
    definition.match === "fuzzy" ? editDistance(fold(definition.name), fold(name)) : 0,
    Math.max(kind, MEMBER_RANK),
    definition.name === name ? 0 : 1,
    definition.in_test ? 1 : 0,
    remoteness(marks),
    kind < MEMBER_RANK ? 0 : 1,
    definition.exported ? 0 : 1,
    kind,
    definition.match === "exact" ? 0 : definition.name.length,
  ];
}

function compareRanks(one: readonly number[], other: readonly number[]): number {
  return one.map((rank, index) => rank - (other[index] ?? 0)).find((each) => each !== 0) ?? 0;
}

/** The likeliest first; equal ones by where they are. */
function sortedByRank(definitions: readonly Marked[], name: string): RankedDefinition[] {
  const ranked = definitions.map((marked) => ({
    definition: marked.definition,
    ranks: ranksOf(marked, name),
    file: fileKey(marked.definition),
  }));
  return ranked.toSorted((one, other) =>
    compareRanks(one.ranks, other.ranks) ||
    (one.file < other.file ? -1 : one.file > other.file ? 1 : 0) ||
    one.definition.line - other.definition.line ||
    one.definition.column - other.definition.column
  ).map(({ definition }) => definition);
}

/**
 * Definitions of a name, the likeliest first; null when the tenant has no such repository. `graph`: that of the
 * scope, which may know them.
 */
export async function findRanked(
  { caller, dependencies }: ApiRequest,
  scope: Scope,
  wanted: WantedName,
  graph: ImportGraph | null = null,
): Promise<FoundNames | null> {
  const { queries, kind, prefix, near = null, limit } = wanted;
  const asked = { queries, kind, prefix, near, limit };
  const answer =
    await (graph === null
      ? dependencies.database.findDefinitions(caller.tenantId, scope, asked)
      : graph.definitions(asked));
  if (answer.outcome === "not_found") return null;
  const blobs = answer.definitions.map(({ blob }) => blob);
  const outlineOf = await dependencies.outlines.of(caller.tenantId, blobs);
  const outlines = new Map<string, Outline>();
  const definitions = answer.definitions.map((found) => {
    const outline = outlineOf(found.blob);
    outlines.set(fileKey(found), outline);
    const definition = toRanked(found, queries[found.query], outline);
    return { definition, marks: found.marks };
  });
  return {
    definitions: sortedByRank(definitions, wanted.name),
    outlines,
    isCut: answer.cut,
    isStopped: answer.stopped,
    isUnindexed: answer.unindexed > 0,
    isPending: answer.symbols_pending > 0,
  };
}
