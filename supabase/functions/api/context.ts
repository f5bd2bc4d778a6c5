/**
 * What every route of the API gets, and what they share: ids in the path, pages of lists.
 */
import { z } from "zod";
import { id } from "../_shared/contracts/ids.ts";
import { type Page } from "../_shared/contracts/lists.ts";
import { type Caller } from "../_shared/runtime/authenticate.ts";
import { type CallerGuesses } from "../_shared/runtime/caller_guesses.ts";
import { type CursorPosition, type Cursors, type CursorScope } from "../_shared/runtime/cursor.ts";
import { type Database } from "../_shared/runtime/database.ts";
import { type PageRequest } from "../_shared/runtime/database_functions.ts";
import { type FoundFiles } from "../_shared/runtime/found_files.ts";
import { type TreeLookups } from "../_shared/runtime/tree_lookups.ts";
import { type Github } from "../_shared/runtime/github.ts";
import { type Answer, type ServeDependencies } from "../_shared/runtime/http.ts";
import { type Outlines } from "../_shared/runtime/outlines.ts";
import { type KeptChunks } from "../_shared/search/kept_chunks.ts";
import { type KeptPages } from "../_shared/search/kept_pages.ts";
import { notFound } from "../_shared/runtime/problem.ts";
import { type Route } from "../_shared/runtime/router.ts";
import { type WorkShare } from "../_shared/runtime/work_share.ts";

/** What the API takes from outside. */
export interface ApiDependencies extends ServeDependencies {
  readonly database: Database;
  readonly cursors: Cursors;
  readonly outlines: Outlines;
  readonly foundFiles: FoundFiles;
  readonly treeLookups: TreeLookups;
  readonly callerGuesses: CallerGuesses;
  /** What reads takes its turn here; over REST before anything is asked of the database. */
  readonly reads: WorkShare;
  readonly keptChunks: KeptChunks;
  readonly keptPages: KeptPages<CursorPosition>;
  readonly github: Github;
  readonly githubToken: string | null;
  readonly publicFunctionsUrl: string;
  readonly allowedGitHosts: readonly string[];
  readonly now: () => number;
}

/** An authenticated request on its route. */
export interface ApiRequest<Dependencies = ApiDependencies> {
  readonly request: Request;
  readonly segments: Readonly<Record<string, string>>;
  readonly caller: Caller;
  readonly dependencies: Dependencies;
}

/** What the published description says of a route; its schemas are the ones that validate. */
export interface RouteDescription {
  /** One sentence, without a full stop. */
  readonly summary: string;
  /** The query parameters. */
  readonly parameters?: z.ZodObject<Readonly<Record<string, z.ZodType>>>;
  /** Those of them that the route cannot do without. */
  readonly requires?: readonly string[];
  readonly body?: z.ZodType;
  /** By status; errors are the same for all routes. */
  readonly answers: Readonly<Record<number, z.ZodType>>;
}

/** A route of the API. */
export type ApiRoute = Route<(request: ApiRequest) => Promise<Answer>> & {
  readonly description: RouteDescription;
};

/** The `:id` of the path. A text that is no id is answered as an id that nobody has. */
export function idSegment({ segments }: ApiRequest): string {
  const parsed = id.safeParse(segments["id"]);
  if (!parsed.success) throw notFound();
  return parsed.data;
}

/** Throws not_found for what the database did not find. */
export function found<Value>(value: Value | null): Value {
  if (value === null) throw notFound();
  return value;
}

/** Position of a list that is sorted by time and id. */
export const timedPosition = z.tuple([
  z.string().max(40).regex(/^2\d{3}-/).pipe(z.iso.datetime({ offset: true })),
  id,
]);

/** A page that was asked for, and how to answer it. */
export interface PageOf<Position = CursorPosition> {
  readonly page: PageRequest;
  /** Where it begins, as its cursor says; null for the first. */
  readonly position: Position | null;
  answer<Item>(items: readonly Item[], next: CursorPosition): Promise<Page<Item>>;
  nextCursor(next: CursorPosition): Promise<string | null>;
}

/** Reads a page's cursor; `scope` is everything that decides what the pages list. */
export async function openPage<Position extends CursorPosition>(
  { caller, dependencies }: ApiRequest,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  scope: CursorScope,
  position: z.ZodType<Position>,
): Promise<PageOf<Position>> {
  const now = dependencies.now();
  const nextCursor = (next: CursorPosition) => dependencies.cursors.seal(next, scope, now);
  const decoded = await dependencies.cursors.open(cursor, scope, position, now);
  return {
    page: { tenantId: caller.tenantId, limit, cursor: decoded },
    position: decoded,
    nextCursor,
    async answer(items, next) {
      return { items, next_cursor: await nextCursor(next) };
    },
  };
}
