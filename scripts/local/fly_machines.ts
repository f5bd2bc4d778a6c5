// The Machines API as dispatch uses it: create, list, get, start, stop, delete and wait, for one app.
// Stands for: api.machines.dev. Leaves out: updates, leases, suspend, exec, rate limits, capacity,
// regions (any is recorded), the seconds an image pull takes. fly_machine.ts says what a machine is.

import { timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import { type Guest, Machine, machineConfig, type MachineState } from "./fly_machine.ts";

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

export interface FlyMachinesOptions extends Omit<Guest, "onOutput"> {
  token: string;
  /** What the machines print is appended here, each line with its machine's name. */
  logFile?: string;
  /** Called for every line a machine prints. */
  onOutput?: (machine: Machine, line: string) => void;
}

/** The listening stand-in. */
export interface FlyMachines {
  readonly port: number;
  /** Every machine that is not destroyed. */
  list(): Machine[];
  /** Stops the guests, kindly first, then the server. */
  stop(): Promise<void>;
}

type Reply = readonly [status: number, body: unknown];

/** Listens on a free port of 127.0.0.1. */
export async function startFlyMachines(options: FlyMachinesOptions): Promise<FlyMachines> {
  const log = options.logFile === undefined
    ? null
    : createWriteStream(options.logFile, { flags: "a" });
  const api = new MachinesApi({
    ...options,
    onOutput: (machine, line) => {
      log?.write(`${machine.name} | ${line}\n`);
      options.onOutput?.(machine, line);
    },
  }, options.token);
  const server = createServer((request, response) => {
    void respond(api, request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    list: () => api.live(),
    stop: async () => {
      server.close();
      api.refuse();
      await Promise.all(api.live().map((machine) => machine.stop()));
      server.closeAllConnections();
      log?.end();
    },
  };
}

async function respond(
  api: MachinesApi,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let reply: Reply;
  try {
    reply = await api.reply(request);
  } catch (error) {
    reply = error instanceof z.ZodError || error instanceof SyntaxError
      ? [400, { error: `invalid_argument: ${error.message}` }]
      : [500, { error: `internal: ${String(error)}` }];
  }
  response.writeHead(reply[0], { "content-type": "application/json" });
  response.end(JSON.stringify(reply[1]));
}

class MachinesApi {
  readonly #guest: Guest;
  readonly #token: string;
  readonly #machines = new Map<string, Machine>();
  #isRefusing = false;

  constructor(guest: Guest, token: string) {
    this.#guest = guest;
    this.#token = token;
  }

  /** From now on nothing is done: a request that was under way must not start another guest. */
  refuse(): void {
    this.#isRefusing = true;
  }

  live(): Machine[] {
    return [...this.#machines.values()].filter((machine) => machine.state !== "destroyed");
  }

  async reply(request: IncomingMessage): Promise<Reply> {
    if (!this.#isAllowed(request.headers.authorization)) {
      return [401, { error: "unauthenticated: token not found or expired" }];
    }
    const url = new URL(request.url ?? "", "http://local");
    const [version, apps, app, machines, id, action] = url.pathname.slice(1).split("/");
    if (version !== "v1" || apps !== "apps" || machines !== "machines") {
      return [404, { error: "not found" }];
    }
    if (app !== this.#guest.appName) return [404, { error: "not_found: app not found" }];
    const body = await readBody(request);
    if (this.#isRefusing) return [503, { error: "unavailable: the stack is stopping" }];
    if (id === undefined) {
      if (request.method === "POST") return await this.#create(body);
      return [200, this.#list(url.searchParams).map(view)];
    }
    const machine = this.#machines.get(id);
    if (machine === undefined) return [404, { error: "not_found: machine not found" }];
    return await this.#act(machine, `${request.method} ${action ?? ""}`, url.searchParams, body);
  }

  #isAllowed(header: string | undefined): boolean {
    const given = Buffer.from(header ?? "");
    const wanted = Buffer.from(`Bearer ${this.#token}`);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  }

  async #create(body: unknown): Promise<Reply> {
    const { name, region, skip_launch, config } = createRequest.parse(body);
    const clash = this.live().find((machine) => machine.name === name);
    if (clash !== undefined) {
      const error = `already_exists: unique machine name violation, machine ID ${clash.id} ` +
        `already exists with name "${name}"`;
      return [422, { error }];
    }
    const machine = new Machine(this.#guest, name, region, config);
    this.#machines.set(machine.id, machine);
    const created = view(machine);
    if (!skip_launch) await machine.start();
    return [200, created];
  }

  #list(query: URLSearchParams): Machine[] {
    const wanted = [...query].filter(([key]) => key.startsWith("metadata."));
    const all = query.get("include_deleted") === "true"
      ? [...this.#machines.values()]
      : this.live();
    return all.filter((machine) =>
      (query.get("region") ?? machine.region) === machine.region &&
      wanted.every(([key, value]) =>
        machine.config.metadata[key.slice("metadata.".length)] === value
      )
    );
  }

  async #act(
    machine: Machine,
    action: string,
    query: URLSearchParams,
    body: unknown,
  ): Promise<Reply> {
    switch (action) {
      case "GET ":
        return [200, view(machine)];
      case "GET events":
        return [200, machine.events];
      case "GET wait":
        return await wait(machine, query);
      case "POST start":
        return await start(machine);
      case "POST stop": {
        const { signal, timeout } = stopRequest.parse(body);
        // Answered at once; wait is how a caller learns that it has stopped.
        void machine.stop(signal as NodeJS.Signals, Number.parseFloat(String(timeout)));
        return [200, { ok: true }];
      }
      case "DELETE ":
        return await destroy(machine, query);
      default:
        return [404, { error: "not found" }];
    }
  }
}

async function start(machine: Machine): Promise<Reply> {
  const previous = machine.state;
  if (previous !== "stopped" && previous !== "created") {
    const error = `failed_precondition: unable to start machine from current state: '${previous}'`;
    return [412, { error }];
  }
  await machine.start();
  return [200, { previous_state: previous, migrated: false, new_host: "" }];
}

async function destroy(machine: Machine, query: URLSearchParams): Promise<Reply> {
  const isForced = query.get("force") === "true" || query.get("kill") === "true";
  if (machine.pid !== null && !isForced) {
    const error = `failed_precondition: unable to destroy machine, not currently stopped`;
    return [412, { error }];
  }
  await machine.destroy();
  return [200, { ok: true }];
}

async function wait(machine: Machine, query: URLSearchParams): Promise<Reply> {
  const state = (query.get("state") ?? "started") as MachineState;
  const seconds = Math.min(Number(query.get("timeout") ?? WAIT_SECONDS_MAX), WAIT_SECONDS_MAX);
  const instance = query.get("instance_id");
  // A machine that has not started yet is stopped, too: the real API wants to know which run.
  if (state === "stopped" && instance === null) {
    return [400, { error: "invalid_argument: instance_id is required to wait for stopped" }];
  }
  if (instance !== null && instance !== machine.instanceId) {
    return [404, { error: "not_found: no such instance of the machine" }];
  }
  if (await machine.waitFor(state, seconds * 1000)) return [200, { ok: true }];
  const error = `deadline_exceeded: machine failed to reach desired state, ${state}, ` +
    `currently ${machine.state}`;
  return [408, { error }];
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
