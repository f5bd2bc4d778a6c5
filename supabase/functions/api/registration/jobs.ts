/**
 * Routes of jobs: list, read, history, cancel, redrive.
 */
import { z } from "zod";
import { jobEvent } from "../../_shared/contracts/event.ts";
import { id } from "../../_shared/contracts/ids.ts";
import { job, jobAnswer, jobStates } from "../../_shared/contracts/job.ts";
import { pageOf } from "../../_shared/contracts/lists.ts";
import { type Answer } from "../../_shared/runtime/http.ts";
import { pageParameters, readParameters } from "../../_shared/runtime/parameters.ts";
import { notFound, ProblemError } from "../../_shared/runtime/problem.ts";
import {
  type ApiRequest,
  type ApiRoute,
  found,
  idSegment,
  openPage,
  timedPosition,
} from "../context.ts";
import { refLimitReached } from "../ref.ts";

const listParameters = z.strictObject({
  ...pageParameters,
  repository_id: z.string().optional(),
  state: z.enum(jobStates).optional(),
});

async function listJobs(request: ApiRequest): Promise<Answer> {
  const parameters = readParameters(request.request, listParameters);
  const repositoryId = readRepositoryId(parameters.repository_id);
  const state = parameters.state ?? null;
  const list = await openPage(request, parameters, ["jobs", repositoryId, state], timedPosition);
  const { database } = request.dependencies;
  const { items, next_cursor } = found(await database.listJobs(list.page, repositoryId, state));
  return { status: 200, body: await list.answer(items, next_cursor) };
}

/** As in a path, a text that is no id is answered as an id that nobody has. */
function readRepositoryId(input: string | undefined): string | null {
  if (input === undefined) return null;
  const parsed = id.safeParse(input);
  if (!parsed.success) throw notFound();
  return parsed.data;
}

async function getJob(request: ApiRequest): Promise<Answer> {
  const { caller, dependencies } = request;
  const job = await dependencies.database.getJob(caller.tenantId, idSegment(request));
  return { status: 200, body: found(job) };
}

const eventParameters = z.strictObject(pageParameters);
/** The number of the last event. */
const eventPosition = z.tuple([z.int().nonnegative()]);

async function listJobEvents(request: ApiRequest): Promise<Answer> {
  const jobId = idSegment(request);
  const parameters = readParameters(request.request, eventParameters);
  const list = await openPage(request, parameters, ["events", jobId], eventPosition);
  const { database } = request.dependencies;
  const { items, next_cursor } = found(await database.listJobEvents(list.page, jobId));
  return { status: 200, body: await list.answer(items, next_cursor) };
}

async function cancelJob(request: ApiRequest): Promise<Answer> {
  const { caller, dependencies } = request;
  const answer = await dependencies.database.cancelJob(caller.tenantId, idSegment(request));
  switch (answer.outcome) {
    case "cancelled":
      return { status: 200, body: { job: answer.job } };
    case "requested":
      return { status: 202, body: { job: answer.job } };
    case "conflict":
      throw new ProblemError(
        "job_not_cancellable",
        `The job is of the kind ${answer.job.kind}, and ${answer.job.state}.`,
      );
    case "not_found":
      throw notFound();
  }
}

async function redriveJob(request: ApiRequest): Promise<Answer> {
  const { caller, dependencies } = request;
  const answer = await dependencies.database.redriveJob(
    caller.tenantId,
    idSegment(request),
    caller.requestedBy,
  );
  switch (answer.outcome) {
    case "enqueued":
      return { status: 202, body: { job: answer.job } };
    case "conflict":
      throw new ProblemError("job_not_redrivable", `The job is ${answer.job.state}.`);
    case "limit_reached":
      throw refLimitReached(answer.limit);
    case "not_found":
      throw notFound();
  }
}

export const jobRoutes: readonly ApiRoute[] = [
  {
    method: "GET",
    path: "/api/jobs",
    handle: listJobs,
    description: {
      summary: "The jobs, newest first, all or of one repository and state",
      parameters: listParameters,
      answers: { 200: pageOf(job) },
    },
  },
  {
    method: "GET",
    path: "/api/jobs/:id",
    handle: getJob,
    description: { summary: "A job with its progress and errors", answers: { 200: job } },
  },
  {
    method: "GET",
    path: "/api/jobs/:id/events",
    handle: listJobEvents,
    description: {
      summary: "A job's history, oldest first",
      parameters: eventParameters,
      answers: { 200: pageOf(jobEvent) },
    },
  },
  {
    method: "POST",
    path: "/api/jobs/:id/cancel",
    handle: cancelJob,
    description: {
      summary: "Cancels a waiting job at once, and asks a running one to stop (202)",
      answers: { 200: jobAnswer, 202: jobAnswer },
    },
  },
  {
    method: "POST",
    path: "/api/jobs/:id/redrive",
    handle: redriveJob,
    description: {
      summary: "Queues the work of a failed job anew",
      answers: { 202: jobAnswer },
    },
  },
];
