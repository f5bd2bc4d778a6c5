// Quarry's HTTP API for programs: with a key, over HTTP, typed by the contracts that the functions
// answer by. Waits when the API says that the key is used too often, or that too much is asked at once.

import { setTimeout as sleep } from "node:timers/promises";
import { FunctionsClient, FunctionsFetchError, FunctionsHttpError } from "@supabase/functions-js";
import { z } from "zod";
import { jobEvent } from "../../supabase/functions/_shared/contracts/event.ts";
import { job, jobAnswer } from "../../supabase/functions/_shared/contracts/job.ts";
import { pageOf, skippedFile } from "../../supabase/functions/_shared/contracts/lists.ts";
import {
  type DefinitionsAnswer,
  definitionsAnswer,
} from "../../supabase/functions/_shared/contracts/navigation.ts";
import {
  registration,
  type Repository,
  repository,
} from "../../supabase/functions/_shared/contracts/repository.ts";
import {
  type SearchAnswer,
  searchAnswer,
  type searchModes,
} from "../../supabase/functions/_shared/contracts/search.ts";

/** No answer takes longer: the functions give up earlier. */
const ANSWER_MILLISECONDS_MAX = 30_000;
const TOO_MANY_REQUESTS = 429;
/** How often one call is sent that is refused since too much is asked at once, about a second apart. */
const BUSY_TRIES_MAX = 10;

const jobs = pageOf(job);
const events = pageOf(jobEvent);
const skippedFiles = pageOf(skippedFile);
const repositories = pageOf(repository);
const problem = z.object({
  code: z.string(),
  title: z.string(),
  detail: z.string(),
  next_step: z.string(),
});

export type SkippedFiles = z.infer<typeof skippedFiles>;

/** How a search reads its text, and where it looks; null: everywhere. */
export interface SearchWish {
  readonly mode: (typeof searchModes)[number];
  readonly repository: string | null;
  readonly limit: number;
}

/** Where the API is, and the key to it. */
export interface ApiAccess {
  readonly functionsUrl: string;
  readonly apiKey: string;
}

/** An answer and how it came: over the wire and back, checked. */
export interface Timed<Body> {
  readonly body: Body;
  readonly status: number;
  readonly milliseconds: number;
}

/** An answer that says no, in the API's own words. */
export class ApiRefusal extends Error {
  readonly code: string;

  constructor(request: string, status: number, { code, title, detail, next_step }: Problem) {
    // The detail may end in a mark below a place: what follows has lines of its own.
    super(`${title}. ${detail}\n${next_step}\n${request} answered ${status} ${code}`);
    this.name = "ApiRefusal";
    this.code = code;
  }
}
type Problem = z.infer<typeof problem>;

/** Items of the largest page there is. */
export const PAGE_ITEMS_MAX = 200;

/** The API for one key; an abort of the signal ends every call. Calls throw ApiRefusal. */
export class QuarryClient {
  readonly #functions: FunctionsClient;
  readonly #functionsUrl: string;
  readonly #signal: AbortSignal;

  constructor({ functionsUrl, apiKey }: ApiAccess, signal: AbortSignal) {
    const headers = { authorization: `Bearer ${apiKey}` };
    this.#functions = new FunctionsClient(functionsUrl, { headers });
    this.#functionsUrl = functionsUrl;
    this.#signal = signal;
  }

  /** Registers OWNER/NAME, with a token where it is private. */
  async register(fullName: string, token?: string) {
    const body = { repository: fullName, ...(token === undefined ? {} : { token }) };
    return await this.#call(registration, "POST", "/repositories", body);
  }

  /** All repositories, as one page. */
  async repositories() {
    const items: Repository[] = [];
    for (let cursor: string | null = null;;) {
      const page = query({ limit: PAGE_ITEMS_MAX, ...(cursor === null ? {} : { cursor }) });
      const { body } = await this.#call(repositories, "GET", `/repositories?${page}`);
      items.push(...body.items);
      if (body.next_cursor === null) return { ...body, items };
      cursor = body.next_cursor;
    }
  }

