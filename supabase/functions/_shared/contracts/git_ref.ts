/**
 * Names of branches, by the rules of git check-ref-format. Pure; knows no repository.
 */
import { REF_UNITS_MAX } from "./limits.ts";

const HEADS = "refs/heads/";

/** Control characters, space, and what has a meaning in revisions and patterns. */
// deno-lint-ignore no-control-regex
const FORBIDDEN = /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{/;

function isComponent(component: string): boolean {
  return component !== "" && !component.startsWith(".") && !component.endsWith(".lock");
}

function isRef(ref: string): boolean {
  return ref.length <= REF_UNITS_MAX && ref.isWellFormed() && !FORBIDDEN.test(ref) &&
    !ref.endsWith(".") && ref.split("/").every(isComponent);
}

/**
 * The full ref of a branch that is given by its name or by its full ref, or null when it is
 * neither. Other full refs (tags, pull requests) are refused, not taken for branch names.
 */
export function branchRef(input: string): string | null {
  const isFull = input.startsWith(HEADS);
  if (!isFull && input.startsWith("refs/")) return null;
  const branch = isFull ? input.slice(HEADS.length) : input;
  if (branch === "@" || branch === "HEAD" || branch.startsWith("-")) return null;
  const ref = HEADS + branch;
  return isRef(ref) ? ref : null;
}
