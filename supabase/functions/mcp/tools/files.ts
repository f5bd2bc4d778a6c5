/**
 * Tools that read: the files of a repository, a file's lines, what a file defines.
 */
import { z } from "zod";
import { DEPENDENCY_DEPTH_MAX, PAGE_ITEMS_MAX } from "../../_shared/contracts/limits.ts";
import {
  dependenciesAnswer,
  fileAnswer,
  filesAnswer,
  type IndexedFile,
  type OutlineAnswer,
  outlineAnswer,
} from "../../_shared/contracts/navigation.ts";
import { BudgetedText, linesWithin } from "../token_budget.ts";
import { defineTool, type Tool, toolParameters } from "../tool.ts";
import {
  answerEnd,
  commitLine,
  cursorParameter,
  cutShort,
  HEAD_SHARE,
  pageThatFits,
  refParameter,
  tokenBudget,
} from "./shape.ts";

/** How much of the budget the line of a file's imports may take. */
const IMPORTS_SHARE = 0.25;

const repository = z.string().describe("OWNER/NAME.");
const path = z.string().min(1).describe("From the root of the repository.");

function fileLine({ path: file, language, line_count: lines, skip_reason: reason }: IndexedFile) {
  return `${file}  ${reason ?? `${language} ${lines ?? 0} lines`}`;
}

const listFiles = defineTool({
  name: "list_files",
  title: "List files",
  description: "The paths of a repository, all or those below a folder, with language and size.",
  parameters: toolParameters({
    repository,
    prefix: z.string().optional().describe("src/ lists what is below src."),
    ref: refParameter,
    token_budget: tokenBudget,
    cursor: cursorParameter,
  }),
  isReadOnly: true,
  async run(api, { token_budget: budget, ...parameters }) {
    const limitMax = Math.min(PAGE_ITEMS_MAX, linesWithin(budget));
    const page = await pageThatFits(
      limitMax,
      (limit) => api.get("/files", { ...parameters, limit }, filesAnswer),
      (answer) => {
        const text = new BudgetedText(budget, answer.next_cursor);
        text.addCut(commitLine(answer), HEAD_SHARE);
        const shown = text.addAll(answer.items.map(fileLine));
        const complete = answer.next_cursor === null;
        const bounds = { complete, incomplete_reason: complete ? null : "more_results" };
        return {
          text,
          shown,
          answer: { ...answer, ...bounds, items: answer.items.slice(0, shown) },
        };
      },
    );
    const { prefix = "" } = parameters;
    if (page.answer.items.length === 0 && prefix !== "" && parameters.cursor === undefined) {
      page.text.add(`No path begins with ${prefix}: try a shorter prefix, or none.`);
    }
    const end = answerEnd(page.text, page.answer, page.shown, "file");
    return { text: end, structured: page.answer };
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
    ref: refParameter,
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
    text.addCut(`${commitLine(answer)}  ${answer.path}  ${answer.language}`, HEAD_SHARE);
    if (answer.skip_reason !== null) text.add(`No text: ${answer.skip_reason}.`);
    const lines = answer.end_line < answer.start_line ? [] : answer.text.split("\n");
    const numbered = lines.map((line, index) => `${answer.start_line + index}: ${line}`);
    // A first line that is longer than the budget is cut: else no call would ever get past it.
    const [first = ""] = lines;
    const length = `${first.length} UTF-16 units ${answer.truncated ? "or more" : "in all"}`;
    const isWhole = numbered.length === 0 || text.addCut(numbered[0] ?? "", 1, length);
    const shown = numbered.length === 0 ? 0 : 1 + text.addAll(numbered.slice(1));
    const last = answer.start_line + shown - 1;
    const rest = last < answer.line_count ? ` Go on with start_line=${last + 1}.` : "";
    const end = shown === 0
      ? `There are ${answer.line_count} lines, none from ${answer.start_line} on.`
      : `Lines ${answer.start_line} to ${last} of ${answer.line_count}.${rest}`;
    const source = isWhole
      ? lines.slice(0, shown).join("\n")
      : first.slice(0, text.toString().length).toWellFormed();
    const truncated = answer.truncated || !isWhole;
    const structured = { ...answer, end_line: last, text: source, truncated };
    // Of a file without text there is no line to speak of.
    const said = answer.skip_reason === null || shown > 0
      ? `${text.toString()}\n${end}`
      : text.toString();
    return { text: said, structured };
  },
});

/** A language may be known by name alone. */
function whyNoOutline({ skip_reason: reason, language }: OutlineAnswer): string {
  return reason === "unknown_language"
    ? `definitions of ${
      language || "such files"
    } are not told apart; read_file and search_code work.`
    : `${reason ?? "none"}.`;
}

