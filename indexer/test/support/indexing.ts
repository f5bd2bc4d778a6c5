/**
 * A database, a host of repositories, and indexer workers: in this process, where a test looks into
 * them, or as a process of their own, where it kills them.
 */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type GitHub, startGitHub } from "../../../scripts/local/github/github.ts";
import type { HostedRepository } from "../../../scripts/local/github/github_repositories.ts";
import { openRun } from "../../../scripts/local/processes/run.ts";
import { createTestDatabase, type TestDatabase } from "../../../scripts/local/test_database.ts";
import { TEXT_FIRST_BYTES_MIN } from "../../src/config.ts";
import { createFailpoint, type Failpoint, type FailpointName } from "../../src/failpoint.ts";
import { openWorkArea } from "../../src/git/work_area.ts";
import type { JobRun, Progress } from "../../src/job.ts";
import { runJob } from "../../src/jobs/registry.ts";
import { createLog } from "../../src/log.ts";
import { extractionThread } from "../../src/pipeline/extractor.ts";
import { createLocalParser, type LocalParser } from "../../src/pipeline/local_parser.ts";
import { Connection } from "../../src/store/connection.ts";
import { JobStore } from "../../src/store/job_store.ts";
import { runWorker, type WorkerOptions } from "../../src/worker/worker.ts";

const mainEntry = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
export const OPERATOR_TOKEN = "ghp_operator";

export interface RegisteredRepository {
  readonly id: string;
  readonly tenantId: string;
  readonly name: string;
  readonly hosted: HostedRepository;
}

export interface WorkOptions {
  readonly failpoint?: Failpoint;
  readonly localParser?: LocalParser;
  readonly moveWaitsMilliseconds?: readonly number[];
  readonly threads?: number;
  /** From how much source on a first index publishes its text first; as a machine does, if absent. */
  readonly textFirstBytesMin?: number;
  readonly worker?: Partial<WorkerOptions>;
  readonly onProgress?: (progress: Progress) => void;
  /** Told of each job before it runs. */
  readonly onJob?: (job: JobRun) => void;
}

export interface JobRow {
  readonly id: string;
  readonly state: string;
  readonly outcome: string | null;
  readonly attempt: number;
  readonly commit_oid: string | null;
  readonly errors: { readonly code: string; readonly message: string }[];
  readonly progress: Readonly<Record<string, number>>;
}

/** Everything that a test of the indexer needs. */
export class Indexing implements AsyncDisposable {
  readonly database: TestDatabase;
  readonly github: GitHub;
  readonly workDirectory: string;
  readonly #dispose: () => Promise<void>;
  readonly #localParser = createLocalParser();
  #workers = 0;
  #repositories = 0;

  constructor(
    database: TestDatabase,
    github: GitHub,
    workDirectory: string,
    dispose: () => Promise<void>,
  ) {
    this.database = database;
    this.github = github;
    this.workDirectory = workDirectory;
    this.#dispose = dispose;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dispose();
  }

  async createTenant(): Promise<string> {
    const [row] = await this.database.admin<{ id: string }[]>`
      select quarry.create_tenant('a tenant') as id`;
    if (row === undefined) throw new Error("no tenant");
    return row.id;
  }

  /** A new, empty repository on the host. */
  async createHosted(): Promise<HostedRepository> {
    this.#repositories += 1;
    return await this.github.createRepository(`acme/repository-${this.#repositories}`);
  }

  /** Registers a hosted repository for a new tenant; the first index job is queued. */
  async register(
    hosted: HostedRepository,
    options: { readonly token?: string; readonly ref?: string; readonly tenantId?: string } = {},
  ): Promise<RegisteredRepository> {
    const tenantId = options.tenantId ?? await this.createTenant();
    const name = `${hosted.owner}/${hosted.name}`;
    const [row] = await this.database.serviceRole<{ id: string }[]>`
      select api.register_repository(
        p_tenant_id => ${tenantId}, p_host_id => ${hosted.id}, p_full_name => ${name},
        p_default_branch => 'main', p_visibility => 'public', p_ref => ${options.ref ?? null},
        p_token => ${
      options.token ?? null
    }, p_requested_by => 'a test') #>> '{repository,id}' as id`;
    if (row === undefined) throw new Error("not registered");
    return { id: row.id, tenantId, name, hosted };
  }

  /** Queues what a push queues; `commitOid` is the delivery's hint. */
  async push(repository: RegisteredRepository, commitOid: string | null = null): Promise<string> {
    return await this.enqueue(repository, commitOid === null ? {} : { commit_oid: commitOid });
  }

  async enqueue(
    repository: RegisteredRepository,
    payload: Record<string, string | boolean>,
    ref = "refs/heads/main",
    kind = "index",
  ): Promise<string> {
    const { admin } = this.database;
    const [row] = await admin<{ id: string }[]>`
      select (quarry.enqueue_job(${repository.id}, ${kind}, ${kind === "index" ? ref : null},
        'a test', ${admin.json(payload)})).id`;
    if (row === undefined) throw new Error("not queued");
    return row.id;
  }

  /** Has another ref of the repository indexed from now on. */
  async follow(repository: RegisteredRepository, ref: string): Promise<void> {
    await this.database.admin`select quarry.follow_ref(${repository.id}, ${ref})`;
  }

  /** A machine as dispatch would have launched it. */
  async launch(): Promise<string> {
    const launchId = randomUUID();
    await this.database.admin`
      insert into quarry.machines (launch_id, name) values (${launchId}, ${launchId})`;
    return launchId;
  }

