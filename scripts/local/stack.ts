// The whole of Quarry on one machine: starts every process and stand-in, deploys into them, and stops
// them in order. Used by `npm run stack`, by the demo and by tests; several may run side by side.
// Does not know terminals, signals or .local/stack.json.

import { mkdtemp, statfs } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import postgres, { type Sql } from "postgres";
import { type FlyMachines, startFlyMachines } from "./fly_machines.ts";
import { type Functions, startFunctions } from "./functions.ts";
import { type Gateway, startGateway } from "./gateway.ts";
import { type GitHub, startGitHub } from "./github.ts";
import { type PgCronWorker, startPgCronWorker } from "./pg_cron_worker.ts";
import { type PgNetWorker, startPgNetWorker } from "./pg_net_worker.ts";
import { type PostgresServer, startPostgres } from "./postgres.ts";
import { type Rest, startRest } from "./rest.ts";
import { openRun, type Run, type RunProcess } from "./run.ts";
import { createTenant, deployDatabase, type Tenant } from "./stack_database.ts";
import {
  FLY_APP_NAME,
  functionsEnvironment,
  machineSecrets,
  newSecrets,
  type StackAddresses,
  type StackSecrets,
} from "./stack_environment.ts";
import { readApiSettings } from "./supabase_config.ts";

const repositoryRoot = fileURLToPath(new URL("../..", import.meta.url));
const HEALTH_SECONDS_MAX = 30;
const HEALTH_POLL_MILLISECONDS = 5;
/** Less shared memory than this (a container's default is 64 MiB) is no place for a repository. */
const SHARED_MEMORY_BYTES_MIN = 1024 ** 3;

export interface StackOptions {
  /** Answers for everything that is started; without it the stack has a run of its own. */
  run?: Run;
  /** False for tests whose database is thrown away: about twice as fast to write. */
  durable?: boolean;
  /** postgres.log, functions.log and machines.log go there; without it they are dropped. */
  logDirectory?: string;
  /** Over what the functions are told otherwise. */
  functionsEnvironment?: Readonly<Record<string, string>>;
  /** Over what the machines are told otherwise, as a secret of the Fly app (IDLE_EXIT_SECONDS). */
  machineEnvironment?: Readonly<Record<string, string>>;
  /** Start with cron's clock stopped: the sweep runs by `stack.cron.tick` alone. */
  cronPaused?: boolean;
  /** Called for every line a machine prints. */
  onMachineOutput?: (line: string) => void;
}

/** A running stack. `await using`, or call stop. */
export interface Stack extends AsyncDisposable {
  readonly functionsUrl: string;
  readonly githubUrl: string;
  readonly machinesUrl: string;
  /** The database as postgres, who owns the schema. */
  readonly databaseUrl: string;
  /** The key of a first tenant. */
  readonly apiKey: string;
  readonly tenantId: string;
  readonly secrets: StackSecrets;
  /** The database as superuser, for looking. */
  readonly sql: Sql;
  readonly postgres: PostgresServer;
  readonly functions: Functions;
  readonly github: GitHub;
  readonly machines: FlyMachines;
  readonly net: PgNetWorker;
  readonly cron: PgCronWorker;
  /** The live processes, machines among them. */
  children(): readonly RunProcess[];
  createTenant(name: string): Promise<Tenant>;
  stop(): Promise<void>;
}

/** What has been started; stopping takes what there is. */
interface Parts {
  cron?: PgCronWorker;
  net?: PgNetWorker;
  gateway?: Gateway;
  functions?: Functions;
  machines?: FlyMachines;
  rest?: Rest;
  github?: GitHub;
  sql?: Sql;
  postgres?: PostgresServer;
}

