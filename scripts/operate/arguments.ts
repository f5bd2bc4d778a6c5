// What the operator's command may be told. Knows words, not what they lead to.

import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { type JobState, jobStates } from "../../supabase/functions/_shared/contracts/job.ts";

const JOBS_DEFAULT = 50;
const JOBS_MAX = 10_000;

/** What narrows a list; null where it is not narrowed. */
export interface Scope {
  readonly tenant: string | null;
  readonly repository: string | null;
  /** Of a job's last error. */
  readonly code: string | null;
}

/** What is to be done. */
export type Command =
  | { readonly kind: "status" }
  | {
    readonly kind: "jobs";
    readonly scope: Scope;
    readonly states: readonly JobState[];
    readonly limit: number;
  }
  | { readonly kind: "job"; readonly job: string }
  | { readonly kind: "repository"; readonly repository: string }
  | { readonly kind: "failures"; readonly scope: Scope }
  | { readonly kind: "queue"; readonly tenant: string | null }
  | { readonly kind: "machines"; readonly withGone: boolean }
  | { readonly kind: "cancel"; readonly jobs: readonly string[] }
  | { readonly kind: "redrive"; readonly jobs: readonly string[] }
  | { readonly kind: "redrive-all"; readonly scope: Scope }
  | { readonly kind: "index"; readonly scope: Scope }
  | { readonly kind: "drain"; readonly reason: string | null; readonly wait: boolean }
  | { readonly kind: "resume" }
  | { readonly kind: "sweep" }
  | { readonly kind: "keys"; readonly tenant: string | null }
  | { readonly kind: "revoke"; readonly key: string }
  | { readonly kind: "create-key"; readonly tenant: string; readonly name: string }
  | { readonly kind: "plan"; readonly tenant: string; readonly plan: string }
  | { readonly kind: "delete-tenant"; readonly tenant: string };

/** The command line, understood or not. */
export type CommandLine =
  | { readonly kind: "run"; readonly command: Command; readonly json: boolean }
  | { readonly kind: "help" }
  | { readonly kind: "mistake"; readonly message: string };

/** What --help prints. */
export const usage = `Usage: npm run operate -- COMMAND [OPTIONS]

  status                 whether it works, and the figures of queue, fleet and sweep
  queue                  what waits, runs and has failed, by tenant
  jobs                   jobs of all tenants, newest first
  job JOB                one job with its history, the operator's detail included
  repository R           its webhook, its refs, and what became of its last deliveries
  failures               failed jobs that nobody has asked for again, by code
  machines               machines that live or have left something at Fly

  cancel JOB...          cancels waiting jobs, asks running ones to stop
  redrive JOB...         queues failed jobs anew, with fresh attempts
  redrive --all-failed   the same for all that failures counts
  index                  asks the host what each ref is at, of --all, --tenant T or --repository R
  drain                  no claims and no launches: workers finish what they run and leave
  resume                 ends the drain
  sweep                  what cron does every 10 s, now

  keys                   API keys of all tenants: when each was used, and whether it works
  revoke KEY             the key stops working with the next request
  create-key             makes a key for --tenant T with --name N and shows it, once
  plan TENANT PLAN       gives a tenant another plan
  delete-tenant TENANT   revokes its keys and deletes its repositories; wants --yes

  --tenant T       a tenant's name or id (queue, jobs, failures, redrive --all-failed, index, keys)
  --repository R   OWNER/NAME or id (jobs, failures, redrive --all-failed, index)
  --code C         the code of a job's last error (jobs, redrive --all-failed)
  --state S        ${jobStates.join(", ")}; may be repeated (jobs)
  --limit N        how many, ${JOBS_DEFAULT} unless told and ${JOBS_MAX} at most (jobs)
  --all            also those that are over (machines); all repositories (index)
  --reason TEXT    what whoever looks is told (drain)
  --wait           until nothing runs and no machine lives (drain)
  --name N         what a key is for (create-key)
  --yes            all of it is to be deleted, for good (delete-tenant)
  --json           one JSON document instead of text

A job is named by its id or by the last digits of it, a key also by its name or by itself. The
database is that of SUPABASE_DB_URL or DATABASE_URL, as the owner of the schema; without either that
of the running npm run stack.
Exit code: 0 done, 1 it failed or was refused (status: unavailable), 2 wrong usage.
`;

const optionTypes = {
  tenant: { type: "string" },
  repository: { type: "string" },
  code: { type: "string" },
  state: { type: "string", multiple: true },
  limit: { type: "string" },
  all: { type: "boolean" },
  "all-failed": { type: "boolean" },
  reason: { type: "string" },
  wait: { type: "boolean" },
  name: { type: "string" },
  yes: { type: "boolean" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const satisfies ParseArgsOptionsConfig;

type OptionName = keyof typeof optionTypes;
type Options = ReturnType<typeof parseWords>["values"];

/** What a command takes. */
interface Taken {
  /** Besides --json and --help. */
  readonly options: readonly OptionName[];
  /** What it names, one each; null: jobs, as many as there are. */
  readonly words: readonly string[] | null;
}

const commands = {
  status: { options: [], words: [] },
  queue: { options: ["tenant"], words: [] },
  jobs: { options: ["tenant", "repository", "code", "state", "limit"], words: [] },
  job: { options: [], words: ["job"] },
  repository: { options: [], words: ["repository"] },
  failures: { options: ["tenant", "repository"], words: [] },
  machines: { options: ["all"], words: [] },
  cancel: { options: [], words: null },
  redrive: { options: ["all-failed", "tenant", "repository", "code"], words: null },
  index: { options: ["all", "tenant", "repository"], words: [] },
  drain: { options: ["reason", "wait"], words: [] },
  resume: { options: [], words: [] },
  sweep: { options: [], words: [] },
  keys: { options: ["tenant"], words: [] },
  revoke: { options: [], words: ["key"] },
  "create-key": { options: ["tenant", "name"], words: [] },
  plan: { options: [], words: ["tenant", "plan"] },
  "delete-tenant": { options: ["yes"], words: ["tenant"] },
} as const satisfies Record<string, Taken>;
type CommandName = keyof typeof commands;

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
    if (name === undefined) throw new Mistake("say what to do");
    const command = readCommand(name, words, values);
    return { kind: "run", command, json: values.json === true };
  } catch (error) {
    if (error instanceof Mistake) return { kind: "mistake", message: error.message };
    // parseArgs says of a word what is wrong with it, and then how to escape it: the first will do.
    const message = error instanceof Error ? error.message.split(". ")[0] : null;
    return { kind: "mistake", message: message ?? String(error) };
  }
}

