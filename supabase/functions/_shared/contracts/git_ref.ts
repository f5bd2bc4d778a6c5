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
  return ref.isWellFormed() && !FORBIDDEN.test(ref) &&
    !ref.endsWith(".") && ref.split("/").every(isComponent);
}

/** What a text turned out to name. */
export type ParsedBranch =
  | { readonly outcome: "ok"; readonly ref: string }
  | { readonly outcome: "invalid" }
  | { readonly outcome: "too_long" };

/**
 * Reads a branch that is given by its name or by its full ref. Other full refs (tags, pull requests)
 * are refused, not taken for branch names.
 */
export function parseBranch(input: string): ParsedBranch {
  const isFull = input.startsWith(HEADS);
  if (!isFull && input.startsWith("refs/")) return { outcome: "invalid" };
  const branch = isFull ? input.slice(HEADS.length) : input;
  const ref = HEADS + branch;
  if (branch === "@" || branch === "HEAD" || branch.startsWith("-") || !isRef(ref)) {
    return { outcome: "invalid" };
  }
  return ref.length > REF_UNITS_MAX ? { outcome: "too_long" } : { outcome: "ok", ref };
}

/** The full ref of a branch, or null when the text names none that can be indexed. */
export function branchRef(input: string): string | null {
  const parsed = parseBranch(input);
  return parsed.outcome === "ok" ? parsed.ref : null;
}
