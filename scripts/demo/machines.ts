// The machines as the Machines API lists them: which run, and how those that are gone ended. Only
// reads. Knows nothing of jobs.

import { z } from "zod";

const event = z.object({
  type: z.string(),
  /** Milliseconds since 1970. */
  timestamp: z.number(),
  request: z.object({ exit_event: z.object({ exit_code: z.number() }).optional() }).optional(),
});
const machine = z.object({
  id: z.string(),
  name: z.string(),
  state: z.string(),
  events: z.array(event),
});
const machines = z.array(machine);

/** Where the Machines API is, the token to it, and the app whose machines are ours. */
export interface MachinesAccess {
  readonly url: string;
  readonly token: string;
  readonly appName: string;
}

/** A machine's life. */
export interface MachineLife {
  readonly name: string;
  readonly isRunning: boolean;
  /** Milliseconds since 1970. */
  readonly startedAt: number | null;
  readonly exitedAt: number | null;
  readonly exitCode: number | null;
}

const RESTING = new Set(["stopped", "suspended", "destroyed", "failed"]);

/** Every machine of the app, those that are gone too, oldest first. */
export async function listMachines(
  { url, token, appName }: MachinesAccess,
  signal: AbortSignal,
): Promise<MachineLife[]> {
  const address = `${url}/v1/apps/${encodeURIComponent(appName)}/machines?include_deleted=true`;
  const response = await fetch(address, { signal, headers: { authorization: `Bearer ${token}` } });
  if (!response.ok) throw new Error(`the Machines API answered ${response.status}`);
  return machines.parse(await response.json()).map(lifeOf)
    .sort((a, b) => (a.startedAt ?? 0) - (b.startedAt ?? 0));
}

function lifeOf({ name, state, events }: z.infer<typeof machine>): MachineLife {
  const newest = (type: string) =>
    events.filter((each) => each.type === type).toSorted((a, b) => b.timestamp - a.timestamp)[0];
  const exit = newest("exit");
  return {
    name,
    isRunning: !RESTING.has(state),
    startedAt: newest("start")?.timestamp ?? null,
    exitedAt: exit?.timestamp ?? null,
    exitCode: exit?.request?.exit_event?.exit_code ?? null,
  };
}
