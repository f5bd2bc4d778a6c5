/**
 * Tools that find code: by text, and definitions by name.
 */
import { z } from "zod";
import { symbolsAnswer } from "../../_shared/contracts/symbols.ts";
import {
  BUDGET_TOKENS_DEFAULT,
  BUDGET_TOKENS_MAX,
  BUDGET_TOKENS_MIN,
  BudgetedText,
} from "../token_budget.ts";
import { defineTool, type Tool } from "../tool.ts";

const tokenBudget = z.int().min(BUDGET_TOKENS_MIN).max(BUDGET_TOKENS_MAX)
  .default(BUDGET_TOKENS_DEFAULT).describe("About how many tokens the answer may cost.");
const repositoryParameter = z.string().optional().describe("Only in OWNER/NAME.");

const findDefinitions = defineTool({
  name: "find_definitions",
  title: "Find definitions",
  description:
    "Where a function, class, type, method or constant of a name is defined, with its signature. Faster and surer than searching for the text.",
  parameters: z.object({
    name: z.string().min(1),
    match: z.enum(["exact", "prefix", "infix"]).default("exact"),
    repository: repositoryParameter,
    token_budget: tokenBudget,
    cursor: z.string().optional(),
  }),
  isReadOnly: true,
  async run(api, { token_budget: budget, ...parameters }) {
    const answer = await api.get("/symbols", parameters, symbolsAnswer);
    const text = new BudgetedText(budget);
    for (const found of answer.symbols) {
      const container = found.container === null ? "" : `  in ${found.container}`;
      text.add(
        `${found.repository} ${found.path}:${found.line}  ${found.kind}  ${found.signature}${container}`,
      );
    }
    return { text: text.toString(), structured: answer };
  },
});

/** The tools that find code. */
export const searchTools: readonly Tool[] = [findDefinitions];
