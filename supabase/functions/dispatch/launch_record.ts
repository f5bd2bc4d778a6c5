/**
 * What a launch is given, and the words in which the database records what became of it.
 */
import { type Database } from "../_shared/runtime/database.ts";
import { type LaunchRecord } from "../_shared/runtime/database_functions.ts";
import { type FlyError, type FlyMachines } from "../_shared/runtime/fly_machines.ts";

/** Where and what to launch. */
export interface LaunchOptions {
  readonly database: Pick<Database, "isLaunching">;
  readonly fly: FlyMachines;
  readonly image: string;
  /** Tried in order; none lets the platform choose. */
  readonly regions: readonly string[];
  readonly deadline: AbortSignal;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

const PLAIN = {
  machineId: null,
  region: null,
  error: null,
  isReusable: false,
  pauseSeconds: null,
} as const;

/** The machine exists. */
export function launched(machineId: string, region: string | null): LaunchRecord {
  return { ...PLAIN, machineId, region };
}

/**
 * Nobody can say: the row goes on counting as starting, until its worker registers or its deadline
 * passes.
 */
export const UNCLEAR: LaunchRecord = PLAIN;

/** No call was made. */
export function notTried(reason: string): LaunchRecord {
  return { ...PLAIN, error: `not_tried: ${reason}`, isReusable: true };
}

/** The launch has failed for certain. */
export function failed(
  { code, message }: Pick<FlyError, "code" | "message">,
  rest: Partial<Pick<LaunchRecord, "isReusable" | "pauseSeconds">> = {},
): LaunchRecord {
  return { ...PLAIN, ...rest, error: `${code}: ${message}` };
}
