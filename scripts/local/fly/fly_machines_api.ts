// The Machines API as dispatch uses it, for one app: what each request does and answers, and the
// faults and rate limits on the way. fly_machine.ts says what a machine is; sockets are elsewhere.

import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { CallFault, FlyAction } from "./fly_faults.ts";
import { type Guest, Machine, machineConfig, type MachineState } from "./fly_machine.ts";
import type { FlyRateLimits } from "./fly_rate_limits.ts";

const WAIT_SECONDS_MAX = 60;
const BODY_BYTES_MAX = 1024 * 1024;

const createRequest = z.object({
  name: z.string().optional(),
  region: z.string().default("local"),
  skip_launch: z.boolean().default(false),
  config: machineConfig,
});
const stopRequest = z.object({
  signal: z.string().default("SIGINT"),
  timeout: z.union([z.number(), z.string()]).default(5),
});

/** An answer. */
export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Call {
  readonly action: FlyAction;
  readonly machineId: string | null;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

function ok(body: unknown = { ok: true }): Reply {
  return { status: 200, body };
}

function refused(status: number, error: string): Reply {
  return { status, body: { error } };
}

export class MachinesApi {
  readonly #guest: Guest;
  readonly #token: string;
  readonly #limits: FlyRateLimits | null;
  readonly #machines = new Map<string, Machine>();
  /** Every request that had the token and a meaning, whatever became of it. */
  readonly requests: FlyAction[] = [];
  #isRefusing = false;

  /** Without limits any number of requests is served. */
  constructor(guest: Guest, token: string, limits: FlyRateLimits | null) {
    this.#guest = guest;
    this.#token = token;
    this.#limits = limits;
  }

  /** From now on nothing is done: a request that was under way must not start another guest. */
  refuse(): void {
    this.#isRefusing = true;
  }

  /** Every machine there ever was. */
  all(): Machine[] {
    return [...this.#machines.values()];
  }

  /** Those that the platform says exist. */
  live(): Machine[] {
    return this.all().filter((machine) => machine.state !== "destroyed");
  }

  /** Does what is asked for. dropped: the connection is to end without an answer. */
  async reply(request: IncomingMessage): Promise<Reply | "dropped"> {
    if (!this.#isAllowed(request.headers.authorization)) {
      return refused(401, "unauthenticated: token not found or expired");
    }
    const url = new URL(request.url ?? "", "http://local");
    const [version, apps, app, machines, id, what = ""] = url.pathname.slice(1).split("/");
    if (version !== "v1" || apps !== "apps" || machines !== "machines") {
      return refused(404, "not found");
    }
    if (app !== this.#guest.appName) return refused(404, "not_found: app not found");
    const body = await readBody(request);
    if (this.#isRefusing) return refused(503, "unavailable: the stack is stopping");
    const action = actionOf(request.method ?? "", id !== undefined, what);
    if (action === null) return refused(404, "not found");
    this.requests.push(action);
    const call = { action, machineId: id ?? null, query: url.searchParams, body };
    if (this.#limits?.allow(action, id ?? app) === false) return tooMany();
    const fault = this.#guest.faults.takeForCall(action);
    return fault === null ? await this.#perform(call) : await this.#performWith(fault, call);
  }

  #isAllowed(header: string | undefined): boolean {
    const given = Buffer.from(header ?? "");
    const wanted = Buffer.from(`Bearer ${this.#token}`);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  }

  async #performWith(fault: CallFault, call: Call): Promise<Reply | "dropped"> {
    switch (fault.kind) {
      case "rate_limited":
        return tooMany(fault.retryAfterSeconds);
      case "no_capacity":
        return noCapacity();
      case "refused":
        return refused(fault.status, fault.status === 409 ? "aborted: lease held" : "wrong state");
      case "unclear": {
        const { lateMilliseconds = 0 } = fault;
        const work = async () => {
          if (lateMilliseconds > 0) await sleep(lateMilliseconds);
          if (!this.#isRefusing) await this.#perform(call);
        };
        if (fault.isDone && lateMilliseconds === 0) await work();
        else if (fault.isDone) void work();
        if (fault.status === "dropped") return "dropped";
        return refused(fault.status, fault.status === 408 ? "deadline_exceeded" : "internal");
      }
    }
  }

  async #perform(call: Call): Promise<Reply> {
    const { action, machineId, query, body } = call;
    if (action === "create") return await this.#create(body);
    if (action === "list") return ok(this.#list(query).map(view));
    const machine = this.#machines.get(machineId ?? "");
    if (machine === undefined) return refused(404, "not_found: machine not found");
    switch (action) {
      case "get":
        return ok(view(machine));
      case "events":
        return ok(machine.events);
      case "wait":
        return await wait(machine, query);
      case "start":
        return await start(machine);
      case "destroy":
        return await destroy(machine, query);
      case "stop": {
        const { signal, timeout } = stopRequest.parse(body);
        // Answered at once; wait is how a caller learns that it has stopped.
        void machine.stop(signal as NodeJS.Signals, Number.parseFloat(String(timeout)));
        return ok();
      }
    }
  }

  async #create(body: unknown): Promise<Reply> {
    const { name, region, skip_launch, config } = createRequest.parse(body);
    const clash = this.live().find((machine) => machine.name === name);
    if (clash !== undefined) {
      const error = `already_exists: unique machine name violation, machine ID ${clash.id} ` +
        `already exists with name "${name}"`;
      return refused(422, error);
    }
    if (this.#guest.faults.regionsWithoutCapacity.has(region)) return noCapacity();
    const machine = new Machine(this.#guest, name, region, config);
    this.#machines.set(machine.id, machine);
    const created = view(machine);
    if (!skip_launch) await machine.start();
    return ok(created);
  }

  #list(query: URLSearchParams): Machine[] {
    const wanted = [...query].filter(([key]) => key.startsWith("metadata."));
    const all = query.get("include_deleted") === "true" ? this.all() : this.live();
    return all.filter((machine) =>
      (query.get("region") ?? machine.region) === machine.region &&
      wanted.every(([key, value]) =>
        machine.config.metadata[key.slice("metadata.".length)] === value
      )
    );
  }
}

const actions: Readonly<Record<string, FlyAction>> = {
  "GET ": "get",
  "GET events": "events",
  "GET wait": "wait",
  "POST start": "start",
  "POST stop": "stop",
  "DELETE ": "destroy",
};

function actionOf(method: string, isOfMachine: boolean, what: string): FlyAction | null {
  if (!isOfMachine) return method === "POST" ? "create" : "list";
  return actions[`${method} ${what}`] ?? null;
}

function tooMany(retryAfterSeconds?: number): Reply {
  const headers: Record<string, string> = retryAfterSeconds === undefined
    ? {}
    : { "retry-after": String(retryAfterSeconds) };
  return { ...refused(429, "rate limit exceeded"), headers };
}

function noCapacity(): Reply {
  const error = "insufficient resources available to fulfill request";
  return { status: 422, body: { status: "insufficient_capacity", error } };
}

async function start(machine: Machine): Promise<Reply> {
  const previous = machine.state;
  if (previous !== "stopped" && previous !== "created") {
    const error = `failed_precondition: unable to start machine from current state: '${previous}'`;
    return refused(412, error);
  }
  await machine.start();
  return ok({ previous_state: previous, migrated: false, new_host: "" });
}

async function destroy(machine: Machine, query: URLSearchParams): Promise<Reply> {
  const isForced = query.get("force") === "true" || query.get("kill") === "true";
  if (machine.pid !== null && !isForced) {
    return refused(412, "failed_precondition: unable to destroy machine, not currently stopped");
  }
  await machine.destroy();
  return ok();
}

async function wait(machine: Machine, query: URLSearchParams): Promise<Reply> {
  const state = (query.get("state") ?? "started") as MachineState;
  const seconds = Math.min(Number(query.get("timeout") ?? WAIT_SECONDS_MAX), WAIT_SECONDS_MAX);
  const instance = query.get("instance_id");
  // A machine that has not started yet is stopped, too: the real API wants to know which version.
  if (state === "stopped" && instance === null) {
    return refused(400, "invalid_argument: instance_id is required to wait for stopped");
  }
  if (instance !== null && instance !== machine.instanceId) {
    return refused(404, "not_found: no such instance of the machine");
  }
  if (await machine.waitFor(state, seconds * 1000)) return ok();
  const error = `deadline_exceeded: machine failed to reach desired state, ${state}, ` +
    `currently ${machine.state}`;
  return refused(408, error);
}

function view(machine: Machine) {
  return {
    id: machine.id,
    name: machine.name,
    state: machine.state,
    region: machine.region,
    instance_id: machine.instanceId,
    config: machine.config,
    image_ref: { repository: machine.config.image },
    created_at: machine.createdAt,
    updated_at: new Date(machine.events[0]?.timestamp ?? 0).toISOString(),
    events: [...machine.events],
  };
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > BODY_BYTES_MAX) throw new SyntaxError("request body too large");
    chunks.push(chunk as Buffer);
  }
  return bytes === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString("utf8"));
}
