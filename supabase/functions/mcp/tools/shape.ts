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
/** How much of the budget an answer's first line may take: a path may be long. */
export const HEAD_SHARE = 0.5;

export const tokenBudget = z.int().min(BUDGET_TOKENS_MIN).max(BUDGET_TOKENS_MAX)
  .default(BUDGET_TOKENS_DEFAULT).describe(
    "How many tokens the text of the answer may cost, by an estimate on the safe side; below 500 a cursor may come on top. structuredContent holds the same items, in more words.",
  );
export const repositoryParameter = z.string().optional().describe("Only in OWNER/NAME.");
export const refParameter = z.string().optional()
  .describe("A branch; the default one when absent.");
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

/** How often a smaller page is asked for before one item alone is. */
const SMALLER_PAGES_MAX = 2;

interface Bounds {
  readonly complete: boolean;
  readonly incomplete_reason: string | null;
}

interface Completeness extends Bounds {
  readonly next_cursor: string | null;
}

/** A page as it is shown. */
export interface ShownPage<Answer> {
  readonly text: BudgetedText;
  /** Items that the text shows. */
  readonly shown: number;
  /** The answer with these items only. */
  readonly answer: Answer;
}

/**
 * A page of which all is shown: where it does not fit, a smaller one is asked for, so that its cursor
 * goes on right after what was shown. Where the smallest does not fit either, there is no cursor.
 */
export async function pageThatFits<Answer, Shown extends Completeness>(
  limitMax: number,
  ask: (limit: number) => Promise<Answer>,
  show: (answer: Answer) => ShownPage<Shown>,
): Promise<ShownPage<Shown>> {
  const first = show(await ask(limitMax));
  if (!first.text.isCut) return first;
  // A cursor takes room too, and the first page may have none.
  for (let [page, tries] = [first, 0]; page.shown > 1 && tries < SMALLER_PAGES_MAX; tries += 1) {
    page = show(await ask(page.shown));
    if (!page.text.isCut) return page;
  }
  const last = show(await ask(1));
  return last.text.isCut ? { ...first, answer: cutShort(first.answer) } : last;
}

/** An answer of which not all is shown: it has no cursor, which would pass over the rest. */
export function cutShort<Answer extends Bounds>(answer: Answer) {
  return { ...answer, complete: false, incomplete_reason: "token_budget", next_cursor: null };
}

function plural(noun: string): string {
  return noun.endsWith("y") ? `${noun.slice(0, -1)}ies` : `${noun}s`;
}

/** The collected text with its last line: how many, what is missing, and how to go on. */
export function answerEnd(
  text: BudgetedText,
  answer: Completeness,
  count: number,
  noun: string,
): string {
  const end = [
    count === 0 && !text.isCut ? `No ${noun}.` : `${count} ${count === 1 ? noun : plural(noun)}.`,
    ...(text.isCut
      ? ["The rest did not fit: raise token_budget or narrow the question."]
      : answer.complete
      ? []
      : [
        `Not complete (${answer.incomplete_reason ?? "more"}): what is not here may still exist.`,
        ...(answer.incomplete_reason === "not_indexed" && count === 0
          ? ["See list_repositories for names, refs and what is indexed."]
          : []),
      ]),
    ...(answer.next_cursor === null ? [] : [`More with cursor=${answer.next_cursor}`]),
  ].join(" ");
  return [text.toString(), end].filter((part) => part !== "").join("\n");
}
