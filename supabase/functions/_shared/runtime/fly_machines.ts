/**
 * The five calls to the Machines API that we use: create, list, get, start and destroy a machine of
 * one app. Every answer is a value or an error of a closed list, which tells apart what certainly
 * did not happen from what may have. Knows neither queue nor fleet limit, and repeats nothing.
 */
import { z } from "zod";
import { FLY_CALL_MILLISECONDS_MAX, FLY_CREATE_MILLISECONDS_MAX } from "../contracts/limits.ts";
import { requestService, type ServiceResponse } from "./http_client.ts";

/** A machine that exists. */
export interface Machine {
  readonly machineId: string;
  readonly region: string;
  /** created, starting, started, stopping, stopped, destroyed and a dozen rarer ones. */
  readonly state: string;
  /** The launch that created it, from its metadata; null: it is none of ours. */
  readonly launchId: string | null;
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
 * - name_taken: a machine of this name exists, or the request is wrong; only a look tells.
 * - wrong_state: nothing was done, since the machine is not in a state for it, or is locked.
 * - no_capacity: not here, not now.
 * - rejected: wrong token, app or request; again would be no better.
 * - unclear: no answer, or an error of the platform. It may have been done.
 */
export type FlyErrorCode =
  | "name_taken"
  | "wrong_state"
  | "not_found"
  | "no_capacity"
  | "rate_limited"
  | "rejected"
  | "unclear";

/** Why a call did not succeed. */
export interface FlyError {
  readonly code: FlyErrorCode;
  readonly message: string;
  /** What Retry-After said, in seconds; null when it said nothing. */
  readonly retryAfterSeconds: number | null;
}

/** The answer to a call. */
export type FlyResult<Value> = { readonly value: Value } | { readonly error: FlyError };

/** The client. Each call ends with the signal, or after a time of its own. */
export interface FlyMachines {
  create(request: MachineRequest, signal: AbortSignal): Promise<FlyResult<Machine>>;
  /** The machines that a launch has created, by their metadata: one or none. */
  listByLaunch(launchId: string, signal: AbortSignal): Promise<FlyResult<readonly Machine[]>>;
  get(machineId: string, signal: AbortSignal): Promise<FlyResult<Machine>>;
  start(machineId: string, signal: AbortSignal): Promise<FlyResult<null>>;
  /** Whatever it is doing. One that does not exist counts as destroyed. */
  destroy(machineId: string, signal: AbortSignal): Promise<FlyResult<null>>;
}

/** Where the API is and which app is ours. */
export interface FlySettings {
  readonly apiBaseUrl: string;
  readonly apiToken: string;
  readonly appName: string;
  readonly fetch: typeof fetch;
}

/**
 * A shared CPU falls to a sixteenth after five seconds; memory also holds the fetched objects, in half of
 * it at most. What plans allow of a repository has to fit there.
 */
export const GUEST = { cpu_kind: "performance", cpus: 2, memory_mb: 4096 };
/** Time to give a job back after the signal; Fly's default of 5 s is short for a slow database. */
const STOP = { signal: "SIGTERM", timeout: "60s" };
const MESSAGE_UNITS_MAX = 300;

const machineBody = z.object({
  id: z.string(),
  region: z.string(),
  state: z.string(),
  config: z.object({ metadata: z.object({ launch_id: z.string().optional() }).nullish() })
    .nullish(),
}).transform(({ id, region, state, config }): Machine => ({
  machineId: id,
  region,
  state,
  launchId: config?.metadata?.launch_id ?? null,
}));
const startBody = z.object({ previous_state: z.string().optional() });
const errorBody = z.object({ error: z.string().optional(), status: z.unknown().optional() });

function messageOf({ status, body }: ServiceResponse): string {
  const said = errorBody.safeParse(body);
  const parts = said.success ? [said.data.status, said.data.error] : [];
  const texts = parts.filter((part) => typeof part === "string");
  return [String(status), ...texts].join(": ").slice(0, MESSAGE_UNITS_MAX).toWellFormed();
}

function retryAfter({ headers }: ServiceResponse): number | null {
  const said = headers.get("retry-after");
  if (said === null) return null;
  const seconds = Number(said);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.ceil(seconds) : null;
}

function codeOf({ status }: ServiceResponse, message: string, isCreate: boolean): FlyErrorCode {
  if (status === 401 || status === 403) return "rejected";
  if (/insufficient|capacity|could not reserve/i.test(message)) return "no_capacity";
  if (status === 429) return "rate_limited";
  if (status === 408 || status >= 500) return "unclear";
  // Of a create 404 speaks of the app.
  if (status === 404) return isCreate ? "rejected" : "not_found";
  if (status === 409 || status === 422) return isCreate ? "name_taken" : "wrong_state";
  return status === 412 ? "wrong_state" : "rejected";
}

function failed(
  code: FlyErrorCode,
  message: string,
  retryAfterSeconds: number | null = null,
): { readonly error: FlyError } {
  return { error: { code, message, retryAfterSeconds } };
}

/** What the call was for decides what some of its errors mean. */
function resultOf<Value>(
  response: ServiceResponse | null,
  body: z.ZodType<Value>,
  isCreate = false,
): FlyResult<Value> {
  if (response === null) return failed("unclear", "no answer");
  const { status } = response;
  if (status >= 300) {
    const message = messageOf(response);
    return failed(codeOf(response, message, isCreate), message, retryAfter(response));
  }
  const parsed = body.safeParse(response.body);
  return parsed.success
    ? { value: parsed.data }
    : failed("unclear", `${status}: unexpected answer`);
}

/** A machine outlives its process, so that it can be started again. */
function machineConfig({ launchId, image }: MachineRequest) {
  return {
    image,
    auto_destroy: false,
    restart: { policy: "no" },
    guest: GUEST,
    stop_config: STOP,
    env: { LAUNCH_ID: launchId },
    metadata: { launch_id: launchId },
  };
}

function startResult(result: FlyResult<z.infer<typeof startBody>>): FlyResult<null> {
  if ("error" in result) return result;
  // It has not stopped yet: what runs is its former life.
  const isRunning = result.value.previous_state === "started";
  return isRunning ? failed("wrong_state", "200: was still started") : { value: null };
}

function destroyResult(result: FlyResult<unknown>): FlyResult<null> {
  return "error" in result && result.error.code !== "not_found" ? result : { value: null };
}

/** The client over HTTP. */
export function createFlyMachines(settings: FlySettings): FlyMachines {
  const app = encodeURIComponent(settings.appName);
  const machines = `${settings.apiBaseUrl}/v1/apps/${app}/machines`;
  const machine = (machineId: string) => `${machines}/${encodeURIComponent(machineId)}`;
  const send = (
    method: string,
    url: string,
    signal: AbortSignal,
    { body, millisecondsMax }: { body?: unknown; millisecondsMax?: number } = {},
  ) =>
    requestService(settings.fetch, {
      method,
      url,
      headers: { authorization: `Bearer ${settings.apiToken}` },
      body,
      signal: AbortSignal.any([
        signal,
        AbortSignal.timeout(millisecondsMax ?? FLY_CALL_MILLISECONDS_MAX),
      ]),
    });
  return {
    async create(request, signal) {
      const { name, region } = request;
      const response = await send("POST", machines, signal, {
        body: { name, ...(region === null ? {} : { region }), config: machineConfig(request) },
        millisecondsMax: FLY_CREATE_MILLISECONDS_MAX,
      });
      return resultOf(response, machineBody, true);
    },
    async listByLaunch(launchId, signal) {
      const query = `metadata.launch_id=${encodeURIComponent(launchId)}`;
      return resultOf(await send("GET", `${machines}?${query}`, signal), z.array(machineBody));
    },
    get: async (machineId, signal) =>
      resultOf(await send("GET", machine(machineId), signal), machineBody),
    start: async (machineId, signal) =>
      startResult(resultOf(await send("POST", `${machine(machineId)}/start`, signal), startBody)),
    // The documentation says force, Fly's own client kill.
    destroy: async (machineId, signal) =>
      destroyResult(
        resultOf(
          await send("DELETE", `${machine(machineId)}?force=true&kill=true`, signal),
          z.unknown(),
        ),
      ),
  };
}
