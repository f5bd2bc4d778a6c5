// What the commands do: ask the API and show the answer. Knows neither the command line's words nor
// where the service is.

import type { Job } from "../../supabase/functions/_shared/contracts/job.ts";
import type { Repository } from "../../supabase/functions/_shared/contracts/repository.ts";
import type {
  SearchAnswer,
  SearchFile,
} from "../../supabase/functions/_shared/contracts/search.ts";
import type { QuarryClient } from "../client/quarry_client.ts";
import { formatDuration, plural, shortOid } from "../demo/figures.ts";
import { followJob, type Pace } from "../demo/follow_job.ts";
import { fileLines, symbolLines } from "../demo/result_lines.ts";
import type { Screen } from "../demo/screen.ts";
import { type Span, span } from "../demo/spans.ts";
import { printable } from "../demo/text_width.ts";
import { type Command, LIMIT_MAX } from "./arguments.ts";

/**
 * A job may wait for others of its tenant, or for an hour where its host says so; and a key of the free plan has
 * 1,200 requests a minute for all that is done with it.
 */
const SHARED_SERVICE: Pace = { pollMilliseconds: 500, waitingMillisecondsMax: Infinity };

/** What a command works with. */
export interface CommandTools {
  readonly api: QuarryClient;
  readonly screen: Screen;
  readonly signal: AbortSignal;
  /** For a private repository. */
  readonly gitToken: string | null;
}

/** What came of it: the answer for --json, and whether it was what was asked for. */
export interface Done {
  readonly data: unknown;
  readonly isFailure: boolean;
}

/** Runs a command and shows what it answers. */
export async function runCommand(command: Command, tools: CommandTools): Promise<Done> {
  switch (command.kind) {
    case "repositories":
      return await listRepositories(tools);
    case "register":
      return await register(command, tools);
    case "watch":
      return await watch(await jobOf(command.what, tools), tools);
    case "cancel": {
      const job = await tools.api.cancel(command.job);
      showJob(job, tools);
      return { data: job, isFailure: false };
    }
    case "search":
      return await search(command, tools);
    case "symbols":
      return await symbols(command, tools);
  }
}

async function listRepositories({ api, screen }: CommandTools): Promise<Done> {
  const page = await api.repositories();
  for (const repository of page.items) showRepository(repository, screen);
  if (page.items.length === 0) screen.row(["none yet; quarry register OWNER/NAME adds one"]);
  return { data: page, isFailure: false };
}

function showRepository({ full_name, state, indexed }: Repository, screen: Screen): void {
  screen.row([span("title", full_name)], [span(state === "ready" ? "faint" : "match", state)]);
  for (const { ref, commit_oid, files, features } of indexed) {
    const commit = commit_oid === null ? "no commit" : shortOid(commit_oid);
    screen.row([span("faint", `  ${printable(ref)} @ ${commit}  ${features.join(", ")}`)], [
      span("faint", plural(files, "file")),
    ]);
  }
}

async function register(
  { repository: name, watch: isWatched }: Extract<Command, { kind: "register" }>,
  tools: CommandTools,
): Promise<Done> {
  const { body } = await tools.api.register(name, tools.gitToken ?? undefined);
  showRepository(body.repository, tools.screen);
  if (!isWatched) {
    showJob(body.job, tools);
    return { data: body, isFailure: false };
  }
  return await watch(body.job.id, tools);
}

/** A job's id, or that of a repository's newest job. */
async function jobOf(what: string, { api }: CommandTools): Promise<string> {
  if (!what.includes("/")) return what;
  const { items } = await api.repositories();
  const repository = items.find(({ full_name }) => full_name.toLowerCase() === what.toLowerCase());
  if (repository === undefined) {
    throw new Error(`${what} is not registered; quarry register ${what} does it`);
  }
  const [job] = await api.jobs(repository.id);
  if (job === undefined) throw new Error(`${what} has no job`);
  return job.id;
}

async function watch(jobId: string, tools: CommandTools): Promise<Done> {
  const job = await followJob(tools, jobId, SHARED_SERVICE);
  showJob(job, tools);
  return { data: job, isFailure: false };
}

function showJob(
  { id, state, outcome, commit_oid, started_at, finished_at }: Job,
  { screen }: CommandTools,
) {
  const commit = commit_oid === null ? "" : ` @ ${shortOid(commit_oid)}`;
  const took = started_at === null || finished_at === null
    ? ""
    : formatDuration(Date.parse(finished_at) - Date.parse(started_at));
  screen.row([`${outcome ?? state}${commit}  `, span("faint", `job ${id}`)], [span("faint", took)]);
}

async function search(
  { query, literal, repository, limit }: Extract<Command, { kind: "search" }>,
  { api, screen }: CommandTools,
): Promise<Done> {
  const mode = literal ? "literal" : "query";
  const all: SearchFile[] = [];
  let last: SearchAnswer | null = null;
  let milliseconds = 0;
  for await (const page of api.searchFiles(query, { mode, repository, limit })) {
    const { files = [] } = page.body;
    for (const file of files) {
      const before = all.at(-1);
      // A page may end within a file.
      if (before !== undefined && isSameFile(file, before)) {
        all.splice(-1, 1, { ...before, matches: [...before.matches, ...file.matches] });
      } else {
        screen.row(...heading(file));
        all.push(file);
      }
      for (const line of fileLines(file.matches, screen.textColumns)) screen.row(line);
    }
    last = page.body;
    milliseconds += page.milliseconds;
  }
  const lines = all.reduce((sum, { matches }) => sum + matches.length, 0);
  const remedy = limit < LIMIT_MAX.search ? "--limit" : "a narrower query has fewer";
  if (last !== null) showEnd(lines, "line", { ...last, remedy }, milliseconds, screen);
  return { data: { ...last, files: all }, isFailure: lines === 0 };
}

/** A file, and of which ref and commit it is shown. */
function heading({ repository, path, ref, commit_oid }: SearchFile): [Span[], Span[]] {
  const name = ref.replace(/^refs\/(heads|tags)\//, "");
  return [
    [span("title", printable(`${repository} ${path}`))],
    [span("faint", printable(`${name} @ ${shortOid(commit_oid)}`))],
  ];
}

function isSameFile(one: SearchFile, other: SearchFile): boolean {
  return one.repository === other.repository && one.ref === other.ref && one.path === other.path;
}

async function symbols(
  { name, repository, limit }: Extract<Command, { kind: "symbols" }>,
  { api, screen }: CommandTools,
): Promise<Done> {
  const { body, milliseconds } = await api.definitions(name, repository, limit);
  for (const line of symbolLines(body.definitions, name, screen.textColumns)) screen.row(line);
  const remedy = limit < LIMIT_MAX.symbols ? "--limit" : "a longer name has fewer";
  showEnd(body.definitions.length, "definition", { ...body, remedy }, milliseconds, screen);
  return { data: body, isFailure: body.definitions.length === 0 };
}

/** How many, whether that is all, and how to see the rest: an empty answer that is not complete is no "no". */
function showEnd(
  count: number,
  noun: string,
  answer: Pick<SearchAnswer, "complete" | "incomplete_reason"> & { readonly remedy: string },
  milliseconds: number,
  screen: Screen,
): void {
  const found = count === 0 ? `no ${noun}` : plural(count, noun);
  const reason = answer.incomplete_reason ?? "more_results";
  const why = reason === "more_results"
    ? `there are more (${answer.remedy})`
    : `not complete: ${reason}`;
  const rest = answer.complete ? "" : `, ${why}`;
  screen.row([span("faint", `${found}${rest}`)], [span("faint", formatDuration(milliseconds))]);
}