/** Starts a stack and resolves when its health answers. */
export async function createStack(options: StackOptions = {}): Promise<Stack> {
  const run = options.run ?? await openRun();
  const parts: Parts = {};
  let stopping: Promise<void> | null = null;
  const stop = () =>
    stopping ??= stopParts(parts).then(() => options.run === undefined ? run.close() : undefined);
  try {
    return await startParts(run, options, parts, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(
  run: Run,
  options: StackOptions,
  parts: Parts,
  stop: () => Promise<void>,
): Promise<Stack> {
  const secrets = newSecrets();
  const gateway = parts.gateway = await startGateway();
  const github = parts.github = await startGitHub({ run, token: secrets.githubToken });
  const machines = parts.machines = await startMachines(run, options, parts, secrets);
  const addresses = addressesOf(gateway, github, machines);
  // Deno loads while initdb works.
  const [functions, server] = await whole([
    startFunctionsPart(run, options, parts, functionsEnvironment(addresses, secrets)),
    startPostgresPart(run, options, parts),
  ]);
  await deployDatabase(server, `${addresses.functionsUrl}/dispatch`, secrets);
  const sql = parts.sql = postgres(server.url("supabase_admin"), { onnotice: () => undefined });
  const [rest, net, cron, tenant] = await whole([
    startRestPart(parts, server, secrets),
    startPgNetWorker(server.url("supabase_admin")).then((worker) => parts.net = worker),
    startCronPart(parts, server, options),
    createTenant(sql, "local"),
  ]);
  Object.assign(gateway.backends, { functionsPort: functions.port, rest });
  await waitForHealth(addresses.functionsUrl);
  return {
    functionsUrl: addresses.functionsUrl,
    githubUrl: addresses.githubUrl,
    machinesUrl: addresses.machinesUrl,
    databaseUrl: server.url("postgres"),
    ...tenant,
    secrets,
    sql,
    postgres: server,
    functions,
    github,
    machines,
    net,
    cron,
    children: () => run.processes,
    createTenant: (name) => createTenant(sql, name),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** As Promise.all, but a failure waits until all have ended: what did start can then be stopped. */
async function whole<T extends readonly Promise<unknown>[]>(
  promises: readonly [...T],
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(promises);
  return await Promise.all(promises);
}

async function startMachines(
  run: Run,
  options: StackOptions,
  parts: Parts,
  secrets: StackSecrets,
): Promise<FlyMachines> {
  const workDirectory = await makeWorkDirectory(run);
  return await startFlyMachines({
    run,
    appName: FLY_APP_NAME,
    token: secrets.flyToken,
    entryFile: path.join(repositoryRoot, "indexer", "src", "main.ts"),
    workingDirectory: repositoryRoot,
    path: process.env["PATH"] ?? "",
    secrets: () => ({
      ...machineSecrets(parts.postgres?.port ?? 0, parts.github?.url ?? "", workDirectory, secrets),
      ...options.machineEnvironment,
    }),
    onOutput: (_machine, line) => options.onMachineOutput?.(line),
    ...logFileIn(options, "machines"),
  });
}

async function startFunctionsPart(
  run: Run,
  options: StackOptions,
  parts: Parts,
  environment: Record<string, string>,
): Promise<Functions> {
  return parts.functions = await startFunctions({
    run,
    directory: path.join(repositoryRoot, "supabase", "functions"),
    environment: { ...environment, ...options.functionsEnvironment },
    ...logFileIn(options, "functions"),
  });
}

async function startPostgresPart(
  run: Run,
  options: StackOptions,
  parts: Parts,
): Promise<PostgresServer> {
  return parts.postgres = await startPostgres({
    run,
    durable: options.durable ?? true,
    ...logFileIn(options, "postgres"),
  });
}

async function startRestPart(
  parts: Parts,
  server: PostgresServer,
  { secretKey, publishableKey }: StackSecrets,
): Promise<Rest> {
  return parts.rest = await startRest({
    databaseUrl: server.url("authenticator"),
    settings: await readApiSettings(path.join(repositoryRoot, "supabase", "config.toml")),
    roleByKey: new Map([[secretKey, "service_role"], [publishableKey, "anon"]]),
  });
}

async function startCronPart(
  parts: Parts,
  server: PostgresServer,
  options: StackOptions,
): Promise<PgCronWorker> {
  const paused = options.cronPaused ?? false;
  return parts.cron = await startPgCronWorker({ url: server.url, paused });
}

/** First whatever makes work, then those who do it and still need the rest to leave in order. */
async function stopParts(parts: Parts): Promise<void> {
  await parts.cron?.stop();
  await parts.net?.stop();
  await parts.gateway?.stop();
  await parts.functions?.stop();
  await parts.machines?.stop();
  await parts.rest?.stop();
  await parts.github?.stop();
  await parts.sql?.end({ timeout: 1 });
  await parts.postgres?.stop();
}

function addressesOf(gateway: Gateway, github: GitHub, machines: FlyMachines): StackAddresses {
  const projectUrl = `http://127.0.0.1:${gateway.port}`;
  return {
    projectUrl,
    functionsUrl: `${projectUrl}/functions/v1`,
    githubUrl: github.url,
    githubApiUrl: github.apiUrl,
    machinesUrl: `http://127.0.0.1:${machines.port}`,
  };
}

function logFileIn({ logDirectory }: StackOptions, name: string): { logFile?: string } {
  return logDirectory === undefined ? {} : { logFile: path.join(logDirectory, `${name}.log`) };
}

/** In memory where there is enough of it, as on a machine; of this stack alone. */
async function makeWorkDirectory(run: Run): Promise<string> {
  const shared = "/dev/shm";
  const free = await statfs(shared).then((area) => area.bavail * area.bsize, () => 0);
  const base = free >= SHARED_MEMORY_BYTES_MIN ? shared : os.tmpdir();
  const directory = await mkdtemp(path.join(base, "quarry-work-"));
  run.addDirectory(directory);
  return directory;
}

async function waitForHealth(functionsUrl: string): Promise<void> {
  const deadline = Date.now() + HEALTH_SECONDS_MAX * 1000;
  for (;;) {
    const response = await fetch(`${functionsUrl}/health`);
    const text = await response.text();
    if (response.status === 200) return;
    if (Date.now() > deadline) throw new Error(`health answers ${response.status}: ${text}`);
    await sleep(HEALTH_POLL_MILLISECONDS);
  }
}
