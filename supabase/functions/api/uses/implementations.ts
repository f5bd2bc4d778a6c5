/**
 * What implements a method that an interface declares: who calls that calls those, and it calls nothing itself.
 * They are in what inherits the interface by its name; where nothing says so, as in Go, nothing is found.
 */
import { CALL_FILES_MAX } from "../../_shared/contracts/limits.ts";
import { type RankedDefinition } from "../../_shared/contracts/navigation.ts";
import { proximityFrom } from "../../_shared/graph/proximity.ts";
import { aliasesOf } from "../../_shared/segment/bindings.ts";
import { definitionsOf, referencesTo } from "../../_shared/segment/outline.ts";
import { type OutlineDefinition } from "../../_shared/segment/outline_entries.ts";
import { fullNameOf, isAround } from "../files/position.ts";
import { type SourceFile } from "../files/source_file.ts";
import { asRanked } from "../names/definition_ranking.ts";
import { termOfName } from "../names/name_queries.ts";
import { type Target } from "../names/target.ts";
import { packaged } from "./package_users.ts";

/** What declares methods for others, and what these are: a property that holds a function is implemented by nobody. */
const DECLARING = /^(?:interface|protocol|trait)$/;
const METHOD = /^(?:function|method)$/;

/** A method that calls nothing, and the interface that it is in. */
interface DeclaredMethod {
  readonly name: string;
  readonly file: SourceFile;
  readonly owner: OutlineDefinition;
}

/** The method as such a one, if it is. */
function declaredIn(
  file: SourceFile,
  { name, line, container }: RankedDefinition,
): DeclaredMethod[] {
  const { definitions, references } = file.outline;
  const own = definitionsOf(file.outline, name).find(({ startLine }) => startLine === line);
  const owner = definitions.find((each) =>
    DECLARING.test(each.kind) && fullNameOf(each) === container
  );
  if (own === undefined || owner === undefined) return [];
  const isCalling = references.some((each) =>
    each.role === "call" && isAround(own, each.line, each.column)
  );
  return isCalling ? [] : [{ name, file, owner }];
}

/** The methods of a file that implement one. */
function implementing(
  { outline, path, language }: SourceFile,
  { name, owner }: DeclaredMethod,
  place: Target["place"],
): RankedDefinition[] {
  const locals = aliasesOf({ language, outline }, new Set([owner.name]));
  const uses = referencesTo(outline, new Set([owner.name, ...locals]));
  const inheriting = new Set(
    uses.filter(({ role }) => role === "inherit").map(({ enclosing }) => {
      const around = enclosing === null ? undefined : outline.definitions[enclosing];
      return around === undefined ? null : fullNameOf(around);
    }),
  );
  inheriting.delete(null);
  return definitionsOf(outline, name).filter(({ container }) => inheriting.has(container))
    .map((each) => asRanked(each, { ...place, path, language }, "exact", null));
}

/** What implements these methods, of those that interfaces declare. */
export async function implementationsOf(
  { graph, place }: Target,
  methods: readonly RankedDefinition[],
): Promise<RankedDefinition[]> {
  const members = methods.filter(({ container, kind }) => container !== null && METHOD.test(kind));
  const files = await graph.files([...new Set(members.map(({ path }) => path))]);
  const byPath = new Map(files.map((file) => [file.path, file]));
  const declared = members.flatMap((method) => {
    const file = byPath.get(method.path);
    return file === undefined ? [] : declaredIn(file, method);
  });
  const terms = new Set(declared.flatMap(({ owner }) => termOfName(owner.name) ?? []));
  if (terms.size === 0) return [];
  const { files: naming, cut } = await graph.filesWithWords([...terms], CALL_FILES_MAX);
  if (cut) graph.cut();
  const around = await graph.surroundings(naming);
  return naming.flatMap((user) => {
    const found = declared.map((method) => ({ method, own: implementing(user, method, place) }))
      .filter(({ own }) => own.length > 0);
    if (found.length === 0) return [];
    const proximityOf = proximityFrom(user, around);
    return found.filter(({ method: { file } }) => proximityOf(packaged(file)) !== "elsewhere")
      .flatMap(({ own }) => own);
  });
}
