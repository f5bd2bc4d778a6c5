// What a row of the table of zones says.

/** A folder, or some files of it, and what they may use. */
export interface Zone {
  readonly name: string;
  readonly paths: RegExp;
  /** Zones it may import besides itself. */
  readonly zones: readonly string[];
  /** npm packages, by name; a trailing `*` stands for any ending. */
  readonly packages: readonly string[];
  /** Node's own modules, without `node:`. */
  readonly builtins: readonly string[];
}
