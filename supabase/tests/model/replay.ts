// The model's steps on the real functions, and the database's state in the model's words. Time is
// moved by changing the times of rows; what happens between two transactions is a step of the model
// alone. Knows no test runner.

import { randomUUID } from "node:crypto";
import type { Sql } from "postgres";
import { createTenant, register } from "../support/seed.ts";
import type { Configuration, Machine, State } from "./state.ts";
import type { Step, StepKind } from "./step.ts";

/** The roles that the product calls with. */
export interface Roles {
  readonly admin: Sql;
  readonly serviceRole: Sql;
  readonly indexer: Sql;
}

interface Ref {
  readonly tenantId: string;
  readonly repositoryId: string;
  readonly name: string;
}

interface Held {
  readonly jobId: string;
  readonly token: string;
}

/** What model and database can both say of themselves. */
export interface Abstract {
  readonly jobs: readonly string[];
  readonly machines: readonly string[];
  readonly published: readonly number[];
  readonly hasClosed: readonly boolean[];
  readonly wakes: number;
  readonly stopped: number;
  readonly isPaused: boolean;
}

function jobText(
  ref: number,
  at: string,
  attempt: number,
  announced: number,
  flags: Readonly<Record<string, boolean>>,
): string {
  const set = Object.keys(flags).filter((flag) => flags[flag] === true).sort();
  return [`ref ${ref}`, at, `attempt ${attempt}`, `announced ${announced}`, ...set].join(" ");
}

function machineText(name: string, row: string, isLate: boolean, isOutdated: boolean): string {
  return `${name} ${row}${isLate ? " late" : ""}${isOutdated ? " outdated" : ""}`;
}

/** The model's state, without what only workers know. */
export function abstractOf(state: State): Abstract {
  return {
    jobs: state.jobs.map((job) => {
      const { isDue, isExpired, isCancelling, isFull, hasPublished, isLookedFor } = job;
      const flags = { isDue, isExpired, isCancelling, isFull, hasPublished, isLookedFor };
      return jobText(job.ref, job.at, job.attempt, job.announced, flags);
    }).sort(),
    machines: state.machines.filter(({ row }) => row !== "gone" && row !== "none")
      .map(({ name, row, isLate, isOutdated }) => machineText(name, row, isLate, isOutdated))
      .sort(),
    published: state.refs.map(({ published }) => published),
    hasClosed: state.refs.map(({ closed }) => closed > 0),
    wakes: state.wakes,
    stopped: state.stopped[0] + state.stopped[1],
    isPaused: state.isPaused,
  };
}

interface JobRow {
  readonly repository_id: string;
  readonly ref: string;
  readonly at: string;
  readonly attempt: number;
  readonly announced: number;
  readonly flags: Readonly<Record<string, boolean>>;
}

/** One schedule on one database that nobody else uses. */
export class Replay {
  readonly #roles: Roles;
  readonly #configuration: Configuration;
  readonly #refs: readonly Ref[];
  readonly #launches = new Map<string, string>();
  /** The boot_id of each worker process. */
  readonly #boots = new Map<string, string>();
  readonly #held = new Map<string, Held>();

  private constructor(roles: Roles, configuration: Configuration, refs: readonly Ref[]) {
    this.#roles = roles;
    this.#configuration = configuration;
    this.#refs = refs;
  }

