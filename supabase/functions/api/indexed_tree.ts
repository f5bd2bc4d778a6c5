/**
 * What the routes that read one indexed ref share: how it is named, the parameters and positions in it,
 * and what is answered when it is not there.
 */
import { z } from "zod";
import { oid } from "../_shared/contracts/ids.ts";
import { PATH_UNITS_MAX } from "../_shared/contracts/limits.ts";
import { type TreeName } from "../_shared/runtime/database_index_functions.ts";
import { text } from "../_shared/runtime/parameters.ts";
import { notFound, ProblemError } from "../_shared/runtime/problem.ts";
import { type ApiRequest } from "./context.ts";
import { repositoryFilter } from "./repository_filter.ts";

/** The repository, and a ref of it; its default branch when absent. */
export const treeParameters = { repository: text.optional(), ref: z.string().optional() };

/**
 * A path, or what paths begin with, from the root of the repository. None there begins with "/" or "./",
 * which people write all the same.
 */
export const pathParameter = text.max(PATH_UNITS_MAX)
  .transform((path) => path.replace(/^(?:\.?\/)+/, ""));

/** More than any file has. */
const LINE_NUMBER_MAX = 999_999_999;

/** A line or column of a file, from 1. */
export const lineNumber = z.string()
  .regex(/^[1-9]\d{0,8}$/, `must be a whole number from 1 to ${LINE_NUMBER_MAX}`)
  .transform(Number)
  .meta({ type: "integer", minimum: 1, maximum: LINE_NUMBER_MAX, pattern: undefined });

/** How many steps a walk goes: 1 when absent. */
export function depthParameter(max: number, absent = 1) {
  return z.string().regex(/^[1-9]$/, "must be a whole number").transform(Number)
    .refine((value) => value <= max, `must be at most ${max}`)
    .default(absent)
    .meta({
      type: "integer",
      minimum: 1,
      maximum: max,
      pattern: undefined,
      description: `How many steps far; ${absent} when absent.`,
    });
}

/** Where a page ended, as the database wrote it; bigints arrive as numbers or as digits. */
const bigint = z.union([z.int().nonnegative(), z.string().regex(/^\d{1,15}$/)]);
export const treePosition = {
  tree: bigint,
  generation: bigint,
  commit: oid,
  path: z.string().regex(/^(?:[0-9a-f]{2})+$/),
};

/** A parameter that the route cannot do without. */
export function required(value: string | undefined, name: string): string {
  if (value === undefined) {
    throw new ProblemError("invalid_parameter", `${name}: is missing or empty`);
  }
  return value;
}

/** The repository of a request; every route here is about one. */
export function readRepository({ dependencies }: ApiRequest, given: string | undefined): string {
  const name = required(given, "repository");
  return repositoryFilter(name, dependencies.allowedGitHosts) ?? name;
}

/** The ref is known and has no index. */
export function refNotIndexed(): ProblemError {
  return new ProblemError("ref_not_indexed", "There is no index of this ref, or not yet.");
}

/** The ref is indexed, and its symbols are not. */
export function symbolsPending(): ProblemError {
  return new ProblemError(
    "symbols_pending",
    "The first index of this ref goes on: its text is there, its symbols are not yet.",
  );
}

/** Throws where no path of the tree begins with a prefix: an empty answer would be about nothing. */
export async function demandFiles(
  { caller, dependencies }: ApiRequest,
  { repository, ref }: TreeName,
  prefix: string,
  parameter: string,
): Promise<void> {
  const page = { tenantId: caller.tenantId, limit: 1, cursor: null };
  const answer = await dependencies.database.listFiles(page, repository, ref, prefix);
  if (answer.outcome !== "ok" || answer.items.length > 0) return;
  throw new ProblemError(
    "file_not_found",
    `${parameter}: no path of the indexed commit begins with this.`,
  );
}

function isOk<Answer extends { readonly outcome: string }>(
  answer: Answer,
): answer is Extract<Answer, { readonly outcome: "ok" }> {
  return answer.outcome === "ok";
}

/** What was answered of a tree; throws when there is no such repository, no index of the ref, or half. */
export function foundTree<Answer extends { readonly outcome: string }>(
  answer: Answer,
): Extract<Answer, { readonly outcome: "ok" }> {
  if (isOk(answer)) return answer;
  if (answer.outcome === "not_found") throw notFound();
  throw answer.outcome === "symbols_pending" ? symbolsPending() : refNotIndexed();
}