  async cancel(jobId: string) {
    return (await this.#call(jobAnswer, "POST", `/jobs/${encodeURIComponent(jobId)}/cancel`)).body
      .job;
  }

  async repository(id: string) {
    return (await this.#call(repository, "GET", `/repositories/${encodeURIComponent(id)}`)).body;
  }

  async job(id: string) {
    return (await this.#call(job, "GET", `/jobs/${encodeURIComponent(id)}`)).body;
  }

  /** The repository's jobs, newest first. */
  async jobs(repositoryId: string) {
    return (await this.#call(jobs, "GET", `/jobs?${query({ repository_id: repositoryId })}`)).body
      .items;
  }

  async events(jobId: string) {
    const limit = query({ limit: PAGE_ITEMS_MAX });
    return (await this.#call(events, "GET", `/jobs/${encodeURIComponent(jobId)}/events?${limit}`))
      .body.items;
  }

  async skippedFiles(repositoryId: string): Promise<SkippedFiles> {
    const limit = query({ limit: PAGE_ITEMS_MAX });
    const route = `/repositories/${encodeURIComponent(repositoryId)}/skipped-files?${limit}`;
    return (await this.#call(skippedFiles, "GET", route)).body;
  }

  /** Lines that contain a literal, in one repository or in all. */
  async search(
    literal: string,
    repository: string | null,
    limit: number,
  ): Promise<Timed<SearchAnswer>> {
    const scope = repository === null ? {} : { repository };
    const parameters = { mode: "literal", q: literal, limit, ...scope };
    return await this.#call(searchAnswer, "GET", `/search?${query(parameters)}`);
  }

  /**
   * Files that satisfy a query, or have a text, with their matching lines: page after page, to the last or until
   * there are as many lines as are wanted.
   */
  async *searchFiles(
    text: string,
    { mode, repository, limit }: SearchWish,
  ): AsyncGenerator<Timed<SearchAnswer>, void> {
    const wanted = { mode, q: text, view: "files", ...(repository === null ? {} : { repository }) };
    let left = limit;
    for (let cursor: string | null = null;;) {
      const page = {
        limit: Math.min(left, PAGE_ITEMS_MAX),
        ...(cursor === null ? {} : { cursor }),
      };
      const route = `/search?${query({ ...wanted, ...page })}`;
      const answer: Timed<SearchAnswer> = await this.#call(searchAnswer, "GET", route);
      yield answer;
      const { files = [], next_cursor } = answer.body;
      left -= files.reduce((sum, { matches }) => sum + matches.length, 0);
      if (next_cursor === null || left <= 0) return;
      cursor = next_cursor;
    }
  }

  /** Definitions by their name, part of it, humps or misspelt, in one repository or in all: the likeliest first. */
  async definitions(
    name: string,
    repository: string | null,
    limit: number,
  ): Promise<Timed<DefinitionsAnswer>> {
    const scope = repository === null ? {} : { repository };
    const parameters = { name, limit, ...scope };
    return await this.#call(definitionsAnswer, "GET", `/definitions?${query(parameters)}`);
  }

  async #call<Schema extends z.ZodType>(
    schema: Schema,
    method: "GET" | "POST",
    route: string,
    body?: Readonly<Record<string, unknown>>,
  ): Promise<Timed<z.infer<Schema>>> {
    for (let tries = 1;; tries += 1) {
      const started = performance.now();
      const answer = await this.#functions.invoke<unknown>(`api${route}`, {
        method,
        signal: this.#signal,
        timeout: ANSWER_MILLISECONDS_MAX,
        ...(body === undefined ? {} : { body }),
      });
      const milliseconds = performance.now() - started;
      const { response } = answer;
      const error: unknown = answer.error;
      const status = response?.status ?? 0;
      if (error === null) return { body: schema.parse(answer.data), status, milliseconds };
      const refusal = await failure(`${method} ${route}`, error, this.#functionsUrl);
      const isBusy = refusal instanceof ApiRefusal && refusal.code === "busy";
      if (status !== TOO_MANY_REQUESTS && !(isBusy && tries < BUSY_TRIES_MAX)) throw refusal;
      const seconds = Number(response?.headers.get("retry-after") ?? 1);
      await sleep(seconds * 1000, undefined, { signal: this.#signal });
    }
  }
}

/** Parameters as a query string. */
export function query(parameters: Readonly<Record<string, string | number>>): string {
  const texts = Object.entries(parameters).map(([name, value]) => [name, String(value)] as const);
  return new URLSearchParams(Object.fromEntries(texts)).toString();
}

/** What a call that went wrong throws: the API's own words where it gave some. */
async function failure(request: string, error: unknown, address: string): Promise<unknown> {
  if (error instanceof FunctionsFetchError) {
    return new Error(`${address} does not answer: ${causeOf(error.context)}`, { cause: error });
  }
  if (!(error instanceof FunctionsHttpError)) return error;
  const response: unknown = error.context;
  if (!(response instanceof Response)) return error;
  const text = await response.text();
  try {
    return new ApiRefusal(request, response.status, problem.parse(JSON.parse(text)));
  } catch {
    return new Error(
      `${request} answered ${response.status}: ${text.slice(0, 200)}\n` +
        `That is not how Quarry's API speaks: does ${address} lead to its functions?`,
    );
  }
}

/** Why nothing came back: fetch says that it failed, and its innermost cause why. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause !== undefined) return causeOf(error.cause);
  // Several addresses that were tried in vain have a code in common, and no message.
  const code = "code" in error ? String(error.code) : error.name;
  return error.message === "" ? code : error.message;
}
