/**
 * Tools that find code: by text, definitions by name, and the uses of a name.
 */
import { z } from "zod";
import {
  definitionsAnswer,
  nameMatches,
  referenceRoles,
  referencesAnswer,
} from "../../_shared/contracts/navigation.ts";
import { searchAnswer } from "../../_shared/contracts/search.ts";
import { BudgetedText } from "../token_budget.ts";
import { defineTool, type Tool } from "../tool.ts";
import {
  answerEnd,
  commitLine,
  cursorParameter,
  repositoryParameter,
  tokenBudget,
} from "./shape.ts";

/** The likeliest definitions are enough to choose from. */
const DEFINITIONS_MAX = 20;
/** Names that are like the one asked for, in one line. */
const SIMILAR_NAMES_MAX = 8;

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
    "Where a function, class, type, method or constant of a name is defined, with its signature, the likeliest first. Takes parts of names, initials (gUN for getUserName) and misspellings too. Faster and surer than searching for the text.",
  parameters: z.object({
    name: z.string().min(1),
    match: z.enum([...nameMatches, "auto"]).default("auto")
      .describe("auto tries all, best first; exact when you know the whole name."),
    kind: z.string().optional().describe("Only this kind: function, class, method, interface, …"),
    path: z.string().optional().describe("Only where paths begin with this."),
    repository: repositoryParameter,
    token_budget: tokenBudget,
  }),
  isReadOnly: true,
  async run(api, { token_budget: budget, ...parameters }) {
    const answer = await api.get(
      "/definitions",
      { ...parameters, limit: DEFINITIONS_MAX },
      definitionsAnswer,
    );
    const text = new BudgetedText(budget);
    const exact = answer.definitions.filter(({ match }) => match === "exact");
    // Whoever knows the name is not shown whatever else is like it, but for the names.
    const shown = exact.length > 0 ? exact : answer.definitions;
    addByFile(text, shown, ({ line, kind, signature, container, match }) => {
      const inside = container === null ? "" : `  in ${container}`;
      const note = match === "exact" ? "" : `  (${match} match)`;
      return `${line}: ${kind}  ${signature}${inside}${note}`;
    });
    const similar = new Set(
      answer.definitions.filter((each) => !shown.includes(each))
        .map(({ name }) => name),
    );
    if (similar.size > 0) {
      text.add(`Names like it: ${[...similar].slice(0, SIMILAR_NAMES_MAX).join(", ")}`);
    }
    const state = { ...answer, next_cursor: null };
    const end = answerEnd(text, state, shown.length, "definition");
    return { text: end, structured: answer };
  },
});

const findReferences = defineTool({
  name: "find_references",
  title: "Find references",
  description:
    "Where a name is used: calls, types, imports, with the function around each use. Comments and strings do not count; files that only mention the word are listed by path. With defined_in the files that import that definition come first.",
  parameters: z.object({
    name: z.string().min(1).describe("As it is written, without its module or class."),
    role: z.enum(referenceRoles).optional(),
    path: z.string().optional().describe("Only where paths begin with this."),
    defined_in: z.string().optional().describe("The file of the definition you mean."),
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