  /** Makes the tenants and repositories as configured. Once a database. */
  static async prepare(roles: Roles, configuration: Configuration): Promise<Replay> {
    const { admin, serviceRole } = roles;
    // Backoffs end, and dispatch has machines to destroy, when the schedule says so.
    await admin.unsafe(`
      create or replace function quarry.cleaning_is_due() returns boolean
        language sql stable set search_path = '' return false;
      create or replace function quarry.retry_backoff(p_attempt integer, p_random double precision)
        returns interval language sql immutable set search_path = '' return interval '30 minutes';
      alter table quarry.indexing_jobs alter column max_attempts set default ${configuration.attemptsMax};
      select vault.create_secret('http://127.0.0.1:1/dispatch', 'dispatch_url');
      select vault.create_secret('a secret', 'wake_secret');`);
    const tenantIds: string[] = [];
    for (const [tenant, limit] of configuration.tenantLimits.entries()) {
      const tenantId = await createTenant(admin);
      await admin`insert into quarry.plans values (${`plan ${tenant}`}, ${limit}, 99, 1, 99)`;
      await admin`update quarry.tenants set plan = ${`plan ${tenant}`} where id = ${tenantId}`;
      tenantIds.push(tenantId);
    }
    const repositoryIds: string[] = [];
    for (const tenant of configuration.repositories) {
      const { repository } = await register(serviceRole, tenantIds[tenant]!);
      repositoryIds.push(repository.id);
    }
    // A hook that is still to be created is a reason of its own for the sweep to wake.
    await admin`update quarry.repositories set hook_state = 'active'`;
    const refs = configuration.refs.map((repository, index) => ({
      tenantId: tenantIds[configuration.repositories[repository]!]!,
      repositoryId: repositoryIds[repository]!,
      name: `refs/heads/${index}`,
    }));
    return new Replay(roles, configuration, refs);
  }

  /** Nothing pushed, queued or launched: the model's first state. */
  async reset(): Promise<void> {
    const { admin } = this.#roles;
    await admin.unsafe(`
      delete from quarry.webhook_deliveries; delete from quarry.indexing_jobs; delete from quarry.machines;
      delete from quarry.trees; delete from net.http_request_queue;
      update quarry.fleet_pause set paused_until = '-infinity', refusals = 0`);
    await admin`insert into quarry.trees ${
      admin(
        this.#refs.map(({ repositoryId, name }) => ({ repository_id: repositoryId, ref: name })),
      )
    }`;
    this.#launches.clear();
    this.#boots.clear();
    this.#held.clear();
  }

  /** What the database says, in the same words as `abstractOf`. */
  async abstract(): Promise<Abstract> {
    const { wakesMax } = this.#configuration;
    const [row] = await this.#roles.admin<{
      jobs: JobRow[];
      machines: { launch_id: string; state: string; is_late: boolean; is_outdated: boolean }[];
      published: { repository_id: string; ref: string; commit_oid: string }[];
      closed: { repository_id: string; ref: string }[];
      wakes: number;
      stopped: number;
      is_paused: boolean;
    }[]>`
      with surplus as (
        delete from net.http_request_queue
        where id not in (select id from net.http_request_queue order by id limit ${wakesMax})
      )
      select
        (select coalesce(jsonb_agg(jsonb_build_object('repository_id', repository_id, 'ref', ref, 'attempt', attempt,
          'announced', coalesce((payload ->> 'commit_oid')::int, 0),
          'at', case state when 'running' then state else coalesce(wait_reason, 'ready') end,
          'flags', jsonb_build_object(
            'isDue', wait_reason is not null and run_at <= clock_timestamp(),
            'isExpired', coalesce(lease_expires_at < clock_timestamp(), false),
            'isCancelling', cancel_requested_at is not null,
            'isLookedFor', coalesce(payload ->> 'looked_for' = payload ->> 'commit_oid', false),
            'isFull', coalesce((payload ->> 'full')::boolean, false),
            'hasPublished', coalesce(published_token = lease_token, false)))), '[]')
          from quarry.indexing_jobs where state in ('queued', 'running')) as jobs,
        (select coalesce(jsonb_agg(jsonb_build_object('launch_id', launch_id, 'state', state, 'is_outdated', is_outdated,
          'is_late', case state when 'launching' then launched_at else alive_at end < clock_timestamp() - interval '60 seconds')), '[]')
          from quarry.machines where state <> 'gone') as machines,
        (select coalesce(jsonb_agg(jsonb_build_object('repository_id', repository_id, 'ref', ref, 'commit_oid', commit_oid)), '[]')
          from quarry.trees where commit_oid is not null) as published,
        (select coalesce(jsonb_agg(distinct jsonb_build_object('repository_id', repository_id, 'ref', ref)), '[]')
          from quarry.indexing_jobs where state in ('failed', 'cancelled')) as closed,
        least(${wakesMax}::int, (select count(*)::int from net.http_request_queue)) as wakes,
        (select count(*)::int from quarry.machines where leftover = 'stopped') as stopped,
        (select paused_until > clock_timestamp() from quarry.fleet_pause) as is_paused`;
    const { jobs, machines, published, closed, wakes, stopped, is_paused } = row!;
    const names = new Map([...this.#launches].map(([name, launchId]) => [launchId, name]));
    return {
      jobs: jobs.map(({ at, attempt, announced, flags, ...ref }) =>
        jobText(this.#refNumber(ref), at, attempt, announced, flags)
      ).sort(),
      machines: machines.map(({ launch_id, state, is_late, is_outdated }) =>
        machineText(names.get(launch_id) ?? "unknown", state, is_late, is_outdated)
      ).sort(),
      published: this.#refs.map((_, number) =>
        Number(published.find((tree) => this.#refNumber(tree) === number)?.commit_oid ?? 0)
      ),
      hasClosed: this.#refs.map((_, number) =>
        closed.some((job) => this.#refNumber(job) === number)
      ),
      wakes,
      stopped,
      isPaused: is_paused,
    };
  }

  #refNumber({ repository_id, ref }: { repository_id: string; ref: string }): number {
    return this.#refs.findIndex(({ repositoryId, name }) =>
      repositoryId === repository_id && name === ref
    );
  }

  #launchOf(name: string): string {
    const launchId = this.#launches.get(name);
    if (launchId === undefined) throw new Error(`no launch is known of ${name}`);
    return launchId;
  }

