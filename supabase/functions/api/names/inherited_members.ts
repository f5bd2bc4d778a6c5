/**
 * What a class has of those that it inherits: `Flask.route` where one that it is made from has `route`. Classes
 * are followed by the names that they inherit, as far as the repository has them.
 */
import { type RankedDefinition } from "../../_shared/contracts/navigation.ts";
import { proximityFrom } from "../../_shared/graph/proximity.ts";
import { type TreeName } from "../../_shared/runtime/database_index_functions.ts";
import { bindingOf } from "../../_shared/segment/bindings.ts";
import { definitionsOf } from "../../_shared/segment/outline.ts";
import { type Outline, type OutlineDefinition } from "../../_shared/segment/outline_entries.ts";
import { type ApiRequest } from "../context.ts";
import { fullNameOf } from "../files/position.ts";
import { type SourceFile } from "../files/source_file.ts";
import { graphOfTree } from "../graph/graph_request.ts";
import { type ImportGraph } from "../graph/import_graph.ts";
import { asRanked, fileKey, type FoundNames } from "./definition_ranking.ts";
import { followImports } from "./imported_names.ts";
import { rankByNearness } from "./nearest_definitions.ts";
import { findNamed } from "./under_position.ts";

/** From a class to what it inherits, and on. */
const STEPS_MAX = 6;
/** Classes that are looked into in one step. */
const CLASSES_MAX = 20;
/** What may be inherited, or have something that is. */
const HEIRS = /^(?:class|enum|interface|module|object|protocol|struct|trait|type)$/;

interface ClassPlace {
  readonly file: SourceFile;
  readonly definition: OutlineDefinition;
}

type Place = Pick<RankedDefinition, "repository" | "ref" | "commit_oid">;

/** The file of a definition, and what the file says of it. */
function placeIn(outlines: FoundNames["outlines"], found: RankedDefinition): ClassPlace[] {
  const { name, path, language, line, column } = found;
  const outline = outlines.get(fileKey(found));
  const own = outline?.definitions.find((each) =>
    each.name === name && each.startLine === line && each.startColumn === column
  );
  if (outline === undefined || own === undefined || !HEIRS.test(own.kind)) return [];
  return [{ file: { path, language, outline }, definition: own }];
}

/** The names that a class inherits, as its file has them. */
function namesInheritedBy({ file: { outline }, definition }: ClassPlace): string[] {
  const number = outline.definitions.indexOf(definition);
  const uses = outline.references.filter((each) =>
    each.role === "inherit" && each.enclosing === number
  );
  return [...new Set(uses.map(({ name }) => name))];
}

/** Follows what these classes inherit by one step: by an import that brings a name, else to the nearest of it. */
async function basesOf(
  request: ApiRequest,
  tree: TreeName,
  graph: ImportGraph,
  classes: readonly ClassPlace[],
): Promise<ClassPlace[]> {
  const uses = classes.flatMap((heir) =>
    namesInheritedBy(heir).map((name) => ({ heir, name, binding: bindingOf(heir.file, name) }))
  );
  const followed = await followImports(
    graph,
    uses.flatMap(({ heir: { file }, binding }) => binding === null ? [] : [{ file, ...binding }]),
  );
  const brought = followed.flatMap(({ definitions }) =>
    definitions.filter(({ definition }) => HEIRS.test(definition.kind))
  );
  const others = uses.filter(({ binding }) => binding === null);
  if (others.length === 0) return brought;
  const names = [...new Set(others.map(({ name }) => name))];
  const found = await findNamed(request, tree, names, graph);
  const around = await graph.surroundings(others.map(({ heir }) => heir.file));
  const nearest = others.flatMap(({ heir: { file, definition }, name }) => {
    const definitions = found.definitions.filter((each) =>
      each.name === name && HEIRS.test(each.kind) &&
      (each.path !== file.path || each.line !== definition.startLine)
    );
    const [first] = rankByNearness(file, proximityFrom(file, around), { ...found, definitions }, {
      enclosing: definition.container,
    });
    // Of several that no import leads to none is known to be meant.
    const isMeant = first?.proximity !== "elsewhere" || definitions.length === 1;
    return first === undefined || !isMeant ? [] : placeIn(found.outlines, first);
  });
  return [...brought, ...nearest];
}

/** The members of a name that a class has itself; `found` are those that are known of the name in all files. */
function ownMembers(
  { file: { path, language, outline }, definition }: ClassPlace,
  name: string,
  place: Place,
  found: readonly RankedDefinition[],
): RankedDefinition[] {
  const owner = fullNameOf(definition);
  const here = definitionsOf(outline, name).filter(({ container }) => container === owner);
  if (here.length > 0) {
    return here.map((each) => asRanked(each, { ...place, path, language }, "exact", null));
  }
  // Of a class in several files, as in C++.
  return found.filter((each) =>
    each.container === owner && each.name === name && each.language === language &&
    each.repository === place.repository && each.ref === place.ref
  );
}

/** What classes of one tree inherit under a name, of the nearest that have it. */
async function inheritedIn(
  request: ApiRequest,
  place: Place,
  heirs: readonly ClassPlace[],
  name: string,
  found: readonly RankedDefinition[],
): Promise<FoundMembers> {
  const tree = { repository: place.repository, ref: place.ref };
  const graph = graphOfTree(request, tree);
  const seen = new Set<OutlineDefinition>(heirs.map(({ definition }) => definition));
  let classes = heirs;
  for (let step = 0; step < STEPS_MAX && classes.length > 0; step++) {
    const bases = await basesOf(request, tree, graph, classes);
    classes = bases.filter(({ definition }) => !seen.has(definition) && seen.add(definition))
      .slice(0, CLASSES_MAX);
    const members = classes.map((each) => ({
      file: each.file,
      definitions: ownMembers(each, name, place, found),
    }));
    const definitions = [...new Set(members.flatMap((each) => each.definitions))];
    const outlines = new Map(
      members.map(({ file: { path, outline } }) => [fileKey({ ...place, path }), outline]),
    );
    if (definitions.length > 0) return { definitions, outlines };
  }
  return { definitions: [], outlines: new Map() };
}

/** Members with the outlines of the classes' files. */
export interface FoundMembers {
  readonly definitions: readonly RankedDefinition[];
  readonly outlines: ReadonlyMap<string, Outline>;
}

/** The members of a name that these classes inherit; `found` are those that are known of the name. */
export async function inheritedMembers(
  request: ApiRequest,
  classes: Pick<FoundNames, "definitions" | "outlines">,
  name: string,
  found: readonly RankedDefinition[],
): Promise<FoundMembers> {
  const trees = Map.groupBy(
    classes.definitions,
    ({ repository, ref }) => [repository, ref].join("\n"),
  );
  const all = await Promise.all(
    Array.from(trees.values(), ([first, ...rest]) => {
      if (first === undefined) throw new Error("a group has one member at least");
      const { repository, ref, commit_oid } = first;
      const heirs = [first, ...rest].flatMap((each) => placeIn(classes.outlines, each));
      return inheritedIn(request, { repository, ref, commit_oid }, heirs, name, found);
    }),
  );
  return {
    definitions: all.flatMap(({ definitions }) => definitions),
    outlines: new Map(all.flatMap(({ outlines }) => [...outlines])),
  };
}
