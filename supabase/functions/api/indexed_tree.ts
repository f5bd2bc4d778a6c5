/**
 * What the routes that read one indexed ref share: how it is named, and what is answered when it is
 * not there.
 */
import { z } from "zod";
import { text } from "../_shared/runtime/parameters.ts";
import { notFound, ProblemError } from "../_shared/runtime/problem.ts";
import { type ApiRequest } from "./context.ts";
import { repositoryFilter } from "./repository_filter.ts";

/** The repository, and a ref of it; its default branch when absent. */
export const treeParameters = { repository: text.optional(), ref: z.string().optional() };

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

function isOk<Answer extends { readonly outcome: string }>(
  answer: Answer,
): answer is Extract<Answer, { readonly outcome: "ok" }> {
  return answer.outcome === "ok";
}

/** What was answered of a tree; throws when there is no such repository, or no index of the ref. */
export function foundTree<Answer extends { readonly outcome: string }>(
  answer: Answer,
): Extract<Answer, { readonly outcome: "ok" }> {
  if (isOk(answer)) return answer;
  throw answer.outcome === "not_found" ? notFound() : refNotIndexed();
}
