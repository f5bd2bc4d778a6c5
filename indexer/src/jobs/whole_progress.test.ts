import { expect, test } from "vitest";
import { type JobPhase, NO_PROGRESS } from "../job.ts";
import { ofWholeJob } from "./whole_progress.ts";

const PHASES: readonly JobPhase[] = ["fetching", "diffing", "parsing", "writing", "publishing"];

test("from phase to phase a job only goes on, from nothing to all of it", () => {
  const percents = PHASES.flatMap((phase) =>
    [0, 1, 50, 99, 100].map((percent) => ofWholeJob(phase, { ...NO_PROGRESS, percent }).percent)
  );
  expect(percents).toEqual(percents.toSorted((one, other) => one - other));
  expect([percents[0], percents.at(-1)]).toEqual([0, 100]);
});
