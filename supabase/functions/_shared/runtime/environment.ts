/**
 * The one place that touches the runtime: its environment, clock, randomness, network and console.
 * Everything else takes them as arguments.
 */
import {
  READ_WAIT_MILLISECONDS_MAX,
  READS_AT_ONCE_MAX,
  READS_WAITING_MAX,
} from "../contracts/limits.ts";
import { CallerGuesses } from "./caller_guesses.ts";
import { type CursorPosition, Cursors } from "./cursor.ts";
import { createDatabase } from "./database.ts";
import { createFlyMachines } from "./fly_machines.ts";
import { FoundFiles } from "./found_files.ts";
import { treeLookups } from "./tree_lookups.ts";
import { createGithub } from "./github.ts";
import { createLog } from "./log.ts";
import { Outlines } from "./outlines.ts";
import { KeptChunks } from "../search/kept_chunks.ts";
import { KeptPages } from "../search/kept_pages.ts";
import { WorkShare } from "./work_share.ts";
import * as settings from "./settings.ts";

/** The little of the runtime's interface that is used, so that both compilers can check it. */
declare const Deno: {
  readonly env: { toObject(): Record<string, string> };
  serve(handler: (request: Request) => Promise<Response>): unknown;
  createHttpClient(options: { readonly caCerts: readonly string[] }): object;
};

/** The hosted runtime's own addition. */
declare const EdgeRuntime: { waitUntil(work: Promise<unknown>): void };

const READ_SHARE = {
  atOnceMax: READS_AT_ONCE_MAX,
  waitingMax: READS_WAITING_MAX,
  waitMillisecondsMax: READ_WAIT_MILLISECONDS_MAX,
};

const variables: settings.Variables = Deno.env.toObject();

/** Resolves after a while. */
export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, milliseconds));
}

/** Serves a function's requests. */
export function serveFunction(handler: (request: Request) => Promise<Response>): void {
  Deno.serve(handler);
}

/** What every function needs. */
export function baseDependencies() {
  const databaseSettings = settings.readDatabaseSettings(variables);
  const database = createDatabase(databaseSettings);
  return {
    log: createLog((line) => console.log(line)),
    newId: () => crypto.randomUUID(),
    now: () => Date.now(),
    database,
    cursors: new Cursors(databaseSettings.secretKey),
    outlines: new Outlines(database),
    foundFiles: new FoundFiles(database),
    treeLookups: treeLookups(),
    keptChunks: new KeptChunks(),
    keptPages: new KeptPages<CursorPosition>(),
    reads: new WorkShare(READ_SHARE, () => Date.now()),
    callerGuesses: new CallerGuesses(),
  };
}

/** `fetch`, which trusts the authorities too that we are told of. */
function trustingFetch(): typeof fetch {
  const { privateCa } = settings.readTrustSettings(variables);
  if (privateCa === null) return fetch;
  const client = Deno.createHttpClient({ caCerts: [privateCa] });
  return (input, init) => {
    const options: RequestInit & { readonly client: object } = { ...init, client };
    return fetch(input, options);
  };
}

/** The code host and the webhooks on it. */
export function githubDependencies() {
  const { apiUrl, ...rest } = settings.readGithubSettings(variables);
  const github = { apiUrl, fetch: trustingFetch(), nowMilliseconds: () => Date.now() };
  return { ...rest, github: createGithub(github) };
}

/** The fleet. */
export function flyDependencies() {
  const { image, regions, machinesMax, ...api } = settings.readFlySettings(variables);
  return {
    fly: createFlyMachines({ ...api, fetch: trustingFetch() }),
    image,
    regions,
    machinesMax,
    sleep,
    // The platform keeps the function alive for it after the answer.
    runInBackground: (work: Promise<void>) => EdgeRuntime.waitUntil(work),
  };
}

/** Who the operator is. */
export function operatorDependencies() {
  return settings.readOperatorSettings(variables);
}