  /** Runs a worker in this process until the queue is empty. */
  async work(options: WorkOptions = {}): Promise<void> {
    const url = this.database.url("quarry_indexer");
    const connection = new Connection({ url, applicationName: "test work" });
    const heartbeat = new Connection({ url, applicationName: "test heartbeat" });
    const queue = new JobStore(connection, heartbeat, {
      launchId: await this.launch(),
      bootId: randomUUID(),
      machineId: null,
      jobSecondsMax: 60,
    });
    const workArea = openWorkArea(this.workDirectory, process.pid);
    const failpoint = options.failpoint ?? createFailpoint(null, () => undefined);
    const tools = {
      connection,
      queue,
      workArea,
      gitHost: { baseUrl: this.github.url, variables: { PATH: process.env["PATH"] ?? "" } },
      threads: options.threads ?? 2,
      textFirstBytesMin: options.textFirstBytesMin ?? TEXT_FIRST_BYTES_MIN,
      failpoint,
      // One parser is for one worker at a time.
      localParser: options.localParser ??
        (this.#workers === 0 ? this.#localParser : createLocalParser()),
      thread: extractionThread,
      moveWaitsMilliseconds: options.moveWaitsMilliseconds ?? [],
      peakRssBytes: () => 0,
    };
    this.#workers += 1;
    try {
      await runWorker({
        queue,
        onRegistered: () => undefined,
        run: (job) => {
          options.onJob?.(job);
          return runJob({
            ...job,
            report: (phase, progress) => {
              options.onProgress?.(progress);
              job.report(phase, progress);
            },
          }, tools);
        },
        shutdown: new AbortController().signal,
        heartbeatMilliseconds: 2000,
        leaseMilliseconds: 60_000,
        idlePollMilliseconds: 5,
        idleExitMilliseconds: 0,
        jobMillisecondsMax: 60_000,
        graceMilliseconds: 10_000,
        now: () => performance.now(),
        log: createLog({ write: () => undefined, now: () => new Date() }),
        failpoint,
        ...options.worker,
      });
    } finally {
      this.#workers -= 1;
      await Promise.all([workArea.remove(), connection.close(), heartbeat.close()]);
    }
  }

  /** Starts an indexer process; `preload` is a module that runs before it. */
  async start(
    options: {
      failpoint?: FailpointName;
      idleExitSeconds?: number;
      textFirstBytesMin?: number;
      preload?: string;
      environment?: Readonly<Record<string, string | undefined>>;
    } = {},
  ) {
    const preload = options.preload === undefined ? [] : ["--import", options.preload];
    const child = spawn(process.execPath, [...preload, mainEntry], {
      stdio: ["ignore", "pipe", "inherit"],
      env: {
        PATH: process.env["PATH"],
        DATABASE_URL: this.database.url("quarry_indexer"),
        LAUNCH_ID: await this.launch(),
        GIT_BASE_URL: this.github.url,
        WORK_DIR: this.workDirectory,
        IDLE_EXIT_SECONDS: String(options.idleExitSeconds ?? 0),
        TEXT_FIRST_BYTES_MIN: options.textFirstBytesMin?.toString(),
        ...(options.failpoint === undefined ? {} : { FAILPOINT: options.failpoint }),
        ...options.environment,
      },
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
    });
    const ended = once(child, "close").then(([code, signal]) => ({ code, signal, output }));
    return { child, ended, output: () => output };
  }

  /** Moves the leases of running jobs, and the waits of queued ones, into the past. */
  async passTime(): Promise<void> {
    await this.database.admin`
      update quarry.indexing_jobs set lease_expires_at = clock_timestamp() - interval '1 second'
      where state = 'running'`;
    await this.database.admin`select quarry.recover_expired_leases(100)`;
    await this.database.admin`
      update quarry.indexing_jobs set run_at = clock_timestamp() - interval '1 second'
      where state = 'queued'`;
  }

  /** The jobs of a repository, oldest first. */
  async jobs(repository: RegisteredRepository): Promise<JobRow[]> {
    return await this.database.admin<JobRow[]>`
      select id, state, outcome, attempt, commit_oid, errors, progress from quarry.indexing_jobs
      where repository_id = ${repository.id} order by queued_at, id`;
  }

  async lastJob(repository: RegisteredRepository): Promise<JobRow> {
    const last = (await this.jobs(repository)).at(-1);
    if (last === undefined) throw new Error("no job");
    return last;
  }

  /** The facts that the last event of a name carries. */
  async facts(jobId: string, event: string): Promise<Readonly<Record<string, unknown>>> {
    const [row] = await this.database.admin<{ context: Record<string, unknown> }[]>`
      select context from quarry.indexing_job_events
      where job_id = ${jobId} and event = ${event} order by id desc limit 1`;
    if (row === undefined) throw new Error(`no event ${event}`);
    return row.context;
  }
}

/** A fresh host and a fresh database, unless there is one. */
export async function createIndexing(given?: TestDatabase): Promise<Indexing> {
  const database = given ?? await createTestDatabase();
  const run = await openRun();
  const github = await startGitHub({ run, token: OPERATOR_TOKEN });
  const workDirectory = await mkdtemp(path.join(os.tmpdir(), "quarry-test-work-"));
  return new Indexing(database, github, workDirectory, async () => {
    await github.stop();
    await run.close();
    await rm(workDirectory, { recursive: true, force: true });
    await database.drop();
  });
}
