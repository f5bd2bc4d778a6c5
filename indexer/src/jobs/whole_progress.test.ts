import { expect, test } from "vitest";
import { type JobPhase, NO_PROGRESS } from "../job.ts";
import { overall } from "./extract_blobs.ts";
import { ofWholeJob } from "./whole_progress.ts";

const PHASES: readonly JobPhase[] = ["fetching", "diffing", "parsing", "writing", "publishing"];

test("from phase to phase a job only goes on, from nothing to all of it", () => {
  const percents = PHASES.flatMap((phase) =>
    [0, 1, 50, 99, 100].map((percent) => ofWholeJob(phase, { ...NO_PROGRESS, percent }).percent)
  );
  expect(percents).toEqual(percents.toSorted((one, other) => one - other));
  expect([percents[0], percents.at(-1)]).toEqual([0, 100]);
});

test("where text goes before symbols, the second go over the files begins where the first ended", () => {
  const done = (percent: number) => ({
    percent,
    filesDone: percent / 10,
    filesTotal: 10,
    bytesDone: percent,
    bytesTotal: 100,
  });
  const all = (["text", "symbols"] as const).flatMap((parts) =>
    [0, 30, 100].map((percent) => overall(done(percent), parts))
  );
  expect(all.map((each) => [each.percent, each.filesDone, each.bytesDone])).toEqual([
    [0, 0, 0],
    [15, 1, 15],
    [50, 5, 50],
    [50, 5, 50],
    [65, 6, 65],
    [100, 10, 100],
  ]);
});
