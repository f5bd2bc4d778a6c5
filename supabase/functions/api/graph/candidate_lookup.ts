/**
 * Which of the files that imports may mean there are. Paths are asked for by their stems: a module has
 * dozens of paths that it may be, and nearly all are one name with other endings.
 */
import { CANDIDATES_MAX, MEANT_FILES_MAX } from "../../_shared/contracts/limits.ts";
import { type Candidate, type ImportMeaning } from "../../_shared/graph/import_meaning.ts";
import { pathStem } from "../../_shared/graph/paths.ts";
import { definesCandidate } from "../../_shared/graph/proximity.ts";
import { candidatesAt, candidatesOf, keyOf } from "../../_shared/graph/resolve_import.ts";
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
  // Its ends are asked for, whatever is known.
  if (meaning.ends !== undefined) return meaning;
  const things = meaning.things.map((candidates) => {
    const first = candidates.findIndex((each) => each.kind === "file" && known.has(each.path));
    return first === -1 ? candidates : candidates.slice(0, first);
  });
  return { ...meaning, things };
}

/** What a tree has of the candidates that it was asked for: no candidate is asked for twice. */
export class CandidateLookup {
  readonly #find: FindFiles;
  readonly #read: ReadOutlines;
  /** Keys of candidates, and the files that they stand for. */
  readonly #asked = new Set<string>();
  readonly #found = new Map<string, string[]>();

  constructor(find: FindFiles, read: ReadOutlines) {
    this.#find = find;
    this.#read = read;
  }

  /** The files that the key of a candidate stands for; `there` are paths that the tree is known to have. */
  found(there: ReadonlySet<string>): (key: string) => readonly string[] {
    const here = new Map([...there].map((path) => [`file:${path}`, [path]]));
    return (key) => this.#found.get(key) ?? here.get(key) ?? [];
  }

  /**
   * Asks for the candidates of meanings, with outlines where the files are read next. Answers whether some
   * were left out for their number.
   */
  async lookUp(
    meanings: readonly ImportMeaning[],
    there: ReadonlySet<string>,
    withOutlines: boolean,
  ): Promise<boolean> {
    const candidates = meanings.flatMap((meaning) => candidatesOf(upToKnown(meaning, there)));
    const isCut = await this.#ask(candidates, withOutlines);
    const isFull = (end: string) =>
      (this.#found.get(`suffix:${end}`)?.length ?? 0) >= MEANT_FILES_MAX;
    const besides = meanings.flatMap((meaning) => candidatesAt(meaning, isFull));
    return await this.#ask(besides, withOutlines) || isCut;
  }

  /** Asks for candidates. Answers whether some were left out for their number. */
  async #ask(candidates: readonly Candidate[], withOutlines: boolean): Promise<boolean> {
    const all = new Map(
      candidates.map((candidate): [string, Candidate] => [keyOf(candidate), candidate])
        .filter(([key]) => !this.#asked.has(key)),
    );
    if (all.size === 0) return false;
    const some = new Map([...all].slice(0, CANDIDATES_MAX));
    const { files } = await this.#find({ candidates: wantedOf([...some.values()]), withOutlines });
    const defining = files.filter(({ kind }) => kind === "definition");
    const outlineOf = await this.#read(defining.map(({ outline }) => outline));
    for (const { kind, key, path, language, outline } of files) {
      const own = kind === "definition" ? key : `${kind}:${key}`;
      const candidate = some.get(own);
      // Somebody else may have asked meanwhile.
      if (candidate === undefined || this.#asked.has(own)) continue;
      const isDefined = kind !== "definition" ||
        definesCandidate(candidate, { language, definitions: outlineOf(outline).definitions });
      if (!isDefined) continue;
      const paths = this.#found.get(own);
      if (paths === undefined) this.#found.set(own, [path]);
      else paths.push(path);
    }
    for (const key of some.keys()) this.#asked.add(key);
    return some.size < all.size;
  }
}

/** Candidates as the database is asked for them. */
function wantedOf(candidates: readonly Candidate[]): FilesWanted["candidates"] {
  const pathsOf = (kind: "folder" | "suffix") =>
    candidates.flatMap((each) => each.kind === kind ? [each.path] : []);
  const stems = candidates.flatMap((each) => each.kind === "file" ? [pathStem(each.path)] : []);
  return {
    stems: [...new Set(stems)],
    folders: pathsOf("folder"),
    suffixes: pathsOf("suffix"),
    definitions: candidates.flatMap((each) => wantedDefinition(each) ?? []),
  };
}
