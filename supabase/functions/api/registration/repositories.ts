/**
 * Routes of repositories: list, read, index, delete, and what their index leaves out. Registering
 * has a file of its own.
 */
import { z } from "zod";
import { jobAnswer } from "../../_shared/contracts/job.ts";
import { pageOf, skippedFile, skippedFilesHead } from "../../_shared/contracts/lists.ts";
import {
  indexBody,
  registerBody,
  registration,
  repository,
  settingsBody,
} from "../../_shared/contracts/repository.ts";
import { type Answer } from "../../_shared/runtime/http.ts";
import { pageParameters, readJsonBody, readParameters } from "../../_shared/runtime/parameters.ts";
import { notFound } from "../../_shared/runtime/problem.ts";
import { removeHook } from "../../_shared/runtime/webhook_registration.ts";
import {
  type ApiRequest,
  type ApiRoute,
  found,
  idSegment,
  openPage,
  timedPosition,
} from "../context.ts";
import { readRef, refLimitReached } from "../ref.ts";
import { registerRepository } from "./register.ts";

const listParameters = z.strictObject(pageParameters);

async function listRepositories(request: ApiRequest): Promise<Answer> {
  const parameters = readParameters(request.request, listParameters);
  const list = await openPage(request, parameters, ["repositories"], timedPosition);
  const { items, next_cursor } = await request.dependencies.database.listRepositories(list.page);
  return { status: 200, body: await list.answer(items, next_cursor) };
}

async function getRepository(request: ApiRequest): Promise<Answer> {
  const { database } = request.dependencies;
  const body = await database.getRepository(request.caller.tenantId, idSegment(request));
  return { status: 200, body: found(body) };
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
      throw refLimitReached(answer.limit);
    case "not_found":
      throw notFound();
  }
}

async function changeRepository(request: ApiRequest): Promise<Answer> {
  const { caller, dependencies } = request;
  const repositoryId = idSegment(request);
  const { refs } = await readJsonBody(request.request, settingsBody);
  const answer = await dependencies.database.setRefs(
    caller.tenantId,
    repositoryId,
    refs.flatMap((ref) => readRef(ref, "refs") ?? []),
    caller.requestedBy,
  );
  switch (answer.outcome) {
    case "ok":
      return { status: 200, body: answer.repository };
    case "limit_reached":
      throw refLimitReached(answer.limit);
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
  {
    method: "POST",
    path: "/api/repositories",
    handle: registerRepository,
    description: {
      summary: "Registers a repository and queues its first index; 200 when it was registered",
      body: registerBody,
      answers: { 200: registration, 202: registration },
    },
  },
  {
    method: "GET",
    path: "/api/repositories",
    handle: listRepositories,
    description: {
      summary: "The repositories, oldest first",
      parameters: listParameters,
      answers: { 200: pageOf(repository) },
    },
  },
  {
    method: "GET",
    path: "/api/repositories/:id",
    handle: getRepository,
    description: {
      summary: "A repository, its refs and the commits they are indexed at",
      answers: { 200: repository },
    },
  },
  {
    method: "PATCH",
    path: "/api/repositories/:id",
    handle: changeRepository,
    description: {
      summary: "Follows these refs and the default branch, and no others",
      body: settingsBody,
      answers: { 200: repository },
    },
  },
  {
    method: "DELETE",
    path: "/api/repositories/:id",
    handle: deleteRepository,
    description: {
      summary: "Deletes a repository, its webhook and its index",
      answers: { 202: jobAnswer },
    },
  },
  {
    method: "POST",
    path: "/api/repositories/:id/index",
    handle: indexRepository,
    description: {
      summary: "Queues an index of a ref, anew from the ground up where full is true",
      body: indexBody,
      answers: { 202: jobAnswer },
    },
  },
  {
    method: "GET",
    path: "/api/repositories/:id/skipped-files",
    handle: listSkippedFiles,
    description: {
      summary: "The files that search cannot see, or sees without symbols, and why",
      parameters: skippedParameters,
      answers: { 200: skippedFilesHead.extend(pageOf(skippedFile).shape) },
    },
  },
];
