// Quarry's HTTP API as a user of a key calls it. Knows the routes that benchmarks use.

import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { jobEvent } from "../../supabase/functions/_shared/contracts/event.ts";
import { type Job, job } from "../../supabase/functions/_shared/contracts/job.ts";
import { match } from "../../supabase/functions/_shared/contracts/search.ts";

const searchAnswer = z.object({
  matches: z.array(match),
  complete: z.boolean(),
  next_cursor: z.string().nullable(),
});
const registration = z.object({ repository: z.object({ id: z.string() }), job });
const jobs = z.object({ items: z.array(job) });
const events = z.object({ items: z.array(jobEvent), next_cursor: z.string().nullable() });

export type SearchAnswer = z.infer<typeof searchAnswer>;
export type Event = z.infer<typeof jobEvent>;

/** Where a stack's API is and the key to it. */
export interface ApiAccess {
  readonly functions_url: string;
  readonly api_key: string;
}

/** Calls the API; every answer is checked against the contract. */
export class ApiClient {
  readonly #access: ApiAccess;
  readonly #signal: AbortSignal;

  constructor(access: ApiAccess, signal: AbortSignal) {
    this.#access = access;
    this.#signal = signal;
  }

  /** Registers a repository, which queues its first index job. */
  async register(fullName: string): Promise<z.infer<typeof registration>> {
    return registration.parse(await this.#call("POST", "/repositories", { repository: fullName }));
  }

  /** One page of a literal search in one repository. */
  async search(literal: string, repositoryId: string, limit = 50): Promise<SearchAnswer> {
    const query = new URLSearchParams({ mode: "literal", q: literal, repository: repositoryId });
    query.set("limit", String(limit));
    return searchAnswer.parse(await this.#call("GET", `/search?${query.toString()}`));
  }

  /** One page of a query in all repositories. */
  async query(q: string, limit: number): Promise<SearchAnswer> {
    const query = new URLSearchParams({ mode: "query", q, limit: String(limit) });
    return searchAnswer.parse(await this.#call("GET", `/search?${query.toString()}`));
  }

  /** The repository's jobs, newest first. */
  async jobs(repositoryId: string): Promise<Job[]> {
    return jobs.parse(await this.#call("GET", `/jobs?repository_id=${repositoryId}`)).items;
  }

  /** What happened to a job, oldest first. */
  async events(jobId: string): Promise<Event[]> {
    const all: Event[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const query: string = cursor === "" ? "" : `?cursor=${encodeURIComponent(cursor)}`;
      const page = events.parse(await this.#call("GET", `/jobs/${jobId}/events${query}`));
      all.push(...page.items);
      cursor = page.next_cursor;
    }
    return all;
  }

  /** Waits until a job is over; any end but `completed` is an error. */
  async finished(jobId: string, pollMilliseconds: number): Promise<Job> {
    for (;;) {
      const found = job.parse(await this.#call("GET", `/jobs/${jobId}`));
      if (found.state === "completed") return found;
      if (found.state === "failed" || found.state === "cancelled") {
        throw new Error(`the job ended ${found.state}: ${JSON.stringify(found.errors)}`);
      }
      await sleep(pollMilliseconds, undefined, { signal: this.#signal });
    }
  }

  async #call(method: string, route: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.#access.functions_url}/api${route}`, {
      method,
      signal: this.#signal,
      headers: {
        authorization: `Bearer ${this.#access.api_key}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${route} answered ${response.status}: ${text}`);
    return JSON.parse(text);
  }
}
