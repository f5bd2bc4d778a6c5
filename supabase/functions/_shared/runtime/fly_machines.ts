/**
 * The two calls to the Machines API that launching takes: create a machine, and find one by its
 * launch. Tells apart what certainly did not happen from what may have. Knows neither queue nor
 * fleet limit.
 */
import { z } from "zod";
import { FLY_CALL_MILLISECONDS_MAX } from "../contracts/limits.ts";
import { requestService, type ServiceResponse } from "./http_client.ts";

/** A machine that exists. */
export interface Machine {
  readonly machineId: string;
  readonly region: string;
}

/** A machine to create. Its name is unique in the app, so it is never created twice. */
export interface MachineRequest {
  readonly launchId: string;
  readonly name: string;
  /** Null lets the platform choose. */
  readonly region: string | null;
  readonly image: string;
}

/**
 * name_taken: a machine of this name exists, or the request is wrong; only a look tells. ambiguous:
 * no answer or an error of the platform; the machine may exist. The others: it does not.
 */
export type CreateOutcome =
  | { readonly outcome: "created"; readonly machine: Machine }
  | {
    readonly outcome: "name_taken" | "rate_limited" | "no_capacity" | "rejected" | "ambiguous";
    readonly message: string;
  };

/** The client. */
export interface FlyMachines {
  create(request: MachineRequest, deadline: AbortSignal): Promise<CreateOutcome>;
  /** The machine of a launch, by its metadata; null when there is none or nobody can say. */
  findByLaunch(launchId: string, deadline: AbortSignal): Promise<Machine | null>;
}

/** Where the API is and which app is ours. */
export interface FlySettings {
  readonly apiBaseUrl: string;
  readonly apiToken: string;
  readonly appName: string;
  readonly fetch: typeof fetch;
}

/** A shared CPU falls to a sixteenth after five seconds; memory also holds the fetched objects. */
const GUEST = { cpu_kind: "performance", cpus: 2, memory_mb: 4096 };
/** Time to give a job back after the signal; Fly's default of 5 s is short for a slow database. */
const STOP = { signal: "SIGTERM", timeout: "60s" };

const machineBody = z.object({ id: z.string(), region: z.string() })
  .transform(({ id, region }): Machine => ({ machineId: id, region }));
const errorBody = z.object({ error: z.string().optional(), status: z.unknown().optional() });

function messageOf({ status, body }: ServiceResponse): string {
  const said = errorBody.safeParse(body);
  const parts = said.success ? [said.data.status, said.data.error] : [];
  const texts = parts.filter((part) => typeof part === "string");
  return [String(status), ...texts].join(": ").slice(0, 300);
}

function outcomeOf(response: ServiceResponse | null): CreateOutcome {
  if (response === null) return { outcome: "ambiguous", message: "no answer" };
  const { status, body } = response;
  const message = messageOf(response);
  if (status < 300) {
    const machine = machineBody.safeParse(body);
    return machine.success
      ? { outcome: "created", machine: machine.data }
      : { outcome: "ambiguous", message: `${status}: unexpected answer` };
  }
  if (/capacity|insufficient.resources/i.test(message)) return { outcome: "no_capacity", message };
  if (status === 429) return { outcome: "rate_limited", message };
  if (status === 408 || status >= 500) return { outcome: "ambiguous", message };
  if (status === 409 || status === 422) return { outcome: "name_taken", message };
  return { outcome: "rejected", message };
}

function machineConfig({ launchId, image }: MachineRequest) {
  return {
    image,
    auto_destroy: true,
    restart: { policy: "no" },
    guest: GUEST,
    stop_config: STOP,
    env: { LAUNCH_ID: launchId },
    metadata: { launch_id: launchId },
  };
}

/** The client over HTTP. */
export function createFlyMachines(settings: FlySettings): FlyMachines {
  const app = encodeURIComponent(settings.appName);
  const machines = `${settings.apiBaseUrl}/v1/apps/${app}/machines`;
  const send = (method: string, url: string, deadline: AbortSignal, body?: unknown) =>
    requestService(settings.fetch, {
      method,
      url,
      headers: { authorization: `Bearer ${settings.apiToken}` },
      body,
      signal: AbortSignal.any([deadline, AbortSignal.timeout(FLY_CALL_MILLISECONDS_MAX)]),
    });
  return {
    async create(request, deadline) {
      const { name, region } = request;
      return outcomeOf(
        await send("POST", machines, deadline, {
          name,
          ...(region === null ? {} : { region }),
          config: machineConfig(request),
        }),
      );
    },
    async findByLaunch(launchId, deadline) {
      const url = `${machines}?metadata.launch_id=${launchId}`;
      const response = await send("GET", url, deadline);
      const listed = z.array(machineBody).safeParse(response?.body);
      return response?.status === 200 && listed.success ? listed.data[0] ?? null : null;
    },
  };
}
