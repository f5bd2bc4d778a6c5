/**
 * Tools that find names: where they are defined, and where they are used.
 */
import { z } from "zod";
import {
  definitionsAnswer,
  type DefinitionsAtAnswer,
  definitionsAtAnswer,
  nameMatches,
  type RankedDefinition,
  referenceRoles,
  type ReferencesAnswer,
  referencesAnswer,
} from "../../_shared/contracts/navigation.ts";
import { ProblemError } from "../../_shared/runtime/problem.ts";
import { SYMBOL_KINDS } from "../../_shared/segment/symbol_kinds.ts";
import { qualifiedName } from "../../_shared/text/qualified_name.ts";
import { BudgetedText, linesWithin } from "../token_budget.ts";
import { type ApiCaller, type CallParameters } from "../api_caller.ts";
import { defineTool, type Tool, type ToolAnswer, toolParameters } from "../tool.ts";
import { addByFile, cutLine } from "./by_file.ts";
import {
  answerEnd,
  cursorParameter,
  cutShort,
  HEAD_SHARE,
  pageThatFits,
  refParameter,
  repositoryParameter,
  tokenBudget,
} from "./shape.ts";

/** The likeliest definitions are enough to choose from. */
const DEFINITIONS_MAX = 20;
/** Of those that a name which may be a local hardly means, and of those that a definition shares its name with. */
const UNLIKELY_DEFINITIONS_MAX = 3;
/** Names that are like the one asked for, in one line. */
const SIMILAR_NAMES_MAX = 8;
/** Files that an import may mean, in one line. */
const IMPORTED_PATHS_MAX = 3;
/** Of the budget, for each list of files beside the references. */
const FILES_BESIDE_SHARE = 0.15;
/** References of a page. */
const REFERENCES_MAX = 50;

function definitionLine(
  { line, kind, signature, container, match }: RankedDefinition,
): string {
  const inside = container === null ? "" : `  in ${container}`;
  const note = match === "exact" ? "" : `  (${match} match)`;
  return `${line}: ${kind}  ${cutLine(signature)}${inside}${note}`;
}

/** Where a name is from that an import brings: it may be a file as a whole, or from outside. */
function importLine({ line, specifier, paths }: NonNullable<DefinitionsAtAnswer["imported"]>) {
  const more = paths.length - IMPORTED_PATHS_MAX;
  const files = paths.length === 0
    ? "no file of the repository"
    : paths.slice(0, IMPORTED_PATHS_MAX).join(", ") + (more > 0 ? `, ${more} more` : "");
  return `Imported in line ${line} from "${specifier}", which leads to ${files}.`;
}

/** Of a package that each of its files declares, one declaration for each folder. */
function withoutRepeats(definitions: readonly RankedDefinition[]): RankedDefinition[] {
  const told = new Set<string>();
  return definitions.filter(({ kind, name, repository, path }) => {
    if (!/^(?:namespace|package)$/.test(kind)) return true;
    const key = [repository, path.replace(/[^/]*$/, ""), name].join("\n");
    const isNew = !told.has(key);
    told.add(key);
    return isNew;
  });
}