  /**
   * Does on the database what the step, and the rest of its transaction, does in the model. Answers
   * the ref of the job that a claim chose, -1 for none, null where there was nothing to choose.
   */
  async take(step: Step, before: State): Promise<number | null> {
    const machine = before.machines.find(({ name }) => name === step.machine);
    switch (step.kind) {
      case "push":
        await this.#push(step, before);
        break;
      case "cancel":
        await this.#cancel(step, before);
        break;
      case "wake":
        if (step.next.faultsLeft === before.faultsLeft) await this.#dropWake();
        await this.#plan(before);
        break;
      case "wake_dropped":
        await this.#dropWake();
        break;
      case "create":
        await this.#recordCreate(step);
        break;
      case "destroy":
        await this.#roles.serviceRole`
          select api.record_cleaning(${this.#launchOf(step.machine)}, true)`;
        break;
      case "register":
        await this.#register(step);
        break;
      case "claim_look":
      case "claim_notified":
      case "leave_lock":
      case "complete_and_claim":
        return await this.#claim(step);
      case "stop_look":
        await this.#roles.indexer`select quarry.leave(${this.#launchOf(step.machine)})`;
        break;
      case "lease_expires":
      case "machine_is_late":
      case "job_is_due":
      case "pause_ends":
        await this.#passTime(step);
        break;
      case "sweep":
        await this.#roles.admin`select quarry.sweep()`;
        break;
      case "publish":
        await this.#publish(machine!, before);
        break;
      case "complete":
      case "heartbeat":
      case "fail":
      case "abandon":
      case "release":
      case "postpone":
        await this.#work(step);
        break;
      // A worker or dispatch without the database, or inside a transaction that was taken whole.
      case "deploy":
      case "list":
      case "dispatch_dies":
      case "fetch":
      case "stop":
      case "crash":
      case "plan_look":
      case "plan_commit":
      case "claim_commit":
      case "leave_look":
      case "leave_commit":
      case "stop_commit":
    }
    return null;
  }

  async #push({ ref, next }: Step, before: State): Promise<void> {
    const { serviceRole } = this.#roles;
    const { tenantId, repositoryId, name } = this.#refs[ref]!;
    if (next.fullsLeft < before.fullsLeft) {
      await serviceRole`select api.request_index(${tenantId}, ${repositoryId}, ${name}, true, 'test')`;
      return;
    }
    const commit = String(next.refs[ref]!.pushed);
    await serviceRole`
      select api.record_delivery(${repositoryId}, ${randomUUID()}, 'push', ${name}, ${commit}, null, null)`;
  }

  async #cancel({ ref, next }: Step, before: State): Promise<void> {
    const { admin, serviceRole } = this.#roles;
    const { tenantId, repositoryId, name } = this.#refs[ref]!;
    const state = next.jobs.length < before.jobs.length ? "queued" : "running";
    const [job] = await admin`select id from quarry.indexing_jobs
      where repository_id = ${repositoryId} and ref = ${name} and state = ${state}`;
    await serviceRole`select api.cancel_job(${tenantId}, ${job!["id"]})`;
  }

