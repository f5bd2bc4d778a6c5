// Five questions about a repository that somebody else wrote (the sources of zod, in the version that
// the lock pins), each with its answer, the calls by which an agent gets it from Quarry, and the words
// it would grep for without it. A script in place of a model: what is measured is what the tools say.

/** Calls a tool and answers its text. */
export type CallTool = (name: string, parameters: Record<string, unknown>) => Promise<string>;

/** A question, and how its answer is found. */
export interface Question {
  readonly text: string;
  readonly answer: string;
  readonly ask: (call: CallTool, repository: string) => Promise<string>;
  /** Whoever greps reads the files that have one of these. */
  readonly words: readonly string[];
}

/** What a pattern captures first in an answer; empty when it does not match. */
function first(text: string, pattern: RegExp): string {
  return pattern.exec(text)?.[1] ?? "";
}

function all(text: string, pattern: RegExp): string[] {
  return [...new Set(Array.from(text.matchAll(pattern), ([, found = ""]) => found))].toSorted();
}

export const questions: readonly Question[] = [
  {
    text: "How does asynchronous safe parsing tell a schema that it may return promises?",
    answer: "async: true",
    words: ["_safeParseAsync"],
    async ask(call, repository) {
      const found = await call("find_definitions", { name: "_safeParseAsync", repository });
      const path = first(found, /(\S*v4\/core\/parse\.ts)/);
      const line = Number(first(found.slice(found.indexOf(path)), /\n(\d+): /));
      const range = { start_line: line, end_line: line + 6 };
      const body = await call("read_file", { repository, path, ...range });
      return first(body, /\{ (async: true) \}/);
    },
  },
  {
    text: "Which functions of the core turn raw issues into final ones?",
    answer: "$ZodRecord _parse _parseAsync failure handleCatchResult handleExclusiveUnionResults " +
      "handleMapResult handleUnionResults toStandardResult",
    words: ["finalizeIssue"],
    async ask(call, repository) {
      const parameters = { name: "finalizeIssue", repository, token_budget: 3_000 };
      const found = await call("find_references", parameters);
      return all(found, /call {2}in (\S+)/g).join(" ");
    },
  },
  {
    text: "What is thrown when a synchronous parse meets a promise?",
    answer: "$ZodAsyncError",
    words: ["Encountered Promise"],
    async ask(call, repository) {
      const query = '"Encountered Promise during synchronous parse"';
      const found = await call("search_code", { query, repository });
      const line = Number(first(found, /core\/core\.ts\n(\d+): /));
      const path = "src/v4/core/core.ts";
      const outline = await call("outline_file", { repository, path });
      const classes = Array.from(
        outline.matchAll(/(\d+)-(\d+) class {2}export class (\S+)/g),
        ([, start, end, name]) => ({ start: Number(start), end: Number(end), name: name ?? "" }),
      );
      return classes.find(({ start, end }) => start <= line && line <= end)?.name ?? "";
    },
  },
  {
    text: "Which files would notice first if the generated-code writer, core/doc.ts, changed?",
    answer: "src/v4/core/compile.ts src/v4/core/index.ts src/v4/core/schemas.ts",
    words: ["doc.js", "Doc("],
    async ask(call, repository) {
      const parameters = { path: "src/v4/core/doc.ts", direction: "dependents", repository };
      const found = await call("track_imports", parameters);
      return all(found, /^(\S+):\d+ imports it$/gm).join(" ");
    },
  },
  {
    text: "What can be done with a registry of schemas?",
    answer: "add clear get has remove",
    words: ["$ZodRegistry"],
    async ask(call, repository) {
      const path = "src/v4/core/registries.ts";
      const outline = await call("outline_file", { repository, path });
      return all(outline, /\d+-\d+ method {2}(\w+)/g).join(" ");
    },
  },
];