/** What the name under a position is, and its definitions, the nearest first. */
async function showPosition(
  api: ApiCaller,
  position: CallParameters,
  text: BudgetedText,
): Promise<ToolAnswer> {
  const asked = { ...position, limit: DEFINITIONS_MAX };
  const answer = await api.get("/definitions/at", asked, definitionsAtAnswer);
  const { path, line, name, role, enclosing } = answer;
  const what = name ?? (role === null ? "no name" : `a ${role} of the language`);
  const does = name === null || role === null ? "" : `  ${role}`;
  const inside = enclosing === null ? "" : `  in ${enclosing}`;
  text.addCut(`At ${path}:${line}: ${what}${does}${inside}`, HEAD_SHARE);
  if (answer.may_be_local) {
    text.add(
      "It may be a name of a function alone, which has no definition in the index: read_file shows it.",
    );
  }
  if (answer.imported !== null && answer.definitions.length === 0) {
    text.addCut(importLine(answer.imported), HEAD_SHARE);
  }
  const distinct = withoutRepeats(answer.definitions);
  const likely = answer.may_be_local || role === "definition"
    ? distinct.slice(0, UNLIKELY_DEFINITIONS_MAX)
    : distinct;
  const more = likely.length < distinct.length
    ? { complete: false, incomplete_reason: "more_results" }
    : {};
  const definitions = addByFile(text, likely, definitionLine);
  const repeats = answer.definitions.length - distinct.length;
  if (repeats > 0) {
    text.add(`${repeats} more ${repeats === 1 ? "file declares" : "files declare"} the same.`);
  }
  const whole = { ...answer, ...more, definitions, next_cursor: null };
  const state = text.isCut ? cutShort(whole) : whole;
  return { text: answerEnd(text, state, definitions.length, "definition"), structured: state };
}

const findDefinitions = defineTool({
  name: "find_definitions",
  title: "Find definitions",
  description:
    "Where a function, class, type, method or constant of a name is defined, with its signature, the likeliest first. Takes parts of names, initials (gUN for getUserName) and misspellings too. Faster and surer than searching for the text. By position, with repository, path and line (and column) in place of name: what the name there is, through its import to the definition.",
  parameters: toolParameters({
    name: z.string().min(1).optional().describe(
      "With its class, module or folder if need be: Outer.inner.",
    ),
    match: z.enum([...nameMatches, "auto"]).default("auto")
      .describe("auto tries all, best first; exact when you know the whole name."),
    kind: z.enum(SYMBOL_KINDS).optional().describe("Only definitions of this kind."),
    path: z.string().optional()
      .describe("Only where paths begin with this; with line the file of the position."),
    line: z.int().min(1).optional(),
    column: z.int().min(1).optional().describe("In UTF-16 units; the line's first name if absent."),
    repository: repositoryParameter,
    ref: refParameter,
    token_budget: tokenBudget,
  }),
  isReadOnly: true,
  async run(api, { token_budget: budget, line, column, ...parameters }) {
    const text = new BudgetedText(budget);
    if (line !== undefined || column !== undefined) {
      const { name, match: _, kind, ...tree } = parameters;
      if (name !== undefined || kind !== undefined) {
        const given = name === undefined ? "kind" : "name";
        throw new ProblemError("invalid_parameter", `${given}: goes with no line and column.`);
      }
      return await showPosition(api, { ...tree, line, column }, text);
    }
    const answer = await api.get(
      "/definitions",
      { ...parameters, limit: DEFINITIONS_MAX },
      definitionsAnswer,
    );
    const exact = answer.definitions.filter(({ match }) => match === "exact");
    // Whoever knows the name is not shown whatever else is like it, but for the names.
    const shown = exact.length > 0 ? exact : answer.definitions;
    if (answer.inherited) {
      const { owner } = qualifiedName(parameters.name ?? "") ?? { owner: "What is before it" };
      text.add(`${owner} has none itself, and inherits:`);
    }
    const definitions = addByFile(text, shown, definitionLine);
    const similar = new Set(
      answer.definitions.filter((each) => !shown.includes(each))
        .map(({ name }) => name),
    );
    if (similar.size > 0) {
      text.add(`Names like it: ${[...similar].slice(0, SIMILAR_NAMES_MAX).join(", ")}`);
    }
    const whole = { ...answer, definitions, next_cursor: null };
    const state = text.isCut ? cutShort(whole) : whole;
    // What is like a name with its owner is mostly prose that speaks of it.
    const isOwned = exact.length === 0 && qualifiedName(parameters.name ?? "") !== null;
    if (shown.length === 0 || isOwned) text.add(adviceFor(parameters));
    const end = answerEnd(text, state, definitions.length, "definition");
    return { text: end, structured: state };
  },
});