  async #dropWake(): Promise<void> {
    await this.#roles.admin`delete from net.http_request_queue
      where id = (select min(id) from net.http_request_queue)`;
  }

  async #plan({ launched, image }: State): Promise<void> {
    const [row] = await this.#roles.serviceRole<{ launches: Launch[] }[]>`
      select api.plan_launches(${this.#configuration.machinesMax}, ${`image ${image}`}) as launches`;
    // Stopped machines first, as the model numbers them.
    const launches = row!.launches.toSorted((a, b) =>
      Number(a.machine_id === null) - Number(b.machine_id === null)
    );
    for (const [index, { launch_id }] of launches.entries()) {
      this.#launches.set(`m${launched + index + 1}`, launch_id);
    }
  }

  async #recordCreate({ machine, text }: Step): Promise<void> {
    if (text.includes("create_unclear")) return;
    const isPause = text.includes("platform_pauses");
    const error = isPause || text.includes("refused") ? "refused" : null;
    const isReusable = isPause || text.includes("to be tried again");
    const machineId = error === null && text.startsWith("create") ? `fly-${machine}` : null;
    await this.#roles.serviceRole`
      select api.record_launch(${
      this.#launchOf(machine)
    }, ${machineId}, null, ${error}, ${isReusable}, ${isPause ? 300 : null})`;
  }

  async #register({ machine, text }: Step): Promise<void> {
    const { admin, indexer } = this.#roles;
    const launchId = this.#launchOf(machine);
    const bootId = this.#boots.get(machine) ?? randomUUID();
    this.#boots.set(machine, bootId);
    // A machine's environment names the launch that created it, for good.
    const [made] = await admin<{ id: string; machine_id: string | null }[]>`
      select coalesce(created_by, launch_id) as id, machine_id from quarry.machines where launch_id = ${launchId}`;
    const [row] = await indexer<{ answer: string | null }[]>`
      select quarry.register_worker(${made!.id}, ${bootId}, ${
      made!.machine_id ?? `fly-${machine}`
    }) as answer`;
    const wanted = text.startsWith("refused") ? null : launchId;
    demand(row!.answer === wanted, `register_worker answered ${row!.answer}`);
  }

  async #claim({ kind, machine, ref }: Step): Promise<number> {
    const launchId = this.#launchOf(machine);
    // A machine looks once a second at what time has brought.
    await this.#roles.admin`update quarry.machines set alive_at = alive_at - interval '2 seconds'
      where launch_id = ${launchId}`;
    const claim = kind === "claim_notified"
      ? await this.#callNotified(launchId, this.#refs[ref]!.tenantId)
      : await this.#callClaim(kind, machine, launchId);
    if (claim === null) return -1;
    this.#held.set(machine, { jobId: claim.job_id, token: claim.lease_token });
    return this.#refNumber(claim);
  }

  async #callClaim(kind: StepKind, machine: string, launchId: string): Promise<Claimed | null> {
    const { indexer } = this.#roles;
    if (kind === "complete_and_claim") {
      const { jobId, token } = this.#held.get(machine)!;
      const [row] = await indexer<ClaimRow[]>`
        select quarry.complete_and_claim(${jobId}, ${token}, 'indexed', null, '{}', ${launchId}) as claim`;
      return row!.claim;
    }
    const [row] = kind === "claim_look"
      ? await indexer<ClaimRow[]>`select quarry.claim_job(${launchId}) as claim`
      : await indexer<ClaimRow[]>`select quarry.leave_or_take(${launchId}) as claim`;
    return row!.claim;
  }

  async #callNotified(launchId: string, tenantId: string): Promise<Claimed | null> {
    const [row] = await this.#roles.indexer<ClaimRow[]>`
      select quarry.claim_job(${launchId}, ${tenantId}) as claim`;
    return row!.claim;
  }

  async #passTime({ kind, machine, ref }: Step): Promise<void> {
    const { admin } = this.#roles;
    const { repositoryId, name } = this.#refs[ref] ?? { repositoryId: null, name: null };
    if (kind === "lease_expires") {
      await admin`update quarry.indexing_jobs set lease_expires_at = clock_timestamp() - interval '1 second'
        where state = 'running' and repository_id = ${repositoryId}`;
    } else if (kind === "job_is_due") {
      await admin`update quarry.indexing_jobs set run_at = clock_timestamp() - interval '1 second'
        where state = 'queued' and repository_id = ${repositoryId} and ref = ${name}`;
    } else if (kind === "pause_ends") {
      await admin`update quarry.fleet_pause set paused_until = '-infinity'`;
    } else {
      // Rows that are over grow older with it: a start is newer than the creation it follows.
      await admin`update quarry.machines set
        launched_at = launched_at - interval '61 seconds', alive_at = alive_at - interval '61 seconds'
        where launch_id = ${this.#launchOf(machine)} or state = 'gone'`;
    }
  }

