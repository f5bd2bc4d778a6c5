/**
 * The indexer process: reads the environment, puts the parts together, and turns signals into a
 * shutdown. The only place that knows the process.
 */
import { existsSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Config,
  EXIT_CODE_CONFIG,
  GRACE_MILLISECONDS,
  HEARTBEAT_MILLISECONDS,
  IDLE_POLL_MILLISECONDS,
  LEASE_SECONDS,
  readConfig,
} from "./config.ts";
import { createFailpoint } from "./failpoint.ts";
import type { JobRunner } from "./jobs/runner.ts";
import { createLog, describeError, type Log } from "./log.ts";
import { Connection } from "./store/connection.ts";
import { isClientDefect } from "./store/connection_loss.ts";
import { JobStore } from "./store/job_store.ts";
import { Stopped } from "./errors.ts";
import { runWorker } from "./worker/worker.ts";

const EXIT_CODE_FAILED = 1;
/** What is closed politely takes less than half a second; the rest ends with the process. */
const GOODBYE_MILLISECONDS_MAX = 3000;

async function run(config: Config, log: Log): Promise<void> {
  const shutdown = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => shutdown.abort(new Stopped("shutdown")));
  }
  const server = { url: config.databaseUrl, ca: config.databaseCa };
  const connection = new Connection({ ...server, applicationName: "quarry indexer" });
  const heartbeat = new Connection({ ...server, applicationName: "quarry indexer heartbeat" });
  process.on("uncaughtException", (error) => {
    log.error("nobody caught an error", { error: describeError(error) });
    if (!isClientDefect(error)) process.exit(EXIT_CODE_FAILED);
    // It does not say of which connection it is.
    connection.giveUp();
    heartbeat.giveUp();
  });
  const { launchId, machineId } = config;
  const queue = new JobStore(connection, heartbeat, {
    launchId,
    bootId: crypto.randomUUID(),
    machineId,
    jobSecondsMax: config.jobSecondsMax,
  });
  const failpoint = createFailpoint(config.failpoint, () => process.kill(process.pid, "SIGKILL"));
  let loading: Promise<JobRunner> | null = null;
  const runner = () =>
    loading ??= import("./jobs/runner.ts").then(({ createJobRunner }) =>
      createJobRunner({
        workDirectory: config.workDirectory,
        gitHost: { baseUrl: config.gitBaseUrl, variables: config.gitVariables },
        threads: config.threads,
        textFirstBytesMin: config.textFirstBytesMin,
        connection,
        queue,
        failpoint,
        pid: process.pid,
        isAlive,
        peakRssBytes: () => process.resourceUsage().maxRSS * 1024,
      })
    );
  try {
    await runWorker({
      queue,
      // After the claim has been sent, while the database answers it; the first job tells what
      // goes wrong.
      onRegistered: () => void setTimeout(() => void runner().catch(() => undefined)),
      run: async (job) => await (await runner()).run(job),
      shutdown: shutdown.signal,
      heartbeatMilliseconds: HEARTBEAT_MILLISECONDS,
      leaseMilliseconds: LEASE_SECONDS * 1000,
      idlePollMilliseconds: IDLE_POLL_MILLISECONDS,
      idleExitMilliseconds: config.idleExitSeconds * 1000,
      jobMillisecondsMax: config.jobSecondsMax * 1000,
      graceMilliseconds: GRACE_MILLISECONDS,
      now: () => performance.now(),
      log,
      failpoint,
    });
  } finally {
    const closing = loading === null ? null : runner().then((loaded) => loaded.close());
    const goodbye = Promise.allSettled([closing, connection.close(), heartbeat.close()]);
    // A connection that the database's client has lost sight of never says that it has ended.
    await Promise.race([goodbye, sleep(GOODBYE_MILLISECONDS_MAX)]);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not ours to signal, but there.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

async function main(): Promise<number> {
  const result = readConfig(process.env, {
    cores: availableParallelism(),
    hasSharedMemory: existsSync("/dev/shm"),
    temporaryDirectory: tmpdir(),
  });
  if ("problem" in result) {
    process.stderr.write(`quarry indexer: ${result.problem}\n`);
    return EXIT_CODE_CONFIG;
  }
  const { config } = result;
  const log = createLog(
    { write: (line) => void process.stdout.write(line), now: () => new Date() },
    { launch_id: config.launchId },
  );
  try {
    await run(config, log);
    return 0;
  } catch (error) {
    log.error("the worker failed", { error: describeError(error) });
    return EXIT_CODE_FAILED;
  }
}

// Exits at once: whatever still hangs (a dead connection, a git that ignores its signal) is not
// worth a machine's time.
process.exit(await main());
