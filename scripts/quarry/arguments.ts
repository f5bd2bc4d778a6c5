// What the command line may be told. Knows words, not what they lead to.

import { parseArgs, type ParseArgsOptionsConfig } from "node:util";

/** What is to be done. */
export type Command =
  | { readonly kind: "repositories" }
  | { readonly kind: "register"; readonly repository: string; readonly watch: boolean }
  /** A job's id, or OWNER/NAME: its newest job. */
  | { readonly kind: "watch"; readonly what: string }
  | { readonly kind: "cancel"; readonly job: string }
  | {
    readonly kind: "search";
    readonly query: string;
    /** The query as one exact text. */
    readonly literal: boolean;
    readonly repository: string | null;
    readonly limit: number;
  }
  | {
    readonly kind: "symbols";
    readonly name: string;
    readonly repository: string | null;
    readonly limit: number;
  };

/** The command line, understood or not. */
export type CommandLine =
  | { readonly kind: "run"; readonly command: Command; readonly json: boolean }
  | { readonly kind: "help" }
  | { readonly kind: "mistake"; readonly message: string };

const LIMIT_DEFAULT = 30;
/** A search has pages, the names are those of one. */
export const LIMIT_MAX = { search: 10_000, symbols: 200 };

/** What --help prints. */
export const usage = `Usage: npm run quarry -- COMMAND [OPTIONS]

  repositories           what is registered, and at which commit it is indexed
  register OWNER/NAME    registers a repository and watches its first index
  watch JOB|OWNER/NAME   follows a job to its end
  cancel JOB             stops a job; what was indexed before stays searchable
  search QUERY           finds lines, by file, with the language of docs/query.md
  symbols NAME           finds definitions by NAME, part of it or misspelt, the likeliest first

  --repository R   only in OWNER/NAME (search, symbols)
  --literal        the query is one text as it is (search)
  --limit N        how many, ${LIMIT_DEFAULT} unless told; at most ${LIMIT_MAX.search} lines (search), ${LIMIT_MAX.symbols} names (symbols)
  --no-watch       do not wait for the index (register)
  --json           one JSON document instead of text
  --               what follows is no option: quarry search -- parse -test

The service is QUARRY_URL (…/functions/v1) with the key QUARRY_API_KEY; without them that of the
running npm run stack. A private repository is registered with the token in QUARRY_GIT_TOKEN.
NO_COLOR takes the colours away, FORCE_COLOR keeps them in a pipe.
Exit code: 0 done, 1 it failed, was refused or found nothing, 2 wrong usage.
`;

const optionTypes = {
  repository: { type: "string" },
  literal: { type: "boolean" },
  limit: { type: "string" },
  "no-watch": { type: "boolean" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const satisfies ParseArgsOptionsConfig;

type Options = ReturnType<typeof parseWords>["values"];

/** The options that each command takes besides --json and --help, and what its word is called. */
const commands = {
  repositories: { options: [], word: null },
  register: { options: ["no-watch"], word: "OWNER/NAME" },
  watch: { options: [], word: "a job or OWNER/NAME" },
  cancel: { options: [], word: "a job" },
  search: { options: ["repository", "literal", "limit"], word: "a query" },
  symbols: { options: ["repository", "limit"], word: "a name" },
} as const satisfies Record<
  Command["kind"],
  { options: readonly (keyof typeof optionTypes)[]; word: string | null }
>;

/** Ends the reading, with what is wrong. */
class Mistake extends Error {}

function parseWords(args: readonly string[]) {
  return parseArgs({ args: [...args], options: optionTypes, allowPositionals: true });
}

/** Reads the arguments after the script's name. */
export function parseArguments(args: readonly string[]): CommandLine {
  try {
    const { values, positionals } = parseWords(args);
    if (values.help === true) return { kind: "help" };
    const [name, ...words] = positionals;
    if (name === "help") return { kind: "help" };
    if (name === undefined) throw new Mistake("say what to do");
    if (!isCommandName(name)) throw new Mistake(`there is no command ${name}`);
    return {
      kind: "run",
      command: toCommand(name, oneWord(name, words, values), values),
      json: values.json === true,
    };
  } catch (error) {
    // parseArgs says of a word what is wrong with it, and then at length how to escape it.
    const message = error instanceof Error ? error.message.split(". ")[0] : null;
    const isOption = message?.startsWith("Unknown option") ?? false;
    const advice = isOption ? "; a query that begins with - follows after --" : "";
    return { kind: "mistake", message: `${message ?? String(error)}${advice}` };
  }
}

function isCommandName(name: string): name is Command["kind"] {
  return Object.hasOwn(commands, name);
}

/** The words of a command as one: a query need not be quoted for the shell's sake alone. */
function oneWord(name: Command["kind"], words: readonly string[], options: Options): string {
  const taken: { options: readonly string[]; word: string | null } = commands[name];
  for (const given of Object.keys(options)) {
    if (given === "json" || given === "help" || taken.options.includes(given)) continue;
    throw new Mistake(`${name} takes no --${given}`);
  }
  if (taken.word === null && words.length > 0) throw new Mistake(`${name} takes no ${words[0]}`);
  if (taken.word !== null && words.length === 0) throw new Mistake(`${name} takes ${taken.word}`);
  if (words.length > 1 && name !== "search") throw new Mistake(`${name} takes one word`);
  return words.join(" ");
}

function toCommand(name: Command["kind"], word: string, options: Options): Command {
  const limit = limitOf(options.limit, LIMIT_MAX[name === "symbols" ? name : "search"]);
  const scope = { repository: options.repository ?? null, limit };
  switch (name) {
    case "repositories":
      return { kind: name };
    case "register":
      return { kind: name, repository: word, watch: options["no-watch"] !== true };
    case "watch":
      return { kind: name, what: word };
    case "cancel":
      return { kind: name, job: word };
    case "search":
      return { kind: name, query: word, literal: options.literal === true, ...scope };
    case "symbols":
      return { kind: name, name: word, ...scope };
  }
}

function limitOf(given: string | undefined, limitMax: number): number {
  if (given === undefined) return LIMIT_DEFAULT;
  const limit = /^\d{1,5}$/.test(given) ? Number(given) : 0;
  if (limit < 1 || limit > limitMax) throw new Mistake(`--limit is 1 to ${limitMax}`);
  return limit;
}
