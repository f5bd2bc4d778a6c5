/**
 * What every job is given to work with. Types alone.
 */
import type { Failpoint } from "../failpoint.ts";
import type { GitHost } from "../git/environment.ts";
import type { WorkArea } from "../git/work_area.ts";
import type { ThreadOptions } from "../pipeline/extractor.ts";
import type { LocalParser } from "../pipeline/local_parser.ts";
import type { Connection } from "../store/connection.ts";
import type { JobStore } from "../store/job_store.ts";

export interface JobTools {
  readonly connection: Connection;
  readonly queue: JobStore;
  readonly workArea: WorkArea;
  readonly gitHost: GitHost;
  readonly threads: number;
  readonly failpoint: Failpoint;
  readonly localParser: LocalParser;
  readonly thread: ThreadOptions;
  /** A first index with less source publishes text and symbols at once. */
  readonly textFirstBytesMin: number;
  /** How long to wait, again and again, for a push that was announced and is not there. */
  readonly moveWaitsMilliseconds: readonly number[];
  /** The most memory this process has had, its threads included. */
  readonly peakRssBytes: () => number;
}
