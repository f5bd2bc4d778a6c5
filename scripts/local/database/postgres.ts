// Starts and stops a PostgreSQL 17 server with the roles of a hosted project: superuser
// supabase_admin, and postgres as the nearly-superuser that owns the database.
// Stands for: the project's database. Leaves out: passwords (loopback only, every role trusted), the
// pooler, TLS. Does not know migrations, stacks or tests.

import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { layOutPostgres, makePostgresDirectory, type PostgresFiles } from "./postgres_files.ts";
import { tailOf } from "../processes/process.ts";
import { openRun, type Run } from "../processes/run.ts";

const READY = "ready to accept connections";
const PORT_TRIES_MAX = 3;
const RELAUNCH_SECONDS_MAX = 20;
const RELAUNCH_PAUSE_MILLISECONDS = 50;
const FAST_STOP_MILLISECONDS_MAX = 5000;
const bootstrapFile = fileURLToPath(new URL("./bootstrap.sql", import.meta.url));

export interface PostgresOptions {
  /** Answers for the process and its directory; without it the server has a run of its own. */
  run?: Run;
  /** fsync, synchronous_commit and full_page_writes; off only for throw-away test databases. */
  durable?: boolean;
  /** The server's log is appended here; without it dropped. */
  logFile?: string;
}

/** A running server whose database postgres is what a hosted project holds on its first day. */
export interface PostgresServer {
  /** Of the postmaster that was started first. */
  readonly pid: number;
  readonly port: number;
  /** A URL for a role; every role is trusted. */
  readonly url: (role: string, database?: string) => string;
  /**
   * The end of the postmaster and then a new one on the same files and port: by kill -9, as when power fails,
   * or by SIGQUIT, which PostgreSQL calls an immediate shutdown.
   */
  crash(signal?: "SIGKILL" | "SIGQUIT"): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a fresh server on a free port of 127.0.0.1 and prepares its database postgres. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  if (options.run !== undefined) return await startInRun(options.run, options);
  const run = await openRun();
  try {
    const server = await startInRun(run, options);
    const stop = async () => {
      await server.stop();
      await run.close();
    };
    return { ...server, stop };
  } catch (error) {
    await run.close();
    throw error;
  }
}

async function startInRun(run: Run, options: PostgresOptions): Promise<PostgresServer> {
  const directory = makePostgresDirectory();
  run.addDirectory(directory);
  const files = layOutPostgres(directory);
  await initialise(files);
  const launched = await launchAnywhere(run, files, options);
  const { port } = launched;
  let { child } = launched;
  const pid = child.pid ?? 0;
  const url = (role: string, database = "postgres") =>
    `postgresql://${role}@127.0.0.1:${port}/${database}`;
  const crash: PostgresServer["crash"] = async (signal = "SIGKILL") => {
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
    run.remove(child.pid ?? 0);
    child = await relaunch(run, files, options, port);
  };
  const stop = async () => {
    await stopServer(child);
    run.remove(child.pid ?? 0);
    await rm(files.directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  };
  try {
    await bootstrap(url("supabase_admin"));
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid, port, url, crash, stop };
}

function spawnOptions(files: PostgresFiles): SpawnOptions {
  return {
    ...files.identity,
    cwd: files.directory,
    env: { PATH: files.binaries, LC_ALL: "C", TZ: "UTC" },
    // A session of its own: Ctrl-C must reach the supervisor, which stops things in order.
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
  };
}

async function initialise(files: PostgresFiles): Promise<void> {
  const args = ["-D", files.data, "-U", "supabase_admin", "--auth=trust", "--encoding=UTF8"];
  const locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
  const initdb = spawn(
    `${files.binaries}/initdb`,
    [...args, ...locale, "--no-sync", "--no-instructions"],
    spawnOptions(files),
  );
  const stderr = tailOf(initdb.stderr);
  await once(initdb, "close");
  if (initdb.exitCode !== 0) throw new Error(`initdb failed: ${stderr()}`);
}

/** On a free port: one that another process takes meanwhile is given up. */
async function launchAnywhere(run: Run, files: PostgresFiles, options: PostgresOptions) {
  for (let tries = 1;; tries += 1) {
    const port = await freePort();
    const launched = await launch(run, files, options, port);
    if (typeof launched !== "string") return { child: launched, port };
    if (tries === PORT_TRIES_MAX || !launched.includes("Address already in use")) {
      throw new Error(`PostgreSQL did not start: ${launched}`);
    }
  }
}

/** As long as processes of the killed one hold its memory or its port, a new one refuses to start. */
async function relaunch(
  run: Run,
  files: PostgresFiles,
  options: PostgresOptions,
  port: number,
): Promise<ChildProcess> {
  const deadline = performance.now() + RELAUNCH_SECONDS_MAX * 1000;
  for (;;) {
    const launched = await launch(run, files, options, port);
    if (typeof launched !== "string") return launched;
    if (performance.now() > deadline) throw new Error(`PostgreSQL did not restart: ${launched}`);
    await sleep(RELAUNCH_PAUSE_MILLISECONDS);
  }
}

/** A server that is ready, or what it said when it ended. */
async function launch(
  run: Run,
  files: PostgresFiles,
  options: PostgresOptions,
  port: number,
): Promise<ChildProcess | string> {
  const child = spawn(
    `${files.binaries}/postgres`,
    ["-D", files.data, ...settings(port, options.durable ?? true)],
    spawnOptions(files),
  );
  const pid = child.pid ?? 0;
  run.add({ name: "postgres", pid, port, mark: files.data, lastSignal: "SIGQUIT" });
  if (options.logFile !== undefined) {
    child.stderr?.pipe(createWriteStream(options.logFile, { flags: "a" }));
  }
  const stderr = tailOf(child.stderr);
  if (await isReady(child)) return child;
  run.remove(pid);
  return stderr();
}

function settings(port: number, durable: boolean): string[] {
  const list: Record<string, string | number> = {
    port,
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    shared_preload_libraries: "pg_stat_statements",
    max_connections: 100,
    shared_buffers: durable ? "128MB" : "64MB",
    // The platform's limit for every role that has none of its own.
    statement_timeout: "120s",
    timezone: "UTC",
  };
  if (!durable) Object.assign(list, { fsync: "off", synchronous_commit: "off" });
  if (!durable) Object.assign(list, { full_page_writes: "off", autovacuum_naptime: "1h" });
  return Object.entries(list).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

/** True when it says so on stderr, false when it exits before. */
function isReady(child: ChildProcess): Promise<boolean> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", () => resolve(false));
    const onData = (chunk: string) => {
      if (!chunk.includes(READY)) return;
      child.stderr?.off("data", onData);
      // Keeps flowing, or a full pipe would stop the server.
      child.stderr?.resume();
      resolve(true);
    };
    child.stderr?.on("data", onData);
  });
}

async function bootstrap(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    await sql.unsafe(await readFile(bootstrapFile, "utf8")).simple();
  } finally {
    await sql.end();
  }
}

/** SIGINT closes with clients connected (SIGTERM would wait for them); then less and less kindly. */
async function stopServer(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGINT");
  const impatience = setTimeout(() => child.kill("SIGQUIT"), FAST_STOP_MILLISECONDS_MAX);
  await gone;
  clearTimeout(impatience);
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
