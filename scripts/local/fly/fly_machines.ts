// The Machines API as dispatch uses it: create, list, get, start, stop, delete and wait, for one app.
// Stands for: api.machines.dev. Leaves out: updates, leases, suspend, exec, the seconds an image pull
// takes; any region is taken. Its rate limits are off unless asked for; what may go wrong is in
// fly_faults.ts, what a machine is in fly_machine.ts, what a request does in fly_machines_api.ts.

import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import { type FlyAction, FlyFaults } from "./fly_faults.ts";
import type { Guest, Machine } from "./fly_machine.ts";
import { MachinesApi, type Reply } from "./fly_machines_api.ts";
import { FlyRateLimits } from "./fly_rate_limits.ts";

export interface FlyMachinesOptions extends Omit<Guest, "onOutput" | "faults"> {
  token: string;
  /** Refuse what the real API would for its rate. */
  hasRateLimits?: boolean;
  /** What the machines print is appended here, each line with its machine's name. */
  logFile?: string;
  /** Called for every line a machine prints. */
  onOutput?: (machine: Machine, line: string) => void;
}

/** The listening stand-in. */
export interface FlyMachines {
  readonly port: number;
  /** What goes wrong; empty at first. */
  readonly faults: FlyFaults;
  /** Kept to if that was asked for. */
  readonly rateLimits: FlyRateLimits;
  /** What was asked for so far, whatever became of it. */
  readonly requests: readonly FlyAction[];
  /** Every machine that there ever was. */
  all(): Machine[];
  /** Every machine that is not destroyed, as the platform says. */
  list(): Machine[];
  /** Every machine that runs, whatever the platform says. */
  running(): Machine[];
  /** Stops the guests, kindly first, then the server. */
  stop(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1. */
export async function startFlyMachines(options: FlyMachinesOptions): Promise<FlyMachines> {
  const log = options.logFile === undefined
    ? null
    : createWriteStream(options.logFile, { flags: "a" });
  const faults = new FlyFaults();
  const onOutput = (machine: Machine, line: string) => {
    log?.write(`${machine.name} | ${line}\n`);
    options.onOutput?.(machine, line);
  };
  const rateLimits = new FlyRateLimits(() => performance.now());
  const limits = options.hasRateLimits === true ? rateLimits : null;
  const api = new MachinesApi({ ...options, faults, onOutput }, options.token, limits);
  const server = createServer((request, response) => {
    void respond(api, request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    faults,
    rateLimits,
    requests: api.requests,
    all: () => api.all(),
    list: () => api.live(),
    running: () => api.all().filter((machine) => machine.isRunning),
    stop: async () => {
      server.close();
      api.refuse();
      await Promise.all(api.all().map((machine) => machine.stop()));
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
  let reply: Reply | "dropped";
  try {
    reply = await api.reply(request);
  } catch (error) {
    const isTheirs = error instanceof z.ZodError || error instanceof SyntaxError;
    reply = isTheirs
      ? { status: 400, body: { error: `invalid_argument: ${error.message}` } }
      : { status: 500, body: { error: `internal: ${String(error)}` } };
  }
  if (reply === "dropped") return void request.socket.destroy();
  response.writeHead(reply.status, { "content-type": "application/json", ...reply.headers });
  response.end(JSON.stringify(reply.body));
}
