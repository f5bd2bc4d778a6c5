/**
 * Tools that find code: by text, definitions by name, and the uses of a name.
 */
import { z } from "zod";
import { referencesAnswer } from "../../_shared/contracts/navigation.ts";
import { searchAnswer } from "../../_shared/contracts/search.ts";
import { symbolsAnswer } from "../../_shared/contracts/symbols.ts";
import { BudgetedText } from "../token_budget.ts";
import { defineTool, type Tool } from "../tool.ts";
import {
  answerEnd,
  commitLine,
  cursorParameter,
  repositoryParameter,
  tokenBudget,
} from "./shape.ts";

interface Placed {
  readonly repository: string;
  readonly path: string;
  readonly commit_oid: string | null;
}

/** One block a file: a heading with its path, then its lines; and the commits they speak of. */
function addByFile<Item extends Placed>(
  text: BudgetedText,
  items: readonly Item[],
  line: (item: Item) => string,
): void {
  const files = Map.groupBy(items, ({ repository, path }) => `${repository} ${path}`);
  for (const commit of new Set(items.map(commitLine))) text.add(commit);
  for (const [file, found] of files) text.add([file, ...found.map(line)].join("\n"));
}

const searchCode = defineTool({
  name: "search_code",
  title: "Search code",
  description:
    "Every line that contains a text, like grep -F over all repositories at once: identifiers, messages, configuration keys, parts of words. One line of text, taken literally; with a capital letter case counts. For where a name is defined use find_definitions.",
  parameters: z.object({
    text: z.string().min(1).describe("A single line, literally; no regular expression."),
    repository: repositoryParameter,
    token_budget: tokenBudget,
    cursor: cursorParameter,
  }),
  isReadOnly: true,
  async run(api, { text: q, token_budget: budget, ...scope }) {
    const answer = await api.get("/search", { q, mode: "literal", ...scope }, searchAnswer);
    const text = new BudgetedText(budget);
    addByFile(text, answer.matches, (match) => `${match.line}: ${match.text.trim()}`);
    return { text: answerEnd(text, answer, answer.matches.length, "line"), structured: answer };
  },
});

const findDefinitions = defineTool({
  name: "find_definitions",
  title: "Find definitions",
  description:
    "Where a function, class, type, method or constant of a name is defined, with its signature. Faster and surer than searching for the text.",
  parameters: z.object({
    name: z.string().min(1),
    match: z.enum(["exact", "prefix", "infix"]).default("exact")
      .describe("infix finds names that contain it, without case."),
    repository: repositoryParameter,
    token_budget: tokenBudget,
    cursor: cursorParameter,
  }),
  isReadOnly: true,
  async run(api, { token_budget: budget, ...parameters }) {
    const answer = await api.get("/symbols", parameters, symbolsAnswer);
    const text = new BudgetedText(budget);
    addByFile(text, answer.symbols, ({ line, kind, signature, container }) => {
      const inside = container === null ? "" : `  in ${container}`;
      return `${line}: ${kind}  ${signature}${inside}`;
    });
    const end = answerEnd(text, answer, answer.symbols.length, "definition");
    return { text: end, structured: answer };
  },
});

const findReferences = defineTool({
  name: "find_references",
  title: "Find references",
  description:
    "Where a name is used: calls, types, imports, with the function around each use. Comments and strings do not count; files that only mention the word are listed by path.",
  parameters: z.object({
    name: z.string().min(1).describe("As it is written, without its module or class."),
    repository: repositoryParameter,
    token_budget: tokenBudget,
    cursor: cursorParameter,
  }),
  isReadOnly: true,
  async run(api, { token_budget: budget, ...parameters }) {
    const answer = await api.get("/references", parameters, referencesAnswer);
    const text = new BudgetedText(budget);
    addByFile(text, answer.references, ({ line, role, enclosing, text: source }) => {
      const inside = enclosing === null ? "" : `  in ${enclosing}`;
      return `${line}: ${role}${inside}  ${source.trim()}`;
    });
    if (answer.other_files.length > 0) {
      text.add(`Only mentioned in: ${answer.other_files.join(", ")}`);
    }
    const end = answerEnd(text, answer, answer.references.length, "reference");
    return { text: end, structured: answer };
  },
});

/** The tools that find code. */
export const searchTools: readonly Tool[] = [searchCode, findDefinitions, findReferences];