  async #publish(machine: Machine, before: State): Promise<void> {
    const { jobId, token } = this.#held.get(machine.name)!;
    const hasPublished = before.jobs.find(({ id }) => id === machine.job)?.hasPublished === true;
    const error = await this.#roles.indexer`
      select quarry.publish_index(${jobId}, ${token}, ${
      String(machine.head)
    }, '{}', null, '{}', 1, 1)`
      .then(() => null, codeOf);
    demand(error === (hasPublished ? "QRY01" : null), `publish_index answered ${error}`);
  }

  async #work({ kind, machine, text }: Step): Promise<void> {
    const { indexer } = this.#roles;
    const { jobId, token } = this.#held.get(machine)!;
    if (kind === "complete") {
      await indexer`select quarry.complete_job(${jobId}, ${token}, 'indexed', null, '{}')`;
    } else if (kind === "release") {
      await indexer`select quarry.release_job(${jobId}, ${token})`;
    } else if (kind === "postpone") {
      await indexer`select quarry.postpone_job(${jobId}, ${token})`;
    } else if (kind === "fail") {
      const failure = text.split(" ")[0]!;
      const seconds = failure === "rate_limit" ? 3000 : null;
      await indexer`select quarry.fail_job(${jobId}, ${token}, ${
        failure === "rate_limit" ? "retry" : failure
      }, 'code', 'm', ${seconds}, null)`;
    } else {
      const [row] = await indexer<{ verdict: string }[]>`
        select quarry.heartbeat_job(${jobId}, ${token}, null, null) as verdict`;
      const wanted = kind === "abandon" ? "lease_lost" : "continue";
      demand(row!.verdict === wanted, `heartbeat_job answered ${row!.verdict}`);
    }
  }
}

interface Launch {
  readonly launch_id: string;
  readonly machine_id: string | null;
}

interface Claimed {
  readonly job_id: string;
  readonly lease_token: string;
  readonly repository_id: string;
  readonly ref: string;
}

interface ClaimRow {
  readonly claim: Claimed | null;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

function demand(isTrue: boolean, message: string): void {
  if (!isTrue) throw new Error(`the model says otherwise: ${message}`);
}
