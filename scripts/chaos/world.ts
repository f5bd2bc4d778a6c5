// What a run plays with: a stack, its tenants, the repositories they registered, and the directories
// that must be empty in the end. Workload, faults and checks all act on it; it acts by itself never.

import { mkdir, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createStack, type Stack } from "../local/stack.ts";
import type { Tenant } from "../local/stack_database.ts";
import { MachineEnvironment } from "./machine_environment.ts";
import { SmallDisk } from "./small_disk.ts";
import { TcpProxy } from "./tcp_proxy.ts";
import { WorkingCopy } from "./working_copy.ts";

const IDLE_EXIT_SECONDS = "1";
/** Every first index publishes its text first, however small it is. */
const TEXT_FIRST_BYTES_MIN = "0";

/** One tenant's registration of a hosted repository. */
export interface Registration {
  readonly tenant: Tenant;
  readonly hosted: HostedCopy;
  /** New with each registration; null: not registered at present. */
  repositoryId: string | null;
}

/** A repository of the host and the clone it is pushed from. */
export interface HostedCopy {
  readonly name: string;
  readonly copy: WorkingCopy;
  hasSide: boolean;
}

/** How much of everything there is. */
export interface WorldSize {
  readonly tenants: number;
  readonly repositories: number;
}

export class World implements AsyncDisposable {
  readonly stack: Stack;
  readonly environment: MachineEnvironment;
  readonly hosted: readonly HostedCopy[];
  readonly registrations: readonly Registration[];
  /** Where machines fetch, and where they may put temporary files. */
  readonly workDirectory: string;
  readonly temporaryDirectory: string;
  /** Told what happens, a line each. */
  readonly onEvent: (text: string) => void;
  /** Between machines and database. */
  readonly databaseProxy: TcpProxy;
  readonly smallDisk: SmallDisk;
  readonly #directory: string;
  /** While true nobody sweeps, as when pg_cron stands still. */
  isSweepPaused = false;
  /** While true the waits of jobs are not cut short. */
  isWaitingKept = false;

  private constructor(
    stack: Stack,
    environment: MachineEnvironment,
    directory: string,
    hosted: readonly HostedCopy[],
    registrations: readonly Registration[],
    onEvent: (text: string) => void,
    databaseProxy: TcpProxy,
  ) {
    this.onEvent = onEvent;
    this.stack = stack;
    this.databaseProxy = databaseProxy;
    this.smallDisk = new SmallDisk(path.join(directory, "small"));
    this.environment = environment;
    this.#directory = directory;
    this.workDirectory = path.join(directory, "work");
    this.temporaryDirectory = path.join(directory, "temporary");
    this.hosted = hosted;
    this.registrations = registrations;
  }

  static async create(
    size: WorldSize,
    logDirectory: string,
    onEvent: (text: string) => void,
  ): Promise<World> {
    const directory = await mkdtemp(path.join(os.tmpdir(), "quarry-chaos-"));
    const databaseProxy = await TcpProxy.open(() => stack.postgres.port);
    const environment = new MachineEnvironment({
      IDLE_EXIT_SECONDS,
      TEXT_FIRST_BYTES_MIN,
      WORK_DIR: path.join(directory, "work"),
      TMPDIR: path.join(directory, "temporary"),
    }, () => indexerUrl(databaseProxy.port, stack.secrets.indexerPassword));
    await Promise.all(["work", "temporary"].map((name) => mkdir(path.join(directory, name))));
    const stack: Stack = await createStack({
      cronPaused: true,
      logDirectory,
      machineEnvironment: environment.variables,
    });
    try {
      const tenants = await makeTenants(stack, size.tenants);
      const hosted = await Promise.all(
        Array.from(
          { length: size.repositories },
          (_, index) => hostRepository(stack, directory, `acme/chaos-${index + 1}`),
        ),
      );
      // Each repository has two tenants, so that one push is the work of both.
      const registrations = hosted.flatMap((repository, index) =>
        [0, 1].map((offset) => ({
          tenant: tenants[(index + offset) % tenants.length] ?? stack,
          hosted: repository,
          repositoryId: null,
        }))
      );
      return new World(
        stack,
        environment,
        directory,
        hosted,
        registrations,
        onEvent,
        databaseProxy,
      );
    } catch (error) {
      await stack.stop();
      await databaseProxy[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stack.stop();
    await this.databaseProxy[Symbol.asyncDispose]();
    await this.smallDisk[Symbol.asyncDispose]();
    await rm(this.#directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** As the stack tells its machines, by way of the proxy. */
function indexerUrl(port: number, password: string): string {
  return `postgresql://quarry_indexer:${password}@127.0.0.1:${port}/postgres`;
}

async function makeTenants(stack: Stack, count: number): Promise<Tenant[]> {
  const names = Array.from({ length: count }, (_, index) => `chaos ${index + 1}`);
  return await Promise.all(names.map((name) => stack.createTenant(name)));
}

async function hostRepository(stack: Stack, directory: string, name: string): Promise<HostedCopy> {
  await stack.github.createRepository(name);
  const folder = path.join(directory, "clones", name.replace("/", "-"));
  const copy = new WorkingCopy(folder, `${stack.githubUrl}/${name}.git`);
  await copy.create();
  await copy.write("first.ts", `export function first() {\n  return "${name}";\n}\n`);
  await copy.commit("First");
  await copy.push("main");
  return { name, copy, hasSide: false };
}
