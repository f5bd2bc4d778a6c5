/**
 * Routes of repositories: list, read, index, delete, and what their index leaves out. Registering
 * has a file of its own.
 */
import { z } from "zod";
import { indexBody } from "../_shared/contracts/repository.ts";
import { type Answer } from "../_shared/runtime/http.ts";
import { pageParameters, readJsonBody, readParameters } from "../_shared/runtime/parameters.ts";
import { notFound, ProblemError } from "../_shared/runtime/problem.ts";
import { removeHook } from "../_shared/runtime/webhook_registration.ts";
import {
  type ApiRequest,
  type ApiRoute,
  found,
  idSegment,
  openPage,
  timedPosition,
} from "./context.ts";
import { readRef } from "./ref.ts";
import { registerRepository } from "./register.ts";

async function listRepositories(request: ApiRequest): Promise<Answer> {
  const parameters = readParameters(request.request, z.strictObject(pageParameters));
  const list = await openPage(request, parameters, ["repositories"], timedPosition);
  const { items, next_cursor } = await request.dependencies.database.listRepositories(list.page);
  return { status: 200, body: await list.answer(items, next_cursor) };
}

async function getRepository(request: ApiRequest): Promise<Answer> {
  const { database } = request.dependencies;
  const repository = await database.getRepository(request.caller.tenantId, idSegment(request));
  return { status: 200, body: found(repository) };
}

async function indexRepository(request: ApiRequest): Promise<Answer> {
  const { caller, dependencies } = request;
  const repositoryId = idSegment(request);
  const body = await readJsonBody(request.request, indexBody);
  const answer = await dependencies.database.requestIndex(
    caller.tenantId,
    repositoryId,
    readRef(body.ref),
    body.full ?? false,
    caller.requestedBy,
  );
  switch (answer.outcome) {
    case "enqueued":
      return { status: 202, body: { job: answer.job } };
    case "limit_reached":
      throw new ProblemError("ref_limit_reached", `${answer.limit} refs are indexed at most.`);
    case "not_found":
      throw notFound();
  }
}

async function deleteRepository(request: ApiRequest): Promise<Answer> {
  const { caller, dependencies } = request;
  const answer = await dependencies.database.deleteRepository(
    caller.tenantId,
    idSegment(request),
    caller.requestedBy,
  );
  if (answer.outcome === "not_found") throw notFound();
  await removeHook(dependencies, answer.hook);
  return { status: 202, body: { job: answer.job } };
}

const skippedParameters = z.strictObject({ ...pageParameters, ref: z.string().optional() });
/** The last path in hexadecimal: paths are bytes. */
const pathPosition = z.tuple([z.string().regex(/^(?:[0-9a-f]{2})+$/)]);

async function listSkippedFiles(request: ApiRequest): Promise<Answer> {
  const repositoryId = idSegment(request);
  const parameters = readParameters(request.request, skippedParameters);
  const ref = readRef(parameters.ref);
  const scope = ["skipped-files", repositoryId, ref];
  const list = await openPage(request, parameters, scope, pathPosition);
  const { database } = request.dependencies;
  const answer = found(await database.listSkippedFiles(list.page, repositoryId, ref));
  const page = await list.answer(answer.items, answer.next_cursor);
  return { status: 200, body: { ref: answer.ref, commit_oid: answer.commit_oid, ...page } };
}

export const repositoryRoutes: readonly ApiRoute[] = [
  { method: "POST", path: "/api/repositories", handle: registerRepository },
  { method: "GET", path: "/api/repositories", handle: listRepositories },
  { method: "GET", path: "/api/repositories/:id", handle: getRepository },
  { method: "DELETE", path: "/api/repositories/:id", handle: deleteRepository },
  { method: "POST", path: "/api/repositories/:id/index", handle: indexRepository },
  { method: "GET", path: "/api/repositories/:id/skipped-files", handle: listSkippedFiles },
];