/** What to try when there is no definition. */
function adviceFor(
  { name = "", match }: { readonly name?: string | undefined; readonly match: string },
): string {
  const last = qualifiedName(name)?.last;
  if (last !== undefined) {
    return `Nothing of that name was found in what stands before it: try ${last}.`;
  }
  // auto has tried these already.
  const others = match === "auto" ? "" : "match=auto, ";
  return `Try ${others}a shorter name, or search_code for the text: names that a function has for itself are not indexed.`;
}

/** The files that an answer names beside its references: they take their share before these take the rest. */
function addFilesBeside(text: BudgetedText, answer: ReferencesAnswer) {
  const list = (heading: string, files: readonly string[]) =>
    files.length === 0 ? 0 : text.addLast(heading, files, FILES_BESIDE_SHARE);
  const unread = answer.unread_files.map(({ path, reason }) => `${path} (${reason})`);
  // What could not be read is told as that, not as having mere mentions.
  const unreadPaths = new Set(answer.unread_files.map(({ path }) => path));
  const mentioning = answer.other_files.filter((path) => !unreadPaths.has(path));
  const others = list("Only mentioned in", mentioning);
  const renaming = list(
    "Exported under another name (ask with defined_in) by",
    answer.renaming_files,
  );
  const beside = {
    other_files: mentioning.slice(0, others),
    renaming_files: answer.renaming_files.slice(0, renaming),
    unread_files: answer.unread_files.slice(0, list("Not read for references", unread)),
  };
  const isWhole = others === mentioning.length &&
    renaming === answer.renaming_files.length && beside.unread_files.length === unread.length;
  if (isWhole || !answer.complete) return beside;
  return { ...beside, complete: false, incomplete_reason: "token_budget" as const };
}

function showReferences(answer: ReferencesAnswer, budget: number) {
  const text = new BudgetedText(budget, answer.next_cursor);
  if (answer.defined_there === false) {
    text.add(
      "defined_in does not define this name: it passes another file's on, or a function there has it for itself.",
    );
  }
  const beside = addFilesBeside(text, answer);
  const references = addByFile(
    text,
    answer.references,
    ({ line, role, enclosing, text: source }) => {
      const inside = enclosing === null ? "" : `  in ${enclosing}`;
      return `${line}: ${role}${inside}  ${cutLine(source)}`;
    },
  ).map((each) => ({ ...each, text: cutLine(each.text) }));
  return { text, shown: references.length, answer: { ...answer, references, ...beside } };
}

const findReferences = defineTool({
  name: "find_references",
  title: "Find references",
  description:
    "Where a name is used: calls, types, imports, with the function around each use. Comments, strings and names that a function has for itself do not count; files that only mention the word are listed by path. Uses by the name that an import gives it (`as`) count too. With defined_in the files that import that definition come first, members of other things (flag.Parse of another Parse) are left out, and default imports under any name are found.",
  parameters: toolParameters({
    name: z.string().min(1).describe("As it is written, without its module or class."),
    role: z.enum(referenceRoles).optional(),
    path: z.string().optional().describe("Only where paths begin with this."),
    defined_in: z.string().optional().describe("The file of the definition you mean."),
    repository: repositoryParameter,
    ref: refParameter,
    token_budget: tokenBudget,
    cursor: cursorParameter,
  }),
  isReadOnly: true,
  async run(api, { token_budget: budget, ...parameters }) {
    const page = await pageThatFits(
      Math.min(REFERENCES_MAX, linesWithin(budget)),
      (limit) => api.get("/references", { ...parameters, limit }, referencesAnswer),
      (answer) => showReferences(answer, budget),
    );
    const end = answerEnd(page.text, page.answer, page.shown, "reference");
    return { text: end, structured: page.answer };
  },
});

/** The tools that find names. */
export const nameTools: readonly Tool[] = [findDefinitions, findReferences];
