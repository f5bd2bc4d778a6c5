/**
 * The words in which a rule says what an import may mean. Knows no language.
 */

/** The file that imports. */
export interface ImportingFile {
  readonly path: string;
  /** Linguist's name. */
  readonly language: string;
}

/** An import as its outline has it. */
export interface Import {
  readonly specifier: string;
  /** module, file, include, system_include or name. */
  readonly kind: string;
  readonly names: readonly { readonly name: string }[];
}

/** Something that the tree has or has not. */
export type Candidate =
  /** The file of this path. */
  | { readonly kind: "file"; readonly path: string }
  /** The files directly in a folder that have this extension: a package of Go. */
  | { readonly kind: "folder"; readonly path: string; readonly extension: string }
  /** The nearest file whose path ends in these folders and name. */
  | { readonly kind: "suffix"; readonly path: string }
  /**
   * The nearest file of a family of languages that defines the name in a namespace or package, its parts
   * joined by dots; "": in none.
   */
  | {
    readonly kind: "definition";
    readonly name: string;
    readonly within: string;
    readonly family: string;
  }
  /** Every file of the family that declares to be of a namespace or package. */
  | { readonly kind: "namespace"; readonly name: string; readonly family: string };

/** What an import means when nothing of it exists. */
export type Missing =
  /** It can only be from outside the repository. */
  | { readonly kind: "external" }
  /** It names something inside that is not there. */
  | { readonly kind: "unresolved" }
  /** It is from inside if the tree has any of these, else from outside. */
  | { readonly kind: "claimed"; readonly by: readonly Candidate[] };

/** What an import may mean. */
export interface ImportMeaning {
  /** Each list stands for one thing: the first candidate of it that exists. */
  readonly things: readonly (readonly Candidate[])[];
  readonly missing: Missing;
  /**
   * Ends of paths, of which every candidate has one: where there are, the tree is asked for these few
   * instead of for each place where a candidate may be.
   */
  readonly ends?: readonly string[];
}

export const EXTERNAL: Missing = { kind: "external" };
export const UNRESOLVED: Missing = { kind: "unresolved" };

/** Something from outside the repository. */
export const FROM_OUTSIDE: ImportMeaning = { things: [], missing: EXTERNAL };

/** Candidates for paths. */
export function files(paths: readonly string[]): Candidate[] {
  return paths.map((path) => ({ kind: "file", path }));
}

/** Candidates for the ends of paths. */
export function suffixes(paths: readonly string[]): Candidate[] {
  return paths.map((path) => ({ kind: "suffix", path }));
}
