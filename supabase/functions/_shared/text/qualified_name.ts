/**
 * Names with what they belong to, as people write them: `Builder.build`, `Builder::build`, `osutil.relative_uri`,
 * `App\Models\User`, `(*Server).Run`. Definitions have their names alone. Pure.
 */

/** A name apart from what stands before it. */
export interface QualifiedName {
  /** The parts before it, joined by dots; empty where they say nothing of where it is. */
  readonly owner: string;
  readonly last: string;
}

const SEPARATOR = String.raw`(?:\.|::?|#|->|/|\\)`;
const SEPARATORS = new RegExp(SEPARATOR);
const QUALIFIED = new RegExp(
  String.raw`^(?:([\p{L}_$][^\s]*?)${SEPARATOR})?([\p{L}\p{N}_$]+[?!]?)$`,
  "u",
);
/** Rust's words for the place that a path is written in. */
const RELATIVE = /^(?:(?:crate|self|super)::)+/;

/** What such names, paths and containers consist of. */
export function partsOf(name: string): string[] {
  return name.split(SEPARATORS).filter((part) => part !== "");
}

/** The parts of a name; null where it is one alone. */
export function qualifiedName(name: string): QualifiedName | null {
  const plain = name.replace(/\(\)$/, "").replace(/^\(\*?([^()\s]+)\)/, "$1").replace(RELATIVE, "");
  const [, owner, last] = QUALIFIED.exec(plain) ?? [];
  if (last === undefined || (owner === undefined && plain === name)) return null;
  return { owner: partsOf(owner ?? "").join("."), last };
}
