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
  | { readonly kind: "failures"; readonly scope: Scope }
  | { readonly kind: "queue"; readonly tenant: string | null }
  | { readonly kind: "machines"; readonly withGone: boolean }
  | { readonly kind: "cancel"; readonly jobs: readonly string[] }
  | { readonly kind: "redrive"; readonly jobs: readonly string[] }
  | { readonly kind: "redrive-all"; readonly scope: Scope }
  | { readonly kind: "drain"; readonly reason: string | null; readonly wait: boolean }
  | { readonly kind: "resume" }
  | { readonly kind: "sweep" };

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
  failures               failed jobs that nobody has asked for again, by code
  machines               machines that live or have left something at Fly

  cancel JOB...          cancels waiting jobs, asks running ones to stop
  redrive JOB...         queues failed jobs anew, with fresh attempts
  redrive --all-failed   the same for all that failures counts
  drain                  no claims and no launches: workers finish what they run and leave
  resume                 ends the drain
  sweep                  what cron does every 10 s, now

  --tenant T       a tenant's name or id (queue, jobs, failures, redrive --all-failed)
  --repository R   OWNER/NAME or id (jobs, failures, redrive --all-failed)
  --code C         the code of a job's last error (jobs, redrive --all-failed)
  --state S        ${jobStates.join(", ")}; may be repeated (jobs)
  --limit N        how many, ${JOBS_DEFAULT} unless told and ${JOBS_MAX} at most (jobs)
  --all            also those that are over (machines)
  --reason TEXT    what whoever looks is told (drain)
  --wait           until nothing runs and no machine lives (drain)
  --json           one JSON document instead of text

A job is named by its id or by the first digits of it. The database is that of SUPABASE_DB_URL or
DATABASE_URL, as the owner of the schema; without either that of the running npm run stack.
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
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const satisfies ParseArgsOptionsConfig;

type OptionName = keyof typeof optionTypes;
type Options = ReturnType<typeof parseWords>["values"];

/** The options that a command takes besides --json and --help, and how many jobs it names. */
const commands = {
  status: { options: [], jobs: "none" },
  queue: { options: ["tenant"], jobs: "none" },
  jobs: { options: ["tenant", "repository", "code", "state", "limit"], jobs: "none" },
  job: { options: [], jobs: "one" },
  failures: { options: ["tenant", "repository"], jobs: "none" },
  machines: { options: ["all"], jobs: "none" },
  cancel: { options: [], jobs: "some" },
  redrive: { options: ["all-failed", "tenant", "repository", "code"], jobs: "some" },
  drain: { options: ["reason", "wait"], jobs: "none" },
  resume: { options: [], jobs: "none" },
  sweep: { options: [], jobs: "none" },
} as const satisfies Record<
  string,
  { options: readonly OptionName[]; jobs: "none" | "one" | "some" }
>;
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

function readCommand(name: string, jobs: readonly string[], options: Options): Command {
  if (!isCommandName(name)) throw new Mistake(`there is no command ${name}`);
  const taken: { options: readonly string[]; jobs: string } = commands[name];
  for (const given of Object.keys(options)) {
    if (given === "json" || given === "help" || taken.options.includes(given)) continue;
    throw new Mistake(`${name} takes no --${given}`);
  }
  if (Object.values(options).some((value) => value === "")) throw new Mistake("an option is empty");
  if (taken.jobs === "none" && jobs.length > 0) throw new Mistake(`${name} takes no ${jobs[0]}`);
  if (taken.jobs === "one" && jobs.length !== 1) throw new Mistake(`${name} takes one job`);
  return toCommand(name, jobs, options);
}

function toCommand(name: CommandName, jobs: readonly string[], options: Options): Command {
  switch (name) {
    case "jobs":
      return {
        kind: "jobs",
        scope: scopeOf(options),
        states: (options.state ?? []).map(stateOf),
        limit: limitOf(options.limit),
      };
    case "job":
      return { kind: "job", job: jobs[0] ?? "" };
    case "failures":
      return { kind: "failures", scope: scopeOf(options) };
    case "queue":
      return { kind: "queue", tenant: options.tenant ?? null };
    case "machines":
      return { kind: "machines", withGone: options.all === true };
    case "cancel":
      if (jobs.length === 0) throw new Mistake("cancel takes at least one job");
      return { kind: "cancel", jobs };
    case "redrive":
      return toRedrive(jobs, options);
    case "drain":
      return { kind: "drain", reason: options.reason ?? null, wait: options.wait === true };
    case "status":
    case "resume":
    case "sweep":
      return { kind: name };
  }
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
