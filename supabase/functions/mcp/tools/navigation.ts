/**
 * Tools that follow code: a repository from afar, calls over several steps, what a change reaches.
 */
import { z } from "zod";
import { callsAnswer, impactAnswer, overviewAnswer } from "../../_shared/contracts/graph.ts";
import {
  CALL_DEPTH_MAX,
  DEPENDENCY_DEPTH_MAX,
  IMPACT_DEPTH_DEFAULT,
} from "../../_shared/contracts/limits.ts";
import { BudgetedText } from "../token_budget.ts";
import { defineTool, type Tool, toolParameters } from "../tool.ts";
import { addCalls } from "./call_lines.ts";
import { answerEnd, commitLine, cutShort, HEAD_SHARE, refParameter, tokenBudget } from "./shape.ts";

/** Definitions of the same name that are named besides the one that is followed. */
const OTHERS_MAX = 5;

const repository = z.string().describe("OWNER/NAME.");

const overviewRepository = defineTool({
  name: "overview_repository",
  title: "Overview of a repository",
  description:
    "Call this first in a repository you do not know: languages, largest folders, where programs begin, and the most used definitions and files.",
  parameters: toolParameters({ repository, ref: refParameter, token_budget: tokenBudget }),
  isReadOnly: true,
  async run(api, { token_budget: budget, ...parameters }) {
    const answer = await api.get("/overview", parameters, overviewAnswer);
    const text = new BudgetedText(budget);
    text.add(`${commitLine(answer)}  ${answer.files} files, ${answer.lines} lines`);
    const languages = answer.languages.filter(({ language }) => language !== "").slice(0, 8);
    text.add(languages.map(({ language, files }) => `${language} ${files}`).join(", "));
    const add = <Item>(items: readonly Item[], line: (item: Item) => string) =>
      items.slice(0, text.addAll(items.map(line)));
    const shown = {
      languages,
      folders: add(answer.folders, ({ path, files }) => `${path}/  ${files} files`),
      entry_points: add(
        answer.entry_points,
        ({ path, line, why }) => `entry  ${path}:${line}  ${why}`,
      ),
      most_referenced_symbols: add(
        answer.most_referenced_symbols,
        ({ name, kind, path, line, references }) =>
          `used ${references}x  ${kind} ${name}  ${path}:${line}`,
      ),
      most_imported_files: add(
        answer.most_imported_files,
        ({ path, imports }) => `imported ${imports}x  ${path}`,
      ),
    };
    const cut = text.isCut ? " The rest did not fit: raise token_budget." : "";
    const counted = `${answer.files_read} of ${answer.source_files} source files`;
    const basis = `Uses counted by name, whichever definition they mean, in ${counted}.${cut}`;
    return { text: `${text.toString()}\n${basis}`, structured: { ...answer, ...shown } };
  },
});

/** A route's handler has no caller, and is not unused. */
const HANDED_ON = "Handed on as a value (a handler, a callback) it is not called by name: " +
  "find_references with role=read shows where.";

const traceCalls = defineTool({
  name: "trace_calls",
  title: "Trace calls",
  description:
    "Who calls a function (callers) or what it calls (callees), over several steps: how code is reached, without reading files. Give the defining path to follow one of several definitions of the name.",
  parameters: toolParameters({
    repository,
    name: z.string().min(1)
      .describe(
        "As it is written; with its class, module or folder, Outer.inner, only what is in that.",
      ),
    path: z.string().optional().describe("The file that defines it."),
    direction: z.enum(["callers", "callees"]).default("callers"),
    depth: z.int().min(1).max(CALL_DEPTH_MAX).default(1),
    ref: refParameter,
    token_budget: tokenBudget,
  }),
  isReadOnly: true,
  async run(api, { token_budget: budget, direction, ...parameters }) {
    const answer = await api.get(`/${direction}`, parameters, callsAnswer);
    const text = new BudgetedText(budget);
    const { definitions: [meant, ...others], followed } = answer;
    const at = meant === undefined ? "" : `  ${meant.path}:${meant.line}  ${meant.signature}`;
    text.addCut(`${commitLine(answer)}${at}`, HEAD_SHARE);
    const addOthers = (some: readonly { path: string; line: number }[], what: string) => {
      const places = some.slice(0, OTHERS_MAX).map(({ path, line }) => `${path}:${line}`);
      if (some.length > 0) {
        text.add(`${some.length} more of this name, ${what}: ${places.join(", ")}`);
      }
    };
    addOthers(others.slice(0, followed - 1), "followed too");
    addOthers(others.slice(followed - 1), "not followed");
    const calls = addCalls(text, answer, direction);
    if (answer.outside.length > 0) text.add(`defined elsewhere: ${answer.outside.join(", ")}`);
    const outside = text.isCut ? [] : answer.outside;
    const definitions = answer.definitions.slice(0, 1 + OTHERS_MAX);
    const whole = { ...answer, definitions, calls, outside, next_cursor: null };
    const state = text.isCut ? cutShort(whole) : whole;
    const end = answerEnd(text, state, calls.length, "call");
    const isUncalled = direction === "callers" && answer.calls.length === 0;
    return { text: isUncalled ? `${end} ${HANDED_ON}` : end, structured: state };
  },
});

const impactOfChange = defineTool({
  name: "impact_of_change",
  title: "Impact of a change",
  description:
    "What a change of a file, or of one definition in it, can break: the tests to run and the files that reach it by imports, headers or its package, the nearest first, of these the tests.",
  parameters: toolParameters({
    repository,
    path: z.string().min(1).describe("The file that changes."),
    name: z.string().optional().describe("Only this definition of it changes."),
    depth: z.int().min(1).max(DEPENDENCY_DEPTH_MAX).default(IMPACT_DEPTH_DEFAULT),
    ref: refParameter,
    token_budget: tokenBudget,
  }),
  isReadOnly: true,
  async run(api, { token_budget: budget, ...parameters }) {
    const answer = await api.get("/impact", parameters, impactAnswer);
    const text = new BudgetedText(budget);
    const count = `${answer.files.length} files, ${answer.tests} of them tests`;
    text.addCut(`${commitLine(answer)}  ${answer.path}  ${count}`, HEAD_SHARE);
    // Tests that it reaches over others may be all there is room for.
    const files = answer.files.toSorted((one, other) => one.depth - other.depth);
    const shown = text.addAll(
      files.map(({ path, depth, via, line, in_test: inTest }) => {
        // What reaches the file itself need not name it again.
        const steps = depth === 1 ? "" : `  via ${via}, ${depth} away`;
        return `${inTest ? "test  " : ""}${path}:${line}${steps}`;
      }),
    );
    const whole = { ...answer, files: files.slice(0, shown), next_cursor: null };
    const state = text.isCut ? cutShort(whole) : whole;
    return { text: answerEnd(text, state, shown, "file"), structured: state };
  },
});

/** The tools that follow code. */
export const navigationTools: readonly Tool[] = [overviewRepository, traceCalls, impactOfChange];
