// Quarry's HTTP API as the demo calls it: with a key, over HTTP, like anybody else. Answers are
// checked against the contract. Waits when the API says that the key is used too often.

import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { jobEvent } from "../../supabase/functions/_shared/contracts/event.ts";
import { job } from "../../supabase/functions/_shared/contracts/job.ts";
import { skippedFile } from "../../supabase/functions/_shared/contracts/lists.ts";
import { repository } from "../../supabase/functions/_shared/contracts/repository.ts";
import { match } from "../../supabase/functions/_shared/contracts/search.ts";
import { symbol } from "../../supabase/functions/_shared/contracts/symbols.ts";

/** No answer takes longer: the functions give up earlier. */
const ANSWER_MILLISECONDS_MAX = 30_000;
const TOO_MANY_REQUESTS = 429;

const registration = z.object({ repository, job });
const jobs = z.object({ items: z.array(job) });
const events = z.object({ items: z.array(jobEvent) });
const skippedFiles = z.object({
  items: z.array(skippedFile),
  next_cursor: z.string().nullable(),
});
const searchAnswer = z.object({
  matches: z.array(match.extend({ length: z.number().int() })),
  next_cursor: z.string().nullable(),
});
const symbolsAnswer = z.object({
  symbols: z.array(symbol),
  next_cursor: z.string().nullable(),
});
const problem = z.object({
  code: z.string(),
  title: z.string(),
  detail: z.string(),
  next_step: z.string(),
});

export type SearchAnswer = z.infer<typeof searchAnswer>;
export type SymbolsAnswer = z.infer<typeof symbolsAnswer>;
export type SkippedFiles = z.infer<typeof skippedFiles>;

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
    super(`${request} answered ${status} ${code}: ${title}. ${detail} ${next_step}`.trim());
    this.name = "ApiRefusal";
    this.code = code;
  }
}
type Problem = z.infer<typeof problem>;

/** Items of the largest page there is. */
export const PAGE_ITEMS_MAX = 200;

export class Api {
  readonly #access: ApiAccess;
  readonly #signal: AbortSignal;

  constructor(access: ApiAccess, signal: AbortSignal) {
    this.#access = access;
    this.#signal = signal;
  }

  async register(fullName: string) {
    return await this.#call(registration, "POST", "/repositories", { repository: fullName });
  }

  async repository(id: string) {
    return (await this.#call(repository, "GET", `/repositories/${id}`)).body;
  }

  async job(id: string) {
    return (await this.#call(job, "GET", `/jobs/${id}`)).body;
  }

  /** The repository's jobs, newest first. */
  async jobs(repositoryId: string) {
    return (await this.#call(jobs, "GET", `/jobs?${query({ repository_id: repositoryId })}`)).body
      .items;
  }

  async events(jobId: string) {
    const limit = query({ limit: PAGE_ITEMS_MAX });
    return (await this.#call(events, "GET", `/jobs/${jobId}/events?${limit}`)).body.items;
  }

  async skippedFiles(repositoryId: string): Promise<SkippedFiles> {
    const limit = query({ limit: PAGE_ITEMS_MAX });
    const route = `/repositories/${repositoryId}/skipped-files?${limit}`;
    return (await this.#call(skippedFiles, "GET", route)).body;
  }

  /** Lines that contain a literal, in one repository. */
  async search(literal: string, fullName: string, limit: number): Promise<Timed<SearchAnswer>> {
    const parameters = { mode: "literal", q: literal, repository: fullName, limit };
    return await this.#call(searchAnswer, "GET", `/search?${query(parameters)}`);
  }

  /** Definitions whose name contains a word, in one repository. */
  async symbols(word: string, fullName: string, limit: number): Promise<Timed<SymbolsAnswer>> {
    const parameters = { name: word, match: "infix", repository: fullName, limit };
    return await this.#call(symbolsAnswer, "GET", `/symbols?${query(parameters)}`);
  }

  async #call<Body>(
    schema: z.ZodType<Body>,
    method: string,
    route: string,
    body?: unknown,
  ): Promise<Timed<Body>> {
    for (;;) {
      const started = performance.now();
      const response = await this.#fetch(method, route, body);
      const text = await response.text();
      const milliseconds = performance.now() - started;
      if (response.status === TOO_MANY_REQUESTS) {
        const seconds = Number(response.headers.get("retry-after") ?? 1);
        await sleep(seconds * 1000, undefined, { signal: this.#signal });
        continue;
      }
      if (!response.ok) throw refusal(`${method} ${route}`, response.status, text);
      return { body: schema.parse(JSON.parse(text)), status: response.status, milliseconds };
    }
  }

  async #fetch(method: string, route: string, body: unknown): Promise<Response> {
    return await fetch(`${this.#access.functionsUrl}/api${route}`, {
      method,
      signal: AbortSignal.any([this.#signal, AbortSignal.timeout(ANSWER_MILLISECONDS_MAX)]),
      headers: {
        authorization: `Bearer ${this.#access.apiKey}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }
}

/** Parameters as a query string. */
export function query(parameters: Readonly<Record<string, string | number>>): string {
  const texts = Object.entries(parameters).map(([name, value]) => [name, String(value)] as const);
  return new URLSearchParams(Object.fromEntries(texts)).toString();
}

function refusal(request: string, status: number, text: string): Error {
  try {
    return new ApiRefusal(request, status, problem.parse(JSON.parse(text)));
  } catch {
    return new Error(`${request} answered ${status}: ${text.slice(0, 200)}`);
  }
}
