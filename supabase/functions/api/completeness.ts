/**
 * What an answer that is not whole says of itself. Pure.
 */
import { type IncompleteReason } from "../_shared/contracts/search.ts";

/** How far an answer came, and what its scope lacks. */
interface Scope {
  readonly reason: "page_full" | "work_budget" | null;
  readonly unindexed: number;
  readonly symbols_pending: number;
  readonly skipped: number;
  readonly access_lost: number;
}

/** What is missing from an answer, the gravest first; null when nothing is. */
export function incompleteReason(
  { reason, unindexed, symbols_pending: pending, skipped, access_lost: accessLost }: Scope,
): IncompleteReason | null {
  if (unindexed > 0) return "not_indexed";
  if (pending > 0) return "symbols_pending";
  if (reason === "work_budget") return "work_budget";
  if (reason === "page_full") return "more_results";
  if (accessLost > 0) return "access_lost";
  return skipped > 0 ? "skipped_files" : null;
}
