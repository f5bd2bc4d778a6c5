/**
 * Reads a ref that a caller gave, and says that there is no room for it.
 */
import { parseBranch } from "../_shared/contracts/git_ref.ts";
import { REF_UNITS_MAX } from "../_shared/contracts/limits.ts";
import { ProblemError } from "../_shared/runtime/problem.ts";

/** A ref from a body or a parameter, full; null when none was given. `field`: what errors call it. */
export function readRef(input: string | undefined, field = "ref"): string | null {
  if (input === undefined) return null;
  const parsed = parseBranch(input);
  switch (parsed.outcome) {
    case "ok":
      return parsed.ref;
    case "invalid":
      throw new ProblemError(
        "invalid_ref",
        /^refs\/(?!heads\/)/.test(input)
          ? `${field}: only branches are indexed: give a name, or refs/heads/ and a name.`
          : `${field}: git allows no such branch name.`,
      );
    case "too_long":
      throw new ProblemError(
        "invalid_ref",
        `${field}: at most ${REF_UNITS_MAX} UTF-16 code units, refs/heads/ among them.`,
      );
  }
}

/** The plan lets a repository follow no more refs than this. */
export function refLimitReached(limit: number): ProblemError {
  return new ProblemError("ref_limit_reached", `${limit} refs are indexed at most.`);
}