function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(commands, name);
}

function isOptionOf({ options }: Taken, given: string): boolean {
  return given === "json" || given === "help" || options.some((option) => option === given);
}

function readCommand(name: string, words: readonly string[], options: Options): Command {
  if (!isCommandName(name)) throw new Mistake(`there is no command ${name}`);
  const taken: Taken = commands[name];
  for (const given of Object.keys(options)) {
    if (!isOptionOf(taken, given)) throw new Mistake(`${name} takes no --${given}`);
  }
  if (Object.values(options).some((value) => value === "")) throw new Mistake("an option is empty");
  if (taken.words?.length === 0 && words.length > 0) {
    throw new Mistake(`${name} takes no ${words[0]}`);
  }
  if (taken.words !== null && words.length !== taken.words.length) {
    throw new Mistake(`${name} takes one ${taken.words.join(" and one ")}`);
  }
  return toCommand(name, words, options);
}

function toCommand(name: CommandName, words: readonly string[], options: Options): Command {
  // As many as the command takes: readCommand has counted them.
  const [first = "", second = ""] = words;
  switch (name) {
    case "jobs":
      return {
        kind: "jobs",
        scope: scopeOf(options),
        states: (options.state ?? []).map(stateOf),
        limit: limitOf(options.limit),
      };
    case "job":
      return { kind: "job", job: first };
    case "repository":
      return { kind: "repository", repository: first };
    case "failures":
      return { kind: "failures", scope: scopeOf(options) };
    case "queue":
      return { kind: "queue", tenant: options.tenant ?? null };
    case "machines":
      return { kind: "machines", withGone: options.all === true };
    case "cancel":
      if (words.length === 0) throw new Mistake("cancel takes at least one job");
      return { kind: "cancel", jobs: words };
    case "redrive":
      return toRedrive(words, options);
    case "index":
      return toIndex(options);
    case "drain":
      return { kind: "drain", reason: options.reason ?? null, wait: options.wait === true };
    case "keys":
      return { kind: "keys", tenant: options.tenant ?? null };
    case "revoke":
      return { kind: "revoke", key: first };
    case "create-key":
      return toCreateKey(options);
    case "plan":
      return { kind: "plan", tenant: first, plan: second };
    case "delete-tenant":
      if (options.yes !== true) {
        throw new Mistake("delete-tenant deletes all that a tenant has indexed: --yes if it is to");
      }
      return { kind: "delete-tenant", tenant: first };
    case "status":
    case "resume":
    case "sweep":
      return { kind: name };
  }
}

function toCreateKey({ tenant, name }: Options): Command {
  if (tenant === undefined || name === undefined) {
    throw new Mistake("create-key takes --tenant and --name");
  }
  return { kind: "create-key", tenant, name };
}

function toRedrive(jobs: readonly string[], options: Options): Command {
  const scope = scopeOf(options);
  if (options["all-failed"] === true) {
    if (jobs.length > 0) throw new Mistake("redrive takes jobs or --all-failed, not both");
    return { kind: "redrive-all", scope };
  }
  if (Object.values(scope).some((value) => value !== null)) {
    throw new Mistake("--tenant, --repository and --code narrow redrive --all-failed");
  }
  if (jobs.length === 0) throw new Mistake("redrive takes at least one job, or --all-failed");
  return { kind: "redrive", jobs };
}

/** Of everything only where that is said: it asks the host once for every ref. */
function toIndex(options: Options): Command {
  const isNarrowed = options.tenant !== undefined || options.repository !== undefined;
  if (isNarrowed === (options.all === true)) {
    throw new Mistake("index takes --tenant and --repository, or --all");
  }
  return { kind: "index", scope: scopeOf(options) };
}

function scopeOf({ tenant, repository, code }: Options): Scope {
  return { tenant: tenant ?? null, repository: repository ?? null, code: code ?? null };
}

function stateOf(given: string): JobState {
  const state = jobStates.find((each) => each === given);
  if (state === undefined) throw new Mistake(`no job is ever ${given}: ${jobStates.join(", ")}`);
  return state;
}

function limitOf(given: string | undefined): number {
  if (given === undefined) return JOBS_DEFAULT;
  const limit = /^\d+$/.test(given) ? Number(given) : 0;
  if (limit < 1 || limit > JOBS_MAX) {
    throw new Mistake(`--limit is a number from 1 to ${JOBS_MAX}`);
  }
  return limit;
}
