// The operator's SQL functions, one method each, on one connection as the owner of the schema. Knows
// no table and no output.

import postgres, { type Sql } from "postgres";
import { z } from "zod";
import type { JobState } from "../../supabase/functions/_shared/contracts/job.ts";
import * as answers from "./answers.ts";
import type { Scope } from "./arguments.ts";

const CONNECT_SECONDS_MAX = 10;
/** Of a repository, the newest. */
const DELIVERIES_MAX = 20;

/** What was named is not there, or not one thing: the database says which in its message. */
const NOT_THERE = "QRY03";

/** Whether the operator named something that is not there. */
export function isNotThere(error: unknown): error is postgres.PostgresError {
  return error instanceof postgres.PostgresError && error.code === NOT_THERE;
}

/** The answer to a change of a job that was not found. */
export interface NotFound {
  readonly outcome: "unknown";
  readonly problem: string;
}

/** The typed connection. */
export class OperatorDatabase implements AsyncDisposable {
  readonly #sql: Sql;

  constructor(url: string) {
    this.#sql = postgres(url, {
      max: 1,
      connect_timeout: CONNECT_SECONDS_MAX,
      onnotice: () => undefined,
      connection: { application_name: "quarry operate" },
    });
  }

  /** The figures, and how long the database took to answer at all. */
  async health(): Promise<answers.HealthFigures & { database_milliseconds: number }> {
    // Not measured: making the connection.
    await this.#sql`select`;
    const started = performance.now();
    await this.#sql`select`;
    const database_milliseconds = Math.round((performance.now() - started) * 10) / 10;
    const figures = await this.#read(
      answers.healthFigures,
      this.#sql`select api.health(p_operator => true) as answer`,
    );
    return { ...figures, database_milliseconds };
  }

  listJobs(
    { tenant, repository, code }: Scope,
    states: readonly JobState[],
    limit: number,
  ): Promise<answers.JobList> {
    const wanted = states.length === 0 ? null : [...states];
    return this.#read(
      answers.jobList,
      this.#sql`select quarry.operator_list_jobs(p_states => ${wanted}, p_tenant => ${tenant},
        p_repository => ${repository}, p_code => ${code}, p_limit => ${limit}) as answer`,
    );
  }

  readJob(job: string): Promise<answers.JobDetails> {
    return this.#read(
      answers.jobDetails,
      this.#sql`select quarry.operator_read_job(p_job => ${job}) as answer`,
    );
  }

  readRepositories(repository: string): Promise<answers.RepositoryDetails> {
    return this.#read(
      answers.repositoryDetails,
      this.#sql`select quarry.operator_read_repositories(p_repository => ${repository},
        p_deliveries_max => ${DELIVERIES_MAX}) as answer`,
    );
  }

  listFailures({ tenant, repository }: Scope): Promise<answers.FailureList> {
    return this.#read(
      answers.failureList,
      this.#sql`select quarry.operator_list_failures(p_tenant => ${tenant},
        p_repository => ${repository}) as answer`,
    );
  }

  /** The ids of the jobs that listFailures counts, the longest failed first. */
  async findFailures({ tenant, repository, code }: Scope): Promise<string[]> {
    const rows = await this.#sql`select quarry.operator_find_failures(p_tenant => ${tenant},
      p_repository => ${repository}, p_code => ${code}) as id`;
    return rows.map((row) => z.object({ id: z.string() }).parse(row).id);
  }

  /** The ids of those that are not deleted, the oldest first. */
  async findRepositories({ tenant, repository }: Scope): Promise<string[]> {
    const rows = await this.#sql`select quarry.operator_find_repositories(p_tenant => ${tenant},
      p_repository => ${repository}) as id`;
    return rows.map((row) => z.object({ id: z.string() }).parse(row).id);
  }

  indexRepository(id: string): Promise<answers.RepositoryIndexing> {
    return this.#read(
      answers.repositoryIndexing,
      this.#sql`select quarry.operator_index_repository(p_repository_id => ${id}) as answer`,
    );
  }

  listQueues(tenant: string | null): Promise<answers.QueueList> {
    return this.#read(
      answers.queueList,
      this.#sql`select quarry.operator_list_queues(p_tenant => ${tenant}) as answer`,
    );
  }

  listMachines(withGone: boolean): Promise<answers.MachineList> {
    return this.#read(
      answers.machineList,
      this.#sql`select quarry.operator_list_machines(p_with_gone => ${withGone}) as answer`,
    );
  }

  cancelJob(job: string): Promise<answers.ChangeAnswer | NotFound> {
    return this.#change(this.#sql`select quarry.operator_cancel_job(p_job => ${job}) as answer`);
  }

  redriveJob(job: string): Promise<answers.ChangeAnswer | NotFound> {
    return this.#change(this.#sql`select quarry.operator_redrive_job(p_job => ${job}) as answer`);
  }

  readDrain(): Promise<answers.DrainState> {
    return this.#read(
      answers.drainState,
      this.#sql`select quarry.operator_read_drain() as answer`,
    );
  }

  drain(reason: string | null): Promise<answers.DrainState> {
    return this.#read(
      answers.drainState,
      this.#sql`select quarry.drain_fleet(p_reason => ${reason}) as answer`,
    );
  }

  resume(): Promise<answers.DrainState> {
    return this.#read(
      answers.drainState,
      this.#sql`select quarry.resume_fleet() as answer`,
    );
  }

  async sweep(): Promise<void> {
    await this.#sql`select quarry.sweep()`;
  }

  listKeys(tenant: string | null): Promise<answers.KeyList> {
    return this.#read(
      answers.keyList,
      this.#sql`select quarry.operator_list_keys(p_tenant => ${tenant}) as answer`,
    );
  }

  revokeKey(key: string): Promise<answers.RevokeAnswer> {
    return this.#read(
      answers.revokeAnswer,
      this.#sql`select quarry.operator_revoke_key(p_key => ${key}) as answer`,
    );
  }

  createKey(tenant: string, name: string, keyHash: Uint8Array): Promise<answers.OperatorKey> {
    return this.#read(
      answers.operatorKey,
      this.#sql`select quarry.operator_create_key(p_tenant => ${tenant}, p_name => ${name},
        p_key_hash => ${keyHash}) as answer`,
    );
  }

  setPlan(tenant: string, plan: string): Promise<answers.PlanChange> {
    return this.#read(
      answers.planChange,
      this
        .#sql`select quarry.operator_set_plan(p_tenant => ${tenant}, p_plan => ${plan}) as answer`,
    );
  }

  closeTenant(tenant: string): Promise<answers.ClosedTenant> {
    return this.#read(
      answers.closedTenant,
      this.#sql`select quarry.operator_close_tenant(p_tenant => ${tenant}) as answer`,
    );
  }

  deleteRepository(id: string): Promise<answers.RepositoryDeletion> {
    return this.#read(
      answers.repositoryDeletion,
      this.#sql`select quarry.operator_delete_repository(p_repository_id => ${id}) as answer`,
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#sql.end({ timeout: 1 });
  }

  /** What names no job is an answer here: of several jobs the others are still to be changed. */
  async #change(query: PromiseLike<readonly unknown[]>): Promise<answers.ChangeAnswer | NotFound> {
    try {
      return await this.#read(answers.changeAnswer, query);
    } catch (error) {
      if (!isNotThere(error)) throw error;
      return { outcome: "unknown", problem: error.message };
    }
  }

  async #read<Schema extends z.ZodType>(
    schema: Schema,
    query: PromiseLike<readonly unknown[]>,
  ): Promise<z.infer<Schema>> {
    const [row] = await query;
    return schema.parse(z.object({ answer: z.unknown() }).parse(row).answer);
  }
}
