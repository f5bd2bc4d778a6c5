// The push of a change: a new file and one edited line, the webhook's job, and how soon search has it.

import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Job } from "../../supabase/functions/_shared/contracts/job.ts";
import { editLine, editOrder, type LineEdit, newFile } from "./edit.ts";
import { formatBytes, formatDuration, plural, shortOid } from "./figures.ts";
import { followJob } from "./follow_job.ts";
import { showStages } from "./index_steps.ts";
import { deliveryOf, figuresOf, stagesOf } from "./job_report.ts";
import { label } from "./screen.ts";
import { searchText } from "./search_step.ts";
import { span } from "./spans.ts";
import { printable } from "./text_width.ts";
import { DemoFailure, timed, type Tour } from "./tour.ts";

const SEEN_POLL_MILLISECONDS = 20;
const SEEN_MILLISECONDS_MAX = 120_000;
/** An edit must not read and push a large file for one line. */
const EDITED_BYTES_MAX = 200_000;
const EDIT_TRIES = 20;

/** Commits, pushes, waits for the answer that has it, and shows the job that was behind it. */
export async function changeStep(tour: Tour, repositoryId: string): Promise<void> {
  const { screen, repository, stack, fullName } = tour;
  screen.step("Push a change");
  const name = `quarryDemo${randomBytes(3).toString("hex")}`;
  const before = await repository.headOid();
  const edit = await commitChange(tour, name);
  const commitOid = await repository.headOid();
  screen.row([label("new file"), span("match", name), ".ts"]);
  if (edit !== null) {
    const place = `${edit.path}:${edit.line}`;
    const line = [span("faint", `${printable(edit.before)} `), span("match", name)];
    screen.row([label("edited"), `${place}  `, ...line]);
  }
  const url = `${stack.githubUrl}/${fullName}.git`;
  const { milliseconds } = await timed(() => repository.push(url, () => undefined));
  const pushedAt = performance.now();
  const oids = `${shortOid(before)} → ${shortOid(commitOid)}`;
  screen.row([label("git push"), oids], [formatDuration(milliseconds)]);

  const seenMilliseconds = await untilSeen(tour, name, commitOid, pushedAt);
  const job = await webhookJob(tour, repositoryId);
  await showJob(tour, await followJob(tour, job.id));
  screen.blank();
  await searchText(tour, name, `at ${shortOid(commitOid)}`);
  screen.blank();
  screen.row([
    span("title", formatDuration(seenMilliseconds)),
    " from the end of git push to the first answer that has it",
  ]);
}

async function commitChange({ repository }: Tour, name: string): Promise<LineEdit | null> {
  const files = new Map((await repository.files()).map((file) => [file.path, file]));
  const candidates = editOrder([...files.keys()], EDIT_TRIES).flatMap((path) => {
    const file = files.get(path);
    return file === undefined ? [] : [file];
  });
  const contents = await repository.readBlobs(candidates.map(({ oid }) => oid), EDITED_BYTES_MAX);
  let edit: LineEdit | null = null;
  for (const { path, oid, mode } of candidates) {
    const content = contents.get(oid);
    if (content !== undefined) edit ??= editLine({ path, mode, content }, name);
  }
  const changes = [newFile(name), ...(edit === null ? [] : [edit.change])];
  await repository.commit(changes, `Add ${name}`, new Date());
  return edit;
}

/** Asks every 20 ms, as somebody would who cannot wait. Answers the time since the push's exit. */
async function untilSeen(
  { api, screen, fullName, signal }: Tour,
  name: string,
  commitOid: string,
  pushedAt: number,
): Promise<number> {
  for (;;) {
    const asked = performance.now();
    const { body } = await api.search(name, fullName, 10);
    const now = performance.now();
    if (body.matches.some((match) => match.commit_oid === commitOid)) {
      screen.endLive();
      return now - pushedAt;
    }
    if (now - pushedAt > SEEN_MILLISECONDS_MAX) {
      throw new DemoFailure(`search did not have the push ${formatDuration(now - pushedAt)} later`);
    }
    screen.live(null, [span("faint", `not yet  ${formatDuration(now - pushedAt)}`)]);
    const pause = SEEN_POLL_MILLISECONDS - (now - asked);
    if (pause > 0) await sleep(pause, undefined, { signal });
  }
}

async function webhookJob({ api }: Tour, repositoryId: string): Promise<Job> {
  const jobs = await api.jobs(repositoryId);
  const job = jobs.find(({ requested_by }) => deliveryOf(requested_by) !== null);
  if (job === undefined) throw new DemoFailure("the push queued no job");
  return job;
}

async function showJob({ screen, api }: Tour, job: Job): Promise<void> {
  const events = await api.events(job.id);
  const figures = figuresOf(events);
  screen.row([label("webhook"), `delivery ${deliveryOf(job.requested_by) ?? ""}`], [
    span("faint", "signature verified"),
  ]);
  screen.row([label("job"), job.id], [span("faint", job.outcome ?? "")]);
  if (figures.blobsFetched !== null && figures.files !== null) {
    const blobs = `${plural(figures.blobsFetched, "blob")}, of ${plural(figures.files, "file")}`;
    screen.row([label("fetched"), blobs], [
      span("faint", figures.bytesFetched === null ? "" : formatBytes(figures.bytesFetched)),
    ]);
  }
  showStages(screen, stagesOf(events), null);
}
