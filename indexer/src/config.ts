/**
 * The configuration: read once at start, complete, or refused with one line that names the variable.
 * Written without a schema library: loading one takes as long as the rest of the start, and a start
 * is on the way from a push to its search result.
 */
import { type FailpointName, FAILPOINTS } from "./failpoint.ts";

/** The lease that the database grants; claim_job and heartbeat_job have the same number. */
export const LEASE_SECONDS = 60;
export const HEARTBEAT_MILLISECONDS = 2000;
export const IDLE_POLL_MILLISECONDS = 250;
/**
 * Time to stop for a job that is told to, which takes milliseconds; as much again to say how it ended. Well
 * within the minute that heartbeat_job adds to a job's limit, and the one that Fly gives a machine to stop.
 */
export const GRACE_MILLISECONDS = 10_000;
/**
 * From this much source on the text of a first index is published before its symbols are extracted.
 * All of less is there within some four seconds, its text a second or two sooner.
 */
export const TEXT_FIRST_BYTES_MIN = 16 * 1024 * 1024;
/** sysexits.h: the configuration is wrong, and trying again changes nothing. */
export const EXIT_CODE_CONFIG = 78;
const THREADS_MAX = 4;
const SHARED_MEMORY = "/dev/shm";

/** Reaches git: where programs lie, and how the host is reached from this network. */
const GIT_VARIABLES = [
  "PATH",
  "GIT_SSL_CAINFO",
  "GIT_SSL_CAPATH",
  "http_proxy",
  "https_proxy",
  "no_proxy",
  "HTTPS_PROXY",
  "NO_PROXY",
] as const;

/** Everything that the process is told. */
export interface Config {
  /** Direct or session mode; the transaction pooler knows no COPY in a transaction of ours. */
  readonly databaseUrl: string;
  /** Whoever signs the certificate of the database, as PEM; null: it is not verified. */
  readonly databaseCa: string | null;
  /** The launch that created this machine: the key of its row. */
  readonly launchId: string;
  /** Fly's name for this machine; null where it is none of theirs. */
  readonly machineId: string | null;
  /** A repository's address is this, a slash and its full name. */
  readonly gitBaseUrl: string;
  /** Repositories are fetched into it; memory if possible, since machine disks are slow. */
  readonly workDirectory: string;
  /** Threads that parse. */
  readonly threads: number;
  /** A first index with less source publishes text and symbols at once. */
  readonly textFirstBytesMin: number;
  readonly idleExitSeconds: number;
  readonly jobSecondsMax: number;
  /** For tests: where to die. */
  readonly failpoint: FailpointName | null;
  /** What git's own environment takes from this one. */
  readonly gitVariables: Readonly<Record<string, string>>;
}

export type ConfigResult =
  | { readonly config: Config }
  | { readonly problem: string };

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the machine is like. */
export interface Machine {
  readonly cores: number;
  readonly hasSharedMemory: boolean;
  readonly temporaryDirectory: string;
}

class ConfigProblem extends Error {}

/** Reads the configuration, or says in one line what is wrong with it. */
export function readConfig(environment: Environment, machine: Machine): ConfigResult {
  try {
    return { config: parseConfig(environment, machine) };
  } catch (error) {
    if (error instanceof ConfigProblem) return { problem: error.message };
    throw error;
  }
}

function parseConfig(environment: Environment, machine: Machine): Config {
  const text = (name: string) => environment[name]?.trim() ?? "";
  return {
    databaseUrl: urlOf("DATABASE_URL", text("DATABASE_URL"), ["postgres:", "postgresql:"]),
    databaseCa: certificateOf("DATABASE_CA", text("DATABASE_CA")),
    launchId: uuidOf("LAUNCH_ID", text("LAUNCH_ID")),
    machineId: text("FLY_MACHINE_ID") || null,
    gitBaseUrl: urlOf("GIT_BASE_URL", text("GIT_BASE_URL"), ["https:", "http:"])
      .replace(/\/+$/, ""),
    workDirectory: text("WORK_DIR") || defaultWorkDirectory(machine),
    threads: integerOf("THREADS", text("THREADS"), {
      min: 1,
      max: THREADS_MAX,
      otherwise: Math.max(1, Math.min(THREADS_MAX, machine.cores)),
    }),
    textFirstBytesMin: integerOf("TEXT_FIRST_BYTES_MIN", text("TEXT_FIRST_BYTES_MIN"), {
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
      otherwise: TEXT_FIRST_BYTES_MIN,
    }),
    idleExitSeconds: integerOf("IDLE_EXIT_SECONDS", text("IDLE_EXIT_SECONDS"), {
      min: 0,
      max: 3600,
      otherwise: 5,
    }),
    jobSecondsMax: integerOf("JOB_SECONDS_MAX", text("JOB_SECONDS_MAX"), {
      min: 1,
      max: 86_400,
      otherwise: 3600,
    }),
    failpoint: failpointOf("FAILPOINT", text("FAILPOINT")),
    gitVariables: Object.fromEntries(
      GIT_VARIABLES.flatMap((name) => {
        const value = environment[name];
        return value === undefined ? [] : [[name, value]];
      }),
    ),
  };
}

function defaultWorkDirectory(machine: Machine): string {
  return machine.hasSharedMemory ? SHARED_MEMORY : machine.temporaryDirectory;
}

function urlOf(name: string, value: string, protocols: readonly string[]): string {
  if (value === "") throw new ConfigProblem(`${name} is missing`);
  const url = URL.parse(value);
  if (url === null || !protocols.includes(url.protocol) || url.hostname === "") {
    // The value itself may hold a password and stays out of the message.
    throw new ConfigProblem(`${name} must be a URL that begins with ${protocols.join(" or ")}`);
  }
  return value;
}

/** In base64, since neither secrets nor files of variables hold several lines everywhere. */
function certificateOf(name: string, value: string): string | null {
  if (value === "") return null;
  const pem = Buffer.from(value, "base64").toString("latin1");
  if (!pem.includes("-----BEGIN CERTIFICATE-----")) {
    throw new ConfigProblem(`${name} must be a certificate as PEM, in base64`);
  }
  return pem;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

function uuidOf(name: string, value: string): string {
  if (value === "") throw new ConfigProblem(`${name} is missing`);
  if (!UUID.test(value)) throw new ConfigProblem(`${name} must be a uuid`);
  return value;
}

interface IntegerBounds {
  readonly min: number;
  readonly max: number;
  readonly otherwise: number;
}

function integerOf(name: string, value: string, { min, max, otherwise }: IntegerBounds): number {
  if (value === "") return otherwise;
  const number = Number(value);
  if (!Number.isInteger(number) || number < min || number > max) {
    throw new ConfigProblem(`${name} must be a whole number from ${min} to ${max}`);
  }
  return number;
}

function failpointOf(name: string, value: string): FailpointName | null {
  if (value === "") return null;
  const known = FAILPOINTS.find((failpoint) => failpoint === value);
  if (known === undefined) {
    throw new ConfigProblem(`${name} must be one of ${FAILPOINTS.join(", ")}`);
  }
  return known;
}
