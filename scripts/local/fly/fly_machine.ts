// One machine of the Fly stand-in: its states, its events and the indexer process that is its guest.
// Knows processes; does not know HTTP. The image is recorded and ignored: the guest is this
// checkout's indexer. Leaves out: restart policies other than "no", updates (so that the instance id,
// which names a version of the configuration, is for life), volumes, leases, memory limits.

import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { EventEmitter, once } from "node:events";
import os from "node:os";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { FlyFaults } from "./fly_faults.ts";
import { killGroupOf } from "../processes/process.ts";
import type { Run } from "../processes/run.ts";

/** What a create request may say; unknown keys are kept and given back. */
export const machineConfig = z.looseObject({
  image: z.string(),
  env: z.record(z.string(), z.string()).default({}),
  metadata: z.record(z.string(), z.string()).default({}),
  auto_destroy: z.boolean().default(false),
  guest: z.looseObject({ memory_mb: z.number().default(256) }).optional(),
});
export type MachineConfig = z.infer<typeof machineConfig>;

export type MachineState =
  | "created"
  | "starting"
  | "started"
  | "stopping"
  | "stopped"
  | "destroying"
  | "destroyed";

export interface MachineEvent {
  readonly id: string;
  readonly type: "launch" | "start" | "stop" | "exit" | "destroy";
  readonly status: MachineState;
  readonly source: "user" | "flyd";
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly request?: { readonly exit_event: ExitEvent };
}

export interface ExitEvent {
  readonly exit_code: number;
  /** The number of the signal the guest died of, or -1. */
  readonly guest_signal: number;
  readonly oom_killed: boolean;
  readonly requested_stop: boolean;
  readonly exited_at: string;
}

/** What every machine of an app shares. */
export interface Guest {
  readonly run: Run;
  readonly appName: string;
  /** Node's own options, the program, as Node 24 starts it, and the folder it starts in. */
  readonly nodeOptions?: readonly string[];
  readonly entryFile: string;
  readonly workingDirectory: string;
  /** The app's secrets at this moment: in every machine that starts, over what its config says. */
  readonly secrets: () => Readonly<Record<string, string>>;
  readonly path: string;
  readonly faults: FlyFaults;
  readonly onOutput: (machine: Machine, line: string) => void;
}

const PRIVATE_ADDRESS = "fdaa:0:1::3";

export class Machine {
  readonly id = randomBytes(7).toString("hex");
  readonly instanceId = ulid();
  readonly name: string;
  readonly region: string;
  readonly config: MachineConfig;
  readonly createdAt = new Date().toISOString();
  readonly events: MachineEvent[] = [];
  readonly #guest: Guest;
  readonly #changes = new EventEmitter();
  #state: MachineState = "created";
  #process: ChildProcess | null = null;
  #stopRequested = false;
  #memoryExceeded = false;
  #isLost = false;
  #isReportedGone = false;
  #exited: Promise<void> = Promise.resolve();

  constructor(guest: Guest, name: string | undefined, region: string, config: MachineConfig) {
    this.#guest = guest;
    this.name = name ?? `machine-${this.id}`;
    this.region = region;
    this.config = config;
    this.#changes.setMaxListeners(0);
    this.#record("launch", "user");
  }

  /** What the platform says of it. */
  get state(): MachineState {
    return this.#isReportedGone ? "destroyed" : this.#state;
  }

  /** Whether it runs, or is about to, whatever the platform says. */
  get isRunning(): boolean {
    // One that is reported gone may never come up.
    return this.#process !== null || (this.#state === "starting" && !this.#isReportedGone);
  }