/** Adds what is imported in one line, which leaves room for definitions; whether it is whole. */
function addImports(text: BudgetedText, { imports }: OutlineAnswer): boolean {
  if (imports.length === 0) return true;
  const line = `imports ${imports.map(({ specifier }) => specifier).join(", ")}`;
  return text.addCut(line, IMPORTS_SHARE, `${imports.length} in all: raise token_budget`);
}

/**
 * The line of the first definition that did not fit. Null where to go on there would bring the same
 * answer again: more of a line than fits is only had with more room.
 */
function nextStart(
  definitions: OutlineAnswer["definitions"],
  shown: number,
  askedLine: number | undefined,
): number | null {
  const next = definitions[shown]?.start_line ?? null;
  const first = shown > 0 ? definitions[0]?.start_line : askedLine;
  return next === first ? null : next;
}

const outlineFile = defineTool({
  name: "outline_file",
  title: "Outline a file",
  description:
    "What a file defines, with line ranges, signatures and first words of its docs, and what it imports: read this before reading a long file.",
  parameters: toolParameters({
    repository,
    path,
    ref: refParameter,
    start_line: z.int().min(1).optional().describe("Only what begins there or below."),
    token_budget: tokenBudget,
  }),
  isReadOnly: true,
  async run(api, { token_budget: budget, ...parameters }) {
    const answer = await api.get("/outline", parameters, outlineAnswer);
    const text = new BudgetedText(budget);
    text.addCut(`${commitLine(answer)}  ${answer.path}  ${answer.language}`, HEAD_SHARE);
    if (answer.skip_reason !== null) text.add(`No outline: ${whyNoOutline(answer)}`);
    const hasImports = addImports(text, answer);
    const lines = answer.definitions.map(
      ({ start_line, end_line, kind, signature, container, doc }) => {
        const depth = container === null ? 0 : container.split(".").length;
        const note = doc === null ? "" : `  // ${doc}`;
        return `${"  ".repeat(depth)}${start_line}-${end_line} ${kind}  ${signature}${note}`;
      },
    );
    const shown = text.addAll(lines);
    const definitions = answer.definitions.slice(0, shown);
    const whole = { ...answer, complete: true, incomplete_reason: null, next_cursor: null };
    const isCut = text.isCut || !hasImports;
    const state = isCut ? cutShort(whole) : whole;
    const end = answerEnd(text, state, shown, "definition");
    const next = text.isCut
      ? nextStart(answer.definitions, shown, parameters.start_line)
      : answer.next_start_line;
    const goOn = next === null ? "" : ` Go on with start_line=${next}.`;
    const bounds = { truncated: isCut || next !== null, next_start_line: next };
    const imports = hasImports ? answer.imports : [];
    const structured = { ...state, imports, definitions, ...bounds };
    // Of a file without an outline nothing is counted.
    const said = answer.skip_reason === null ? end + goOn : text.toString();
    return { text: said, structured };
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
    ref: refParameter,
    direction: z.enum(["dependencies", "dependents"]).default("dependencies"),
    depth: z.int().min(1).max(DEPENDENCY_DEPTH_MAX).default(1),
    token_budget: tokenBudget,
  }),
  isReadOnly: true,
  async run(api, { token_budget: budget, direction, ...parameters }) {
    const answer = await api.get(`/${direction}`, parameters, dependenciesAnswer);
    const text = new BudgetedText(budget);
    text.addCut(`${commitLine(answer)}  ${answer.path}`, HEAD_SHARE);
    const shown = text.addAll(
      answer.edges.map(({ from, to, line, depth }) => {
        // The file that is asked for stands above, and need not be said again.
        const importing = from === answer.path ? `line ${line}` : `${from}:${line}`;
        return `${"  ".repeat(depth - 1)}${importing} imports ${to === answer.path ? "it" : to}`;
      }),
    );
    if (answer.external.length > 0) text.add(`from outside: ${answer.external.join(", ")}`);
    const external = text.isCut ? [] : answer.external;
    const lost = text.addAll(
      answer.unresolved.map(({ from, line, specifier }) =>
        `not found: ${specifier} in ${from}:${line}`
      ),
    );
    const [edges, unresolved] = [answer.edges.slice(0, shown), answer.unresolved.slice(0, lost)];
    const whole = { ...answer, edges, external, unresolved, next_cursor: null };
    const state = text.isCut ? cutShort(whole) : whole;
    return { text: answerEnd(text, state, shown, "import"), structured: state };
  },
});

/** The tools that read. */
export const fileTools: readonly Tool[] = [outlineFile, readFile, trackImports, listFiles];
