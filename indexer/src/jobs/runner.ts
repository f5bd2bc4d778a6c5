/**
 * Everything that jobs take and a start does not wait for: main.ts loads this module, and with it
 * the way of every job, while the first claim is asked for.
 */
import type { Failpoint } from "../failpoint.ts";
import type { GitHost } from "../git/environment.ts";
import { loadRequest } from "../git/direct_fetch.ts";
import { openWorkArea, removeStaleWorkAreas } from "../git/work_area.ts";
import type { JobResult, JobRun } from "../job.ts";
import { extractionThread } from "../pipeline/extractor.ts";
import { createLocalParser } from "../pipeline/local_parser.ts";
import type { Connection } from "../store/connection.ts";
import type { JobStore } from "../store/job_store.ts";
import { runJob } from "./registry.ts";
import { MOVE_WAITS_MILLISECONDS } from "./source.ts";

/** What a runner takes from the process. */
export interface RunnerOptions {
  readonly workDirectory: string;
  readonly gitHost: GitHost;
  readonly threads: number;
  readonly textFirstBytesMin: number;
  readonly connection: Connection;
  readonly queue: JobStore;
  readonly failpoint: Failpoint;
  readonly pid: number;
  readonly isAlive: (pid: number) => boolean;
  readonly peakRssBytes: () => number;
}

/** Runs jobs, one at a time. */
export interface JobRunner {
  run(job: JobRun): Promise<JobResult>;
  /** Removes what jobs have left. */
  close(): Promise<void>;
}

/** Makes a runner, and begins to remove what dead processes left. */
export function createJobRunner(options: RunnerOptions): JobRunner {
  const { workDirectory, pid, isAlive, ...rest } = options;
  const workArea = openWorkArea(workDirectory, pid);
  // The first job that asks a host itself would wait for it.
  loadRequest(options.gitHost.baseUrl);
  const cleaning = removeStaleWorkAreas(workDirectory, pid, isAlive);
  const localParser = createLocalParser();
  // In a turn of its own, behind what is left to be sent of the first claim: the database answers that
  // meanwhile. The job that uses the parser tells what goes wrong.
  setTimeout(() => void localParser.load([]).catch(() => undefined));
  const tools = {
    ...rest,
    workArea,
    localParser,
    thread: extractionThread,
    moveWaitsMilliseconds: MOVE_WAITS_MILLISECONDS,
  };
  return {
    async run(job) {
      await cleaning;
      return await runJob(job, tools);
    },
    close: () => workArea.remove(),
  };
}
