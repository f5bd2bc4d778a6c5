// When a wake passed each of its stages, in a stack that runs in this process: the stand-ins' own
// requests are seen through Node's diagnostics channels, the rest is in the database and in what the
// Machines API says. One clock for all, since all run on one machine.

import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Stack } from "../../local/stack.ts";
import type { Mark } from "../statistics.ts";

/** Milliseconds since 1970 at which requests left or arrived here. */
export interface SeenRequests {
  /** The wakes that pg_net sent. */
  readonly wakes: number[];
  /** The creates and starts that dispatch asked for. */
  readonly launches: number[];
}

interface SentRequest {
  readonly request: { readonly method: string; readonly path: string };
}

interface ReceivedRequest {
  readonly request: { readonly method?: string; readonly url?: string };
}

/** Begins to watch; dispose of it to end. */
export class RequestWatch implements Disposable {
  readonly seen: SeenRequests = { wakes: [], launches: [] };
  readonly #onSent = (message: unknown) => {
    const { request } = message as SentRequest;
    if (request.path.endsWith("/dispatch")) this.seen.wakes.push(Date.now());
  };
  readonly #onReceived = (message: unknown) => {
    const { method, url = "" } = (message as ReceivedRequest).request;
    if (method === "POST" && /\/machines(?:\/\w+\/start)?$/.test(url)) {
      this.seen.launches.push(Date.now());
    }
  };

  constructor() {
    subscribe("undici:request:create", this.#onSent);
    subscribe("http.server.request.start", this.#onReceived);
  }

  /** Forgets what was seen. */
  clear(): void {
    this.seen.wakes.length = 0;
    this.seen.launches.length = 0;
  }

  [Symbol.dispose](): void {
    unsubscribe("undici:request:create", this.#onSent);
    unsubscribe("http.server.request.start", this.#onReceived);
  }
}

/** The way of one wake, in order. */
export async function wakeMarks(
  stack: Stack,
  jobId: string,
  { wakes, launches }: SeenRequests,
): Promise<Mark[]> {
  const [row] = await stack.sql<
    {
      queued_at: Date;
      machine_id: string;
      launched_at: Date;
      registered_at: Date;
      claimed_at: Date;
    }[]
  >`
    select j.queued_at, m.machine_id, m.launched_at, m.registered_at, e.at as claimed_at
    from quarry.indexing_jobs j
    join quarry.machines m on m.launch_id = j.launch_id
    join quarry.indexing_job_events e on e.job_id = j.id and e.event = 'claimed'
    where j.id = ${jobId}`;
  if (row === undefined) throw new Error(`job ${jobId} was claimed by no machine`);
  const machine = stack.machines.list().find(({ id }) => id === row.machine_id);
  const spawned = machine?.events.find(({ type }) => type === "start");
  return [
    // Within the transaction: the commit itself counts, too.
    { name: "job inserted", at: row.queued_at.getTime() },
    { name: "wake sent by pg_net", at: wakes[0] ?? null },
    { name: "launch planned by dispatch", at: row.launched_at.getTime() },
    { name: "Machines API asked", at: launches[0] ?? null },
    { name: "process spawned", at: spawned?.timestamp ?? null },
    { name: "worker registered", at: row.registered_at.getTime() },
    { name: "job claimed", at: row.claimed_at.getTime() },
  ];
}