  /** The guest's pid, or null when none runs. */
  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  /** Boots the guest; it counts as started once its process exists. */
  async start(): Promise<void> {
    const fault = this.#guest.faults.takeForStart();
    // A new machine that does not start stays created.
    if (fault?.kind === "never_starts" && this.#state === "created") return;
    this.#stopRequested = false;
    this.#memoryExceeded = false;
    this.#isLost = false;
    this.#enter("starting");
    this.#record("start", "user");
    if (fault === null) return await this.#boot();
    // The answer does not wait for it.
    if (fault.kind === "slow_start") void sleep(fault.milliseconds).then(() => this.#boot());
  }

  async #boot(): Promise<void> {
    // It may have been destroyed before it came up.
    if (this.#state !== "starting") return;
    const { nodeOptions = [], entryFile } = this.#guest;
    const child = spawn(process.execPath, [...nodeOptions, entryFile], {
      cwd: this.#guest.workingDirectory,
      env: this.#environment(),
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = child;
    for (const output of [child.stdout, child.stderr]) {
      createInterface({ input: output }).on("line", (line) => this.#guest.onOutput(this, line));
    }
    this.#exited = this.#watchExit(child);
    await once(child, "spawn");
    this.#guest.run.add({
      name: this.name,
      pid: child.pid ?? 0,
      port: null,
      mark: this.#guest.entryFile,
      lastSignal: "SIGKILL",
    });
    if (this.#state === "starting") this.#enter("started");
  }

  /** Asks the guest to go, and after the timeout makes it go. Resolves when it is gone. */
  async stop(signal: NodeJS.Signals = "SIGINT", timeoutSeconds = 5): Promise<void> {
    if (this.#process === null) {
      // What was still to come up does not.
      if (this.#state === "starting") this.#enter("stopped");
      return;
    }
    this.#stopRequested = true;
    this.#enter("stopping");
    this.#record("stop", "user");
    this.kill(signal);
    const impatience = setTimeout(() => this.kill("SIGKILL"), timeoutSeconds * 1000);
    await this.#exited;
    clearTimeout(impatience);
  }

  /** A signal to the guest that nobody asked the API for, as a crash would be. */
  kill(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  /** Its host breaks: the guest is dead, and the platform goes on calling the machine started. */
  lose(): void {
    this.#isLost = true;
    this.kill("SIGKILL");
  }

  /** Its host cannot be reached: the platform calls the machine destroyed, and the guest lives on. */
  reportGone(): void {
    this.#isReportedGone = true;
  }

  /** As if the guest had used more memory than the machine has. */
  exceedMemory(): void {
    this.#memoryExceeded = true;
    this.kill("SIGKILL");
  }

  async destroy(): Promise<void> {
    if (this.#isReportedGone || this.#state === "destroyed") return;
    if (this.#process !== null) {
      this.#stopRequested = true;
      this.kill("SIGKILL");
      await this.#exited;
    }
    // With auto_destroy the exit has done it already.
    if (this.state !== "destroyed") this.#leave("user");
  }

  /** True once the state is reached, false when the time is over. */
  async waitFor(state: MachineState, milliseconds: number): Promise<boolean> {
    const signal = AbortSignal.timeout(milliseconds);
    while (this.state !== state) {
      try {
        await once(this.#changes, "state", { signal });
      } catch {
        return false;
      }
    }
    return true;
  }

  async #watchExit(child: ChildProcess): Promise<void> {
    await new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
      child.once("error", () => resolve());
    });
    this.#process = null;
    if (child.pid !== undefined) {
      // A machine ends with its first process: no git of a killed indexer lives on.
      killGroupOf(child.pid);
      this.#guest.run.remove(child.pid);
    }
    if (this.#isLost) return;
    const signal = child.signalCode === null ? -1 : os.constants.signals[child.signalCode];
    const exitEvent = {
      exit_code: child.exitCode ?? (signal === -1 ? 1 : 128 + signal),
      guest_signal: signal,
      oom_killed: this.#memoryExceeded,
      requested_stop: this.#stopRequested,
      exited_at: new Date().toISOString(),
    };
    const { restMilliseconds } = this.#guest.faults;
    if (restMilliseconds > 0) await sleep(restMilliseconds, undefined, { ref: false });
    // It may have been destroyed meanwhile.
    if (this.#state === "destroyed") return;
    this.#enter("stopped");
    this.#record("exit", "flyd", exitEvent);
    if (this.config.auto_destroy) this.#leave("flyd");
  }

  #leave(source: "user" | "flyd"): void {
    this.#enter("destroying");
    this.#enter("destroyed");
    this.#record("destroy", source);
  }

  #enter(state: MachineState): void {
    this.#state = state;
    this.#changes.emit("state");
  }

  /** Newest first, as the API lists them. */
  #record(type: MachineEvent["type"], source: MachineEvent["source"], exitEvent?: ExitEvent): void {
    this.events.unshift({
      id: ulid(),
      type,
      status: this.#state,
      source,
      timestamp: Date.now(),
      ...(exitEvent === undefined ? {} : { request: { exit_event: exitEvent } }),
    });
  }

  #environment(): Record<string, string> {
    return {
      PATH: this.#guest.path,
      ...this.config.env,
      ...this.#guest.secrets(),
      FLY_APP_NAME: this.#guest.appName,
      FLY_MACHINE_ID: this.id,
      FLY_ALLOC_ID: this.id,
      FLY_MACHINE_VERSION: this.instanceId,
      FLY_REGION: this.region,
      PRIMARY_REGION: this.region,
      FLY_IMAGE_REF: this.config.image,
      FLY_PRIVATE_IP: PRIVATE_ADDRESS,
      FLY_PROCESS_GROUP: "app",
      FLY_VM_MEMORY_MB: String(this.config.guest?.memory_mb ?? 256),
    };
  }
}

/** 26 characters of Crockford's alphabet, like the API's instance ids; not sortable, here. */
function ulid(): string {
  const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  return Array.from({ length: 26 }, () => alphabet[randomInt(32)]).join("");
}
