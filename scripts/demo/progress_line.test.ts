import { expect, test } from "vitest";
import type { Job } from "../../supabase/functions/_shared/contracts/job.ts";
import { bar, phaseStart, progressLine } from "./progress_line.ts";
import { paint, spansWidth } from "./spans.ts";
import { stageChart } from "./stage_chart.ts";

function runningJob(phase: Job["phase"], progress: Partial<Job["progress"]>): Job {
  return {
    id: "00000000-0000-4000-8000-000000000001",
    repository_id: "00000000-0000-4000-8000-000000000002",
    kind: "index",
    ref: "refs/heads/main",
    commit_oid: null,
    state: "running",
    outcome: null,
    phase,
    progress: {
      percent: 0,
      files_done: 0,
      files_total: 0,
      bytes_done: 0,
      bytes_total: 0,
      ...progress,
    },
    attempt: 1,
    max_attempts: 5,
    errors: [],
    requested_by: "api",
    queued_at: "2026-11-22T10:00:00Z",
    started_at: "2026-11-22T10:00:01Z",
    claimed_at: "2026-11-22T10:00:01Z",
    finished_at: null,
  };
}

test("a bar is as wide as asked and filled by its fraction", () => {
  expect(paint(bar(0.5, 10), false)).toBe("█████·····");
  expect(paint(bar(0, 4), false)).toBe("····");
  expect(paint(bar(1, 4), false)).toBe("████");
  expect(paint(bar(0.53, 4), false)).toBe("██▏·");
  expect(paint(bar(7, 4), false)).toBe("████");
});

test("the line says how far, in what phase and how fast since the phase was first seen", () => {
  const before = runningJob("parsing", { files_done: 100, bytes_done: 1e6 });
  const start = phaseStart(null, before, 5000);
  const job = runningJob("parsing", {
    percent: 62.7,
    files_done: 500,
    files_total: 1430,
    bytes_done: 5e6,
    bytes_total: 8e6,
  });
  const at = (columns: number) => progressLine(job, phaseStart(start, job, 7000), 7000, columns);
  expect(paint(at(77), false)).toBe(
    "███████▌····  62 %  parsing     500/1,430 files 200/s  5.00/8.00 MB 2.00 MB/s",
  );
  expect(paint(at(60), false)).toBe(
    "██████▉····  62 %  parsing     500/1,430 files  5.00/8.00 MB",
  );
  expect(paint(at(107), false)).toContain("200/s  5.00/8.00 MB 2.00 MB/s  2.00 s");
  expect([60, 77, 107].map((columns) => spansWidth(at(columns)) <= columns)).toEqual([
    true,
    true,
    true,
  ]);
});

test("a new phase measures its rates from its own start", () => {
  const start = phaseStart(null, runningJob("fetching", {}), 0);
  const next = phaseStart(start, runningJob("parsing", { files_done: 7 }), 90);
  expect(next).toEqual({
    since: 0,
    phase: "parsing",
    at: 90,
    filesDone: 7,
    bytesDone: 0,
  });
});

test("a chart shows each stage where it lies in time, the shortest too", () => {
  const chart = stageChart([
    { name: "waiting", startMilliseconds: 1000, milliseconds: 200 },
    { name: "fetching", startMilliseconds: 1200, milliseconds: 600 },
    { name: "publishing", startMilliseconds: 1795, milliseconds: 5 },
  ], 45);
  expect(chart.map(({ left, right }) => `${paint(left, false)}|${paint(right, false)}`)).toEqual([
    "waiting     █████|200 ms",
    "fetching         ████████████████|600 ms",
    "publishing                      ▏|5 ms",
  ]);
});

test("a chart without stages has no lines", () => {
  expect(stageChart([], 80)).toEqual([]);
});
