/**
 * Which of the files that imports may mean there are. Paths are asked for by their stems: a module has
 * dozens of paths that it may be, and nearly all are one name with other endings.
 */
import { CANDIDATES_MAX } from "../../_shared/contracts/limits.ts";
import { type Candidate, type ImportMeaning } from "../../_shared/graph/import_meaning.ts";
import { definesCandidate } from "../../_shared/graph/proximity.ts";
import { candidatesOf, keyOf } from "../../_shared/graph/resolve_import.ts";
import { type FoundFile } from "../../_shared/runtime/database_answers.ts";
import { type OutlineOf } from "../../_shared/runtime/outlines.ts";
import {
  type WantedDefinition,
  type WantedFiles,
} from "../../_shared/runtime/database_import_functions.ts";
import { fold } from "../../_shared/text/fold.ts";

/** What is asked of the tree; what is not said is bounded as for imports. */
export type FilesWanted = Pick<WantedFiles, "candidates"> & Partial<WantedFiles>;

/** Finds files of the tree. */
export type FindFiles = (wanted: FilesWanted) => Promise<{ readonly files: readonly FoundFile[] }>;

/** Reads outlines of blobs that were found. */
export type ReadOutlines = (blobs: readonly (string | null)[]) => Promise<OutlineOf>;

/** The files that each candidate's key stands for, and whether some were not looked for. */
export interface FoundCandidates {
  readonly found: ReadonlyMap<string, readonly string[]>;
  readonly isCut: boolean;
}

/** The path up to the first dot of its name: what it has in common with what it may be mistaken for. */
export function stemOf(path: string): string {
  const dot = path.indexOf(".", path.lastIndexOf("/") + 1);
  return dot === -1 ? path : path.slice(0, dot);
}

function wantedDefinition(candidate: Candidate): WantedDefinition | null {
  if (candidate.kind !== "definition" && candidate.kind !== "namespace") return null;
  return {
    key: keyOf(candidate),
    folded: fold(candidate.name.slice(candidate.name.lastIndexOf(".") + 1)),
    is_namespace: candidate.kind === "namespace",
  };
}

/**
 * Of each list of candidates those up to the first that is known to be there: what follows it is not
 * meant.
 */
function upToKnown(meaning: ImportMeaning, known: ReadonlySet<string>): ImportMeaning {
  const things = meaning.things.map((candidates) => {
    const first = candidates.findIndex((each) => each.kind === "file" && known.has(each.path));
    return first === -1 ? candidates : candidates.slice(0, first);
  });
  return { ...meaning, things };
}

/** Looks the candidates up; `there` are paths that the tree is known to have. */
export async function lookUpCandidates(
  find: FindFiles,
  read: ReadOutlines,
  meanings: readonly ImportMeaning[],
  there: ReadonlySet<string>,
): Promise<FoundCandidates> {
  const found = new Map<string, string[]>([...there].map((path) => [`file:${path}`, [path]]));
  const all = new Map(
    meanings.flatMap((meaning) => candidatesOf(upToKnown(meaning, there)))
      .map((candidate) => [keyOf(candidate), candidate]),
  );
  if (all.size === 0) return { found, isCut: false };
  const some = [...all.values()].slice(0, CANDIDATES_MAX);
  const pathsOf = (kind: "folder" | "suffix") =>
    some.flatMap((each) => each.kind === kind ? [each.path] : []);
  const stems = some.flatMap((each) => each.kind === "file" ? [stemOf(each.path)] : []);
  const { files } = await find({
    candidates: {
      stems: [...new Set(stems)],
      folders: pathsOf("folder"),
      suffixes: pathsOf("suffix"),
      definitions: some.flatMap((each) => wantedDefinition(each) ?? []),
    },
  });
  const defining = files.filter(({ kind }) => kind === "definition");
  const outlineOf = await read(defining.map(({ outline }) => outline));
  for (const { kind, key, path, language, outline } of files) {
    const own = kind === "definition" ? key : `${kind}:${key}`;
    const candidate = all.get(own);
    if (candidate === undefined || candidate.kind === "file" && there.has(path)) continue;
    const isDefined = kind !== "definition" ||
      definesCandidate(candidate, { language, definitions: outlineOf(outline).definitions });
    if (!isDefined) continue;
    const paths = found.get(own);
    if (paths === undefined) found.set(own, [path]);
    else paths.push(path);
  }
  return { found, isCut: some.length < all.size };
}
