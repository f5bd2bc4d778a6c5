// Quarry as something to ask: over HTTP with a key, at the gateway or at the functions themselves.

import { z } from "zod";
import { printQuery } from "../../../supabase/functions/_shared/query/print_query.ts";
import { exchange, type HttpAnswer } from "./http_exchange.ts";
import { type BenchQuery, isCaseSensitive } from "./queries.ts";
import { ANSWER_LINES_MAX, type Searcher } from "./searcher.ts";

const answerSchema = z.object({
  matches: z.array(z.unknown()),
  incomplete_reason: z.string().nullable(),
});

/** In which language it is asked: all of it, or literals alone. */
export type SearchMode = "query" | "literal";

/** Where it is asked and for what. */
export interface QuarryAccess {
  /** Answers `/search`: the gateway's address of the API, or the functions' own. */
  readonly apiUrl: string;
  readonly apiKey: string;
  /** Null: all repositories of the key's tenant. */
  readonly repositoryId: string | null;
  readonly signal: AbortSignal;
}

/** The parameters of a search; null when the mode has no such queries. */
export function searchParameters(query: BenchQuery, mode: SearchMode): URLSearchParams | null {
  if (mode === "literal") {
    return query.isRegex ? null : new URLSearchParams({ mode, q: query.text });
  }
  const pattern = query.isRegex
    ? { kind: "regex", source: query.text } as const
    : { kind: "literal", text: query.text } as const;
  const q = printQuery({
    expression: { kind: "text", pattern },
    caseSensitive: isCaseSensitive(query),
    count: null,
  });
  return new URLSearchParams({ mode, q });
}

/**
 * Ways to write the same query: each time it is asked for with one more blank at its end. What was never
 * asked in these letters is answered by searching, and not with a page that an instance has kept.
 */
export class NewForms {
  readonly #blanks = new Map<string, number>();

  of(q: string): string {
    const blanks = (this.#blanks.get(q) ?? 0) + 1;
    this.#blanks.set(q, blanks);
    return q + " ".repeat(blanks);
  }
}

/**
 * Asks once, without looking at the answer; null when the mode has no such queries. Without forms it is
 * asked in the same letters each time.
 */
export async function askQuarry(
  { apiUrl, apiKey, repositoryId, signal }: QuarryAccess,
  query: BenchQuery,
  mode: SearchMode,
  forms: NewForms | null,
): Promise<HttpAnswer | null> {
  const parameters = searchParameters(query, mode);
  if (parameters === null) return null;
  if (forms !== null) parameters.set("q", forms.of(parameters.get("q") ?? ""));
  parameters.set("limit", String(ANSWER_LINES_MAX));
  if (repositoryId !== null) parameters.set("repository", repositoryId);
  const headers = { authorization: `Bearer ${apiKey}` };
  return await exchange({ url: `${apiUrl}/search?${parameters.toString()}`, headers, signal });
}

/** Which mode the API offers: query when it has it. */
export async function offeredMode(access: QuarryAccess): Promise<SearchMode> {
  const probe = { kind: "common", text: "const", isRegex: false } as const;
  const answer = await askQuarry(access, probe, "query", null);
  return answer?.status === 200 ? "query" : "literal";
}

/** Quarry at one address. */
export function quarrySearcher(
  name: string,
  access: QuarryAccess,
  mode: SearchMode,
  forms: NewForms | null,
): Searcher {
  return {
    name,
    async search(query) {
      const answer = await askQuarry(access, query, mode, forms);
      if (answer === null) return null;
      const text = answer.body.toString("utf8");
      if (answer.status !== 200) throw new Error(`${query.text}: ${answer.status} ${text}`);
      const { matches, incomplete_reason: reason } = answerSchema.parse(JSON.parse(text));
      const isCut = reason === "work_budget";
      return { milliseconds: answer.milliseconds, lines: matches.length, isCut };
    },
  };
}
