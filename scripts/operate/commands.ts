// Carries out a command: asks the database and hands the answer to its report. Knows no terminal and
// no exit code.

import { setTimeout as sleep } from "node:timers/promises";
import { span } from "../demo/spans.ts";
import type { DrainState, RepositoryDeletion, RepositoryIndexing } from "./answers.ts";
import type { Command } from "./arguments.ts";
import { cancelReport, type Change, redriveAllReport, redriveReport } from "./change_report.ts";
import { drainLine, drainReport, resumeReport, statusReport } from "./fleet_report.ts";
import { jobReport } from "./job_report.ts";
import { failuresReport, jobsReport, machinesReport, queueReport } from "./lists.ts";
import type { OperatorDatabase } from "./operator_database.ts";
import type { ColumnsMax, Report } from "./report.ts";
import { indexReport, repositoryReport } from "./repository_report.ts";
import type { Line } from "./table.ts";
import {
  createKeyReport,
  deleteTenantReport,
  keysReport,
  planReport,
  revokeReport,
} from "./tenant_reports.ts";

const DRAIN_POLL_MILLISECONDS = 500;

/** What a command works with. */
export interface Context {
  readonly database: OperatorDatabase;
  readonly columnsMax: ColumnsMax;
  /** Shows a line while the command goes on. */
  readonly say: (line: Line) => void;
  /** A key that nobody has seen, and the hash by which the database knows it. */
  readonly newApiKey: () => { readonly apiKey: string; readonly keyHash: Uint8Array };
}

/** Does what was asked. */
export async function runCommand(command: Command, context: Context): Promise<Report> {
  const { database, columnsMax } = context;
  switch (command.kind) {
    case "status":
      return statusReport(await database.health());
    case "jobs": {
      const { scope, states, limit } = command;
      return jobsReport(await database.listJobs(scope, states, limit), columnsMax);
    }
    case "job":
      return jobReport(await database.readJob(command.job));
    case "repository":
      return repositoryReport(await database.readRepositories(command.repository));
    case "failures":
      return failuresReport(await database.listFailures(command.scope), columnsMax);
    case "queue":
      return queueReport(await database.listQueues(command.tenant), columnsMax);
    case "machines":
      return machinesReport(await database.listMachines(command.withGone), columnsMax);
    case "cancel":
      return cancelReport(await changeEach(command.jobs, (job) => database.cancelJob(job)));
    case "redrive":
      return redriveReport(await changeEach(command.jobs, (job) => database.redriveJob(job)));
    case "redrive-all": {
      const jobs = await database.findFailures(command.scope);
      return redriveAllReport(await changeEach(jobs, (job) => database.redriveJob(job)));
    }
    case "index": {
      const indexed: RepositoryIndexing[] = [];
      // One transaction a repository, so it may be interrupted and repeated.
      for (const id of await database.findRepositories(command.scope)) {
        indexed.push(await database.indexRepository(id));
      }
      return indexReport(indexed);
    }
    case "drain":
      return await drain(command, context);
    case "resume": {
      const { draining_since } = await database.readDrain();
      return resumeReport(draining_since !== null, await database.resume());
    }
    case "sweep":
      return await sweep(context);
    case "keys":
      return keysReport(await database.listKeys(command.tenant), columnsMax);
    case "revoke":
      return revokeReport(await database.revokeKey(command.key));
    case "create-key": {
      const { apiKey, keyHash } = context.newApiKey();
      return createKeyReport(
        await database.createKey(command.tenant, command.name, keyHash),
        apiKey,
      );
    }
    case "plan":
      return planReport(await database.setPlan(command.tenant, command.plan));
    case "delete-tenant":
      return await deleteTenant(command.tenant, context);
  }
}

/** One transaction a job: what was done stays done when a later one fails. */
async function changeEach(
  jobs: readonly string[],
  change: (job: string) => Promise<Change["answer"]>,
): Promise<Change[]> {
  const changes: Change[] = [];
  for (const named of jobs) changes.push({ named, answer: await change(named) });
  return changes;
}

async function drain(
  { reason, wait }: Extract<Command, { kind: "drain" }>,
  { database, say }: Context,
): Promise<Report> {
  let state = await database.drain(reason);
  if (!wait) return drainReport(state);
  let last: DrainState | null = null;
  while (state.running > 0 || state.live_machines > 0) {
    const hasNews = last?.running !== state.running || last.live_machines !== state.live_machines;
    if (hasNews) say(drainLine(state));
    last = state;
    await sleep(DRAIN_POLL_MILLISECONDS);
    state = await database.readDrain();
    if (state.draining_since === null) {
      const lines: Line[] = [[span("bad", "The fleet was resumed before it had drained.")]];
      return { lines, data: state, isFailure: true };
    }
  }
  return drainReport(state);
}

async function sweep({ database }: Context): Promise<Report> {
  await database.sweep();
  const figures = await database.health();
  const { lines, data, isFailure } = statusReport(figures);
  return { lines, data, isFailure: isFailure || figures.last_sweep_error !== null };
}

/** One transaction a repository, so it may be interrupted and repeated. */
async function deleteTenant(named: string, { database }: Context): Promise<Report> {
  const closed = await database.closeTenant(named);
  const deletions: RepositoryDeletion[] = [];
  let ids = closed.repository_ids;
  // Until there is none: requests that had been let in before may have registered more meanwhile.
  while (ids.length > 0) {
    for (const id of ids) deletions.push(await database.deleteRepository(id));
    ids = (await database.closeTenant(closed.tenant_id)).repository_ids;
  }
  return deleteTenantReport(closed, deletions);
}
