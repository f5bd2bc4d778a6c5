/**
 * What the tools share: parameters that mean the same everywhere, and how an answer ends.
 */
import { z } from "zod";
import {
  BUDGET_TOKENS_DEFAULT,
  BUDGET_TOKENS_MAX,
  BUDGET_TOKENS_MIN,
  type BudgetedText,
} from "../token_budget.ts";

const SHORT_OID_UNITS = 12;

export const tokenBudget = z.int().min(BUDGET_TOKENS_MIN).max(BUDGET_TOKENS_MAX)
  .default(BUDGET_TOKENS_DEFAULT).describe("About how many tokens the answer may cost.");
export const repositoryParameter = z.string().optional().describe("Only in OWNER/NAME.");
export const cursorParameter = z.string().optional().describe("next_cursor of the answer before.");

/** `acme/rocket at 0123456789ab`. */
export function commitLine(
  { repository, commit_oid: oid }: {
    readonly repository: string;
    readonly commit_oid: string | null;
  },
): string {
  return `${repository} at ${oid?.slice(0, SHORT_OID_UNITS) ?? "no commit"}`;
}

interface Completeness {
  readonly complete: boolean;
  readonly incomplete_reason: string | null;
  readonly next_cursor: string | null;
}

/** The collected text with its last line: how many, what is missing, and how to go on. */
export function answerEnd(
  text: BudgetedText,
  answer: Completeness,
  count: number,
  noun: string,
): string {
  const found = count === 0 ? `No ${noun}.` : `${count} ${noun}${count === 1 ? "" : "s"}.`;
  const cut = text.leftOut > 0
    ? ` ${text.leftOut} files did not fit into the token_budget: raise it or name a repository.`
    : "";
  const rest = answer.complete
    ? ""
    : ` Not complete (${answer.incomplete_reason ?? "more"}): what is not here may still exist.`;
  const next = answer.next_cursor === null ? "" : ` More with cursor=${answer.next_cursor}`;
  return [text.toString(), `${found}${cut}${rest}${next}`].filter((part) => part !== "").join("\n");
}
