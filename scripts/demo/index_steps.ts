// The steps from a repository to an index: push, register, follow the job, say what was indexed.

import type { JobEvent } from "../../supabase/functions/_shared/contracts/event.ts";
import type { Repository } from "../../supabase/functions/_shared/contracts/repository.ts";
import { PAGE_ITEMS_MAX, type SkippedFiles } from "../client/quarry_client.ts";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatRate,
  plural,
  shortOid,
} from "./figures.ts";
import { followJob } from "./follow_job.ts";
import { figuresOf, stagesOf } from "./job_report.ts";
import { GitFailure } from "./git.ts";
import { label, type Screen } from "./screen.ts";
import type { FilesSource, RepositorySource } from "./source.ts";
import { span } from "./spans.ts";
import { type Stage, stageChart } from "./stage_chart.ts";
import { printable } from "./text_width.ts";
import { timed, type Tour } from "./tour.ts";

const COMMITS_COUNTED_MAX = 10_000;

/** Pushes the repository to the code host, which makes it exist there. */
export async function pushStep(tour: Tour, source: RepositorySource | FilesSource): Promise<void> {
  const { screen, repository, stack, fullName } = tour;
  screen.step("Push a repository");
  const head = await repository.describeHead(COMMITS_COUNTED_MAX);
  const files = await repository.countPaths();
  const commits = head.commits < COMMITS_COUNTED_MAX
    ? plural(head.commits, "commit")
    : `${formatCount(COMMITS_COUNTED_MAX)}+ commits`;
  screen.row([label("from"), printable(source.directory)], [
    span("faint", `${commits}, ${plural(files, "file")}`),
  ]);
  screen.row([
    label("commit"),
    `${shortOid(await repository.headOid())}  `,
    span("faint", printable(head.subject)),
  ]);
  const note = sourceNote(source);
  if (note !== null) screen.row([label(""), span("faint", note)]);
  const url = `${stack.githubUrl}/${fullName}.git`;
  const { milliseconds } = await timed(() => pushWhatIsThere(tour, url));
  screen.row([label("to"), url], [formatDuration(milliseconds)]);
}

/** An old object that is missing need not matter: then the files of HEAD go without their history. */
async function pushWhatIsThere({ screen, repository }: Tour, url: string): Promise<void> {
  const push = () =>
    repository.push(url, (text) => screen.live(null, [span("faint", printable(text))]));
  try {
    await push();
  } catch (error) {
    if (!(error instanceof GitFailure) || !isObjectMissing(error)) throw error;
    await repository.dropHistory();
    await push();
    screen.row([label(""), span("faint", "its history has gaps: its files as one commit")]);
  }
}

function isObjectMissing({ stderr }: GitFailure): boolean {
  return /unable to read|missing (?:blob|tree|commit)|bad object|could not read/i.test(stderr);
}

/** What is pushed is not in every case what a person may expect. */
function sourceNote(source: RepositorySource | FilesSource): string | null {
  if (source.kind === "files") return "no repository of its own: its files as one commit";
  if (source.isIncomplete) return "a shallow or partial clone: its files as one commit";
  if (source.hasUncommittedChanges) return "what is not committed is not pushed";
  return null;
}

/** Registers the repository with the key: from here on the service does the rest. */
export async function registerStep(tour: Tour) {
  const { screen, api, fullName } = tour;
  screen.step("Register it");
  const { body: { repository, job }, status, milliseconds } = await api.register(fullName);
  const body = JSON.stringify({ repository: fullName });
  screen.row([label("POST"), `/api/repositories ${body}`], [
    span("good", String(status)),
    `  ${formatDuration(milliseconds)}`,
  ]);
  screen.row([label("repository"), repository.id], [
    span("faint", `webhook ${repository.hook_state}`),
  ]);
  screen.row([label("job"), job.id], [span("faint", job.state)]);
  return { repository, job };
}

/** Follows the first job to its end and shows what came of it. */
export async function indexStep(tour: Tour, repositoryId: string, jobId: string): Promise<void> {
  const { screen, api } = tour;
  screen.step("Index it");
  const job = await followJob(tour, jobId);
  const [events, repository, skipped] = await Promise.all([
    api.events(jobId),
    api.repository(repositoryId),
    api.skippedFiles(repositoryId).catch(() => null),
  ]);
  if (job.outcome !== "indexed") {
    screen.row([label("outcome"), job.outcome ?? "none"]);
  }
  showIndexed(screen, events, repository, skipped);
}

function showIndexed(
  screen: Screen,
  events: readonly JobEvent[],
  repository: Repository,
  skipped: SkippedFiles | null,
): void {
  const figures = figuresOf(events);
  const indexed = repository.indexed[0];
  if (indexed?.commit_oid !== undefined && indexed.commit_oid !== null) {
    screen.row([label("commit"), `${shortOid(indexed.commit_oid)} of ${printable(indexed.ref)}`]);
    const bytes = figures.bytesFetched === null
      ? []
      : [span("faint", `${formatBytes(figures.bytesFetched)} fetched`)];
    screen.row([label("files"), formatCount(indexed.files)], bytes);
  }
  if (figures.symbols !== null && figures.terms !== null) {
    screen.row([label("symbols"), formatCount(figures.symbols)]);
    screen.row([label("terms"), formatCount(figures.terms)]);
  }
  if (skipped !== null) showSkipped(screen, skipped, indexed?.skipped_files ?? 0);
  showStages(screen, stagesOf(events), figures.files);
}

function showSkipped(screen: Screen, skipped: SkippedFiles, skippedCount: number): void {
  const reasons = [...Map.groupBy(skipped.items, ({ reason }) => reason)]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([reason, files]) => `${formatCount(files.length)} ${reason.replaceAll("_", " ")}`);
  const more = skipped.next_cursor === null ? "" : ` of the first ${PAGE_ITEMS_MAX}`;
  const isSimple = reasons.length < 2 && more === "";
  const total = formatCount(Math.max(skippedCount, skipped.items.length));
  screen.row([
    label("skipped"),
    isSimple ? reasons[0] ?? "none" : `${total}  `,
    span("faint", isSimple ? "" : reasons.join(", ") + more),
  ]);
}

/** The chart of a job's stages, its whole time and its rate. */
export function showStages(screen: Screen, stages: readonly Stage[], files: number | null): void {
  if (stages.length === 0) return;
  screen.blank();
  for (const { left, right } of stageChart(stages, screen.rowColumns)) screen.row(left, right);
  const start = Math.min(...stages.map(({ startMilliseconds }) => startMilliseconds));
  const end = Math.max(...stages.map((each) => each.startMilliseconds + each.milliseconds));
  const rate = formatRate(files ?? 0, end - start, (each) => `${formatCount(each)} files`);
  screen.row([label("in all")], [
    ...(rate === null ? [] : [span("faint", `${rate}  `)]),
    formatDuration(end - start),
  ]);
}
