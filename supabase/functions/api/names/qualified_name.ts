/**
 * Names with what they belong to, as people write them: `Builder.build`, `Builder::build`, `osutil.relative_uri`.
 * Definitions have their names alone. Pure.
 */
import { type RankedDefinition } from "../../_shared/contracts/navigation.ts";

/** What a parameter says that takes such names. */
export const NAME_DESCRIPTION =
  "As it is written; with the class, module or folder before it, `Outer.inner`, only what is in that.";

/** A name apart from what stands before it, whose parts are joined by dots. */
export interface QualifiedName {
  readonly owner: string;
  readonly last: string;
}

const SEPARATOR = String.raw`(?:\.|::?|#|->|/|\\)`;
const QUALIFIED = new RegExp(
  String.raw`^([\p{L}_$][^\s]*?)${SEPARATOR}([\p{L}\p{N}_$]+[?!]?)$`,
  "u",
);
const SEPARATORS = new RegExp(SEPARATOR, "g");

/** The parts of a name; null where it is one alone. */
export function qualifiedName(name: string): QualifiedName | null {
  const [, owner, last] = QUALIFIED.exec(name) ?? [];
  if (owner === undefined || last === undefined) return null;
  return { owner: owner.replaceAll(SEPARATORS, "."), last };
}

/** Whether a definition is in what is called so: in another one, in a file of that name or in a folder. */
export function isOwnedBy(
  { path, container }: Pick<RankedDefinition, "path" | "container">,
  owner: string,
): boolean {
  const inside = container === null ? [] : [container];
  const file = path.replace(/\.[^./]*$/, "");
  const folder = path.replace(/\/?[^/]*$/, "");
  return [file, folder].some((place) =>
    `.${[place.replaceAll("/", "."), ...inside].join(".")}`.endsWith(`.${owner}`)
  );
}
