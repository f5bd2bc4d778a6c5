/**
 * Tools that read: the files of a repository, a file's lines, what a file defines.
 */
import { z } from "zod";
import { DEPENDENCY_DEPTH_MAX } from "../../_shared/contracts/limits.ts";
import {
  dependenciesAnswer,
  fileAnswer,
  filesAnswer,
  outlineAnswer,
} from "../../_shared/contracts/navigation.ts";
import { BudgetedText } from "../token_budget.ts";
import { defineTool, type Tool, toolParameters } from "../tool.ts";
import { answerEnd, commitLine, cursorParameter, tokenBudget } from "./shape.ts";

const repository = z.string().describe("OWNER/NAME.");
const path = z.string().min(1).describe(
  "From the root of the repository, without a leading slash.",
);
const ref = z.string().optional().describe("A branch; the default one when absent.");

const listFiles = defineTool({
  name: "list_files",
  title: "List files",
  description: "The paths of a repository, all or those below a folder, with language and size.",
  parameters: toolParameters({
    repository,
    prefix: z.string().optional().describe("src/ lists what is below src."),
    ref,
    token_budget: tokenBudget,
    cursor: cursorParameter,
  }),
  isReadOnly: true,
  async run(api, { token_budget: budget, ...parameters }) {
    const answer = await api.get("/files", { ...parameters, limit: 200 }, filesAnswer);
    const text = new BudgetedText(budget);
    text.add(commitLine(answer));
    for (const { path: file, language, line_count: lines, skip_reason: reason } of answer.items) {
      text.add(`${file}  ${reason ?? `${language} ${lines ?? 0} lines`}`);
    }
    const complete = answer.next_cursor === null;
    const state = { ...answer, complete, incomplete_reason: complete ? null : "more_results" };
    return { text: answerEnd(text, state, answer.items.length, "file"), structured: answer };
  },
});

const readFile = defineTool({
  name: "read_file",
  title: "Read a file",
  description:
    "Lines of a file at the indexed commit, with their numbers. Give a range: outline_file says where things are.",
  parameters: toolParameters({
    repository,
    path,
    ref,
    start_line: z.int().min(1).optional(),
    end_line: z.int().min(1).optional(),
    commit: z.string().optional()
      .describe("The commit you mean; an error says when the index is at another one."),
    token_budget: tokenBudget,
  }),
  isReadOnly: true,
  async run(api, { token_budget: budget, ...parameters }) {
    const answer = await api.get("/file", parameters, fileAnswer);
    const text = new BudgetedText(budget);
    text.add(`${commitLine(answer)}  ${answer.path}  ${answer.language}`);
    if (answer.skip_reason !== null) text.add(`No text: ${answer.skip_reason}.`);
    const lines = answer.end_line < answer.start_line ? [] : answer.text.split("\n");
    for (const [index, line] of lines.entries()) text.add(`${answer.start_line + index}: ${line}`);
    const shown = lines.length - Math.min(lines.length, text.leftOut);
    const last = answer.start_line + shown - 1;
    const rest = last < answer.line_count ? ` Go on with start_line=${last + 1}.` : "";
    const end = `Lines ${answer.start_line} to ${last} of ${answer.line_count}.${rest}`;
    return { text: `${text.toString()}\n${end}`, structured: answer };
  },
});

const outlineFile = defineTool({
  name: "outline_file",
  title: "Outline a file",
  description:
    "What a file defines, with line ranges, signatures and first words of its docs, and what it imports: read this before reading a long file.",
  parameters: toolParameters({ repository, path, ref, token_budget: tokenBudget }),
  isReadOnly: true,
  async run(api, { token_budget: budget, ...parameters }) {
    const answer = await api.get("/outline", parameters, outlineAnswer);
    const text = new BudgetedText(budget);
    text.add(`${commitLine(answer)}  ${answer.path}  ${answer.language}`);
    if (answer.skip_reason !== null) text.add(`No outline: ${answer.skip_reason}.`);
    const imported = answer.imports.map(({ specifier }) => specifier);
    if (imported.length > 0) text.add(`imports ${imported.join(", ")}`);
    for (const { start_line, end_line, kind, signature, container, doc } of answer.definitions) {
      const depth = container === null ? 0 : container.split(".").length;
      const note = doc === null ? "" : `  // ${doc}`;
      text.add(`${"  ".repeat(depth)}${start_line}-${end_line} ${kind}  ${signature}${note}`);
    }
    const state = { complete: true, incomplete_reason: null, next_cursor: null };
    const end = answerEnd(text, state, answer.definitions.length, "definition");
    return { text: end, structured: answer };
  },
});

const trackImports = defineTool({
  name: "track_imports",
  title: "Track imports",
  description:
    "What a file imports, or who imports it (direction dependents): what a change of it may reach. Over several steps with depth.",
  parameters: toolParameters({
    repository,
    path,
    ref,
    direction: z.enum(["dependencies", "dependents"]).default("dependencies"),
    depth: z.int().min(1).max(DEPENDENCY_DEPTH_MAX).default(1),
    token_budget: tokenBudget,
  }),
  isReadOnly: true,
  async run(api, { token_budget: budget, direction, ...parameters }) {
    const answer = await api.get(`/${direction}`, parameters, dependenciesAnswer);
    const text = new BudgetedText(budget);
    text.add(`${commitLine(answer)}  ${answer.path}`);
    for (const { from, to, line, depth } of answer.edges) {
      text.add(`${"  ".repeat(depth - 1)}${from}:${line} imports ${to}`);
    }
    if (answer.external.length > 0) text.add(`from outside: ${answer.external.join(", ")}`);
    for (const { from, line, specifier } of answer.unresolved) {
      text.add(`not found: ${specifier} in ${from}:${line}`);
    }
    const end = answerEnd(text, { ...answer, next_cursor: null }, answer.edges.length, "import");
    return { text: end, structured: answer };
  },
});

/** The tools that read. */
export const fileTools: readonly Tool[] = [outlineFile, readFile, trackImports, listFiles];
