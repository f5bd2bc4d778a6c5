// Everything of a stack but PostgreSQL: started while initdb works, deployed into once it has.

import { mkdtemp, statfs } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type FlyMachines, startFlyMachines } from "./fly/fly_machines.ts";
import { type Functions, startFunctions } from "./platform/functions.ts";
import { type Gateway, startGateway } from "./platform/gateway.ts";
import { type GitHub, startGitHub } from "./github/github.ts";
import { lastingClient } from "./database/lasting_client.ts";
import { type PgCronWorker, startPgCronWorker } from "./database/pg_cron_worker.ts";
import { startPgNetWorker } from "./database/pg_net_worker.ts";
import type { PostgresServer } from "./database/postgres.ts";
import { type Rest, startRest } from "./data_api/rest.ts";
import type { Run } from "./processes/run.ts";
import { createTenant, deployDatabase } from "./stack_database.ts";
import {
  FLY_APP_NAME,
  functionsEnvironment,
  machineSecrets,
  newSecrets,
  type StackAddresses,
  type StackSecrets,
} from "./stack_environment.ts";
import { logFileIn, type Parts, type Stack, type StackOptions } from "./stack_parts.ts";
import { startTogether } from "./processes/start_together.ts";
import { readApiSettings } from "./platform/supabase_config.ts";

const repositoryRoot = fileURLToPath(new URL("../..", import.meta.url));
const HEALTH_SECONDS_MAX = 30;
const HEALTH_POLL_MILLISECONDS = 5;
/** Less shared memory than this (a container's default is 64 MiB) is no place for a repository. */
const SHARED_MEMORY_BYTES_MIN = 1024 ** 3;

/** Starts it and resolves when health answers; `parts` has at any time what there is to stop. */
export async function startRestOfStack(
  run: Run,
  options: StackOptions,
  parts: Parts,
  starting: Promise<PostgresServer>,
): Promise<Omit<Stack, "stop" | typeof Symbol.asyncDispose>> {
  const secrets = newSecrets();
  const gateway = parts.gateway = await startGateway();
  const github = parts.github = await startGitHub({ run, token: secrets.githubToken });
  const machines = parts.machines = await startMachines(run, options, parts, secrets);
  const addresses = addressesOf(gateway, github, machines);
  const [functions, server] = await startTogether([
    startFunctionsPart(run, options, parts, functionsEnvironment(addresses, secrets)),
    starting.then(async (ready) => {
      await deployDatabase(ready, `${addresses.functionsUrl}/dispatch`, secrets);
      return ready;
    }),
  ]);
  const sql = parts.sql = lastingClient(server.url("supabase_admin"));
  const [rest, net, cron, tenant] = await startTogether([
    startRestPart(parts, server, secrets),
    startPgNetWorker(server.url("supabase_admin")).then((worker) => parts.net = worker),
    startCronPart(parts, server, options),
    createTenant(sql, "local"),
  ]);
  Object.assign(gateway.backends, { functionsPort: functions.port, rest });
  await waitForHealth(addresses.functionsUrl);
  const restartFunctions = async () => {
    await parts.functions?.kill();
    const environment = functionsEnvironment(addresses, secrets);
    gateway.backends.functionsPort =
      (await startFunctionsPart(run, options, parts, environment)).port;
  };
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
    restartFunctions,
    github,
    machines,
    net,
    cron,
    children: () => run.processes,
    createTenant: (name) => createTenant(sql, name),
  };
}

/** What the image starts Node with. */
export const INDEXER_NODE_OPTIONS = ["--min-semi-space-size=16"];

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
    nodeOptions: INDEXER_NODE_OPTIONS,
    entryFile: path.join(repositoryRoot, "indexer", "src", "main.ts"),
    workingDirectory: repositoryRoot,
    path: process.env["PATH"] ?? "",
    secrets: () => ({
      ...machineSecrets({
        databasePort: parts.postgres?.port ?? 0,
        gitBaseUrl: parts.github?.url ?? "",
        workDirectory,
        compileCacheDirectory: path.join(repositoryRoot, ".local", "compile-cache"),
      }, secrets),
      ...options.machineEnvironment,
    }),
    hasRateLimits: options.hasMachineRateLimits ?? false,
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
