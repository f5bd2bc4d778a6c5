/**
 * Reads a ref that a caller gave.
 */
import { branchRef } from "../_shared/contracts/git_ref.ts";
import { ProblemError } from "../_shared/runtime/problem.ts";

/** A ref from a body or a parameter, full; null when none was given. */
export function readRef(input: string | undefined): string | null {
  if (input === undefined) return null;
  const ref = branchRef(input);
  if (ref === null) throw new ProblemError("invalid_ref", "ref: git allows no such branch name.");
  return ref;
}
