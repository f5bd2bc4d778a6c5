// Walks every cell of the tables of states and events on the real functions, under the roles that
// call them, and keeps the tables in ARCHITECTURE.md true (UPDATE_TABLES=1 rewrites them).

import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../scripts/local/test_database.ts";
import {
  type JobAnswer,
  type JobEvent,
  jobEvents,
  type JobState,
  jobStates,
  jobTable,
  type MachineAnswer,
  type MachineEvent,
  machineEvents,
  type MachineState,
  machineStates,
  machineTable,
  tableText,
} from "./model/tables.ts";
import * as seed from "./support/seed.ts";

const UNKNOWN_TOKEN = "00000000-0000-4000-8000-000000000000";

let database: TestDatabase;
let tenantId: string;
let otherTenantId: string;
let worker: string;

beforeAll(async () => {
  database = await createTestDatabase();
  tenantId = await seed.createTenant(database.admin);
  otherTenantId = await seed.createTenant(database.admin);
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.admin`update quarry.repositories set deleted_at = now() where deleted_at is null`;
  await database.admin`delete from quarry.indexing_jobs`;
  await database.admin`delete from quarry.machines`;
  worker = await seed.startWorker(database.admin);
});

/** A job and what its worker, current or former, knows of it. */
interface Subject {
  readonly jobId: string;
  readonly repositoryId: string;
  readonly token: string;
}

async function enqueue(repositoryId: string): Promise<string> {
  const [row] = await database.admin<{ id: string }[]>`
    select id from quarry.enqueue_job(${repositoryId}, 'index', 'refs/heads/main', 'test', '{}')`;
  return row!.id;
}

async function fail(subject: Subject, failure: string, seconds: number | null = null) {
  const [row] = await database.indexer<{ state: string }[]>`
    select quarry.fail_job(${subject.jobId}, ${subject.token}, ${failure}, 'code', 'm', ${seconds}, null) as state`;
  return row!.state as JobAnswer;
}

async function cancel(jobId: string) {
  const [row] = await database.serviceRole<{ answer: { outcome: JobAnswer } }[]>`
    select api.cancel_job(${tenantId}, ${jobId}) as answer`;
  return row!.answer.outcome;
}

async function complete({ jobId, token }: Subject) {
  await database.indexer`select quarry.complete_job(${jobId}, ${token}, 'unchanged', 'oid', '{}')`;
}

/** From a running job, or a queued one, to the state. */
const leadTo: Readonly<Record<JobState, (running: Subject) => Promise<unknown>>> = {
  "queued": ({ jobId, token }) => database.indexer`select quarry.release_job(${jobId}, ${token})`,
  "backoff": async (subject) => {
    await fail(subject, "retry");
    // A slow machine must not see the backoff pass by itself.
    await database.admin`
      update quarry.indexing_jobs set run_at = clock_timestamp() + interval '30 minutes' where id = ${subject.jobId}`;
  },
  "rate limit": (subject) => fail(subject, "retry", 3000),
  "running": () => Promise.resolve(),
  "cancelling": ({ jobId }) => cancel(jobId),
  "overtaken": ({ repositoryId }) => enqueue(repositoryId),
  "completed": complete,
  "failed": (subject) => fail(subject, "give_up"),
  "cancelled": (subject) => fail(subject, "cancelled"),
};

async function jobIn(state: JobState): Promise<Subject> {
  const { repository, job } = await seed.register(database.serviceRole, tenantId);
  const claim = await seed.claim(database.indexer, worker);
  const subject = { jobId: job.id, repositoryId: repository.id, token: claim!.lease_token };
  expect(claim!.job_id).toBe(job.id);
  await leadTo[state](subject);
  expect(await jobState(subject)).toBe(state);
  return subject;
}

async function jobState({ jobId }: Subject): Promise<JobState> {
  const [row] = await database.admin<{ state: JobState }[]>`
    select case
      when j.state = 'queued' and j.wait_reason is not null then replace(j.wait_reason, '_', ' ')
      when j.state = 'running' and j.cancel_requested_at is not null then 'cancelling'
      when j.state = 'running' and exists (
        select from quarry.indexing_jobs s where s.repository_id = j.repository_id and s.state = 'queued') then 'overtaken'
      else j.state end as state
    from quarry.indexing_jobs j where j.id = ${jobId}`;
  return row!.state;
}

/** The whole row, but for what a refusal may not change either, and for the time that tests move. */
async function readRow({ jobId }: Subject): Promise<unknown> {
  const [row] = await database.admin`
    select to_jsonb(j) - 'claimed_at' as job, (select count(*)::int from quarry.indexing_job_events e where e.job_id = j.id) as events
    from quarry.indexing_jobs j where j.id = ${jobId}`;
  return row;
}

async function publish({ jobId, token }: Subject): Promise<JobAnswer> {
  await database
    .indexer`select quarry.publish_index(${jobId}, ${token}, 'oid', '{}', null, '{}', 1, 1)`;
  return "published";
}

async function publishText({ jobId, token }: Subject): Promise<JobAnswer> {
  await database.indexer`select quarry.publish_text(${jobId}, ${token}, 'oid', '{}', null)`;
  return "text published";
}

/** As the passing of a minute and the next sweep. */
async function expireAndSweep({ jobId }: Subject): Promise<JobAnswer> {
  await database.admin`
    update quarry.indexing_jobs set lease_expires_at = clock_timestamp() - interval '1 second'
    where id = ${jobId} and state = 'running'`;
  await database.admin`select quarry.sweep()`;
  return "nothing";
}

async function useUpAttempts({ jobId }: Subject) {
  await database.admin`
    update quarry.indexing_jobs set attempt = max_attempts where id = ${jobId} and state = 'running'`;
}

async function beat({ jobId, token }: Subject): Promise<JobAnswer> {
  const [row] = await database.indexer<{ verdict: string }[]>`
    select quarry.heartbeat_job(${jobId}, ${token}, 'parsing', '{"percent": 1}') as verdict`;
  return row!.verdict.replace("_", " ") as JobAnswer;
}

const jobActions: Readonly<Record<JobEvent, (subject: Subject) => Promise<JobAnswer>>> = {
  "enqueue": async ({ repositoryId }) => {
    const [before] = await database.admin`select count(*)::int as n from quarry.indexing_jobs`;
    await enqueue(repositoryId);
    const [after] = await database.admin`select count(*)::int as n from quarry.indexing_jobs`;
    return after!["n"] === before!["n"] ? "coalesced" : "new job";
  },
  "claim": async () => {
    const claim = await seed.claim(database.indexer, worker);
    return claim === null ? "nothing" : "claimed";
  },
  "time comes": async ({ jobId }) => {
    await seed.makeDue(database.admin, jobId);
    const [row] = await database.admin`select quarry.promote_due_jobs(10) as count`;
    return row!["count"] === 1 ? "ready" : "nothing";
  },
  "heartbeat": beat,
  "heartbeat past the limit": async (subject) => {
    await database.admin`
      update quarry.indexing_jobs set claimed_at = claimed_at - interval '61 minutes'
      where id = ${subject.jobId}`;
    return await beat(subject);
  },
  "publish text": publishText,
  "publish text again": async (subject) => {
    await publishText(subject);
    return await publishText(subject);
  },
  "publish": publish,
  "publish again": async (subject) => {
    await publish(subject);
    return await publish(subject);
  },
  "complete": async (subject) => {
    await complete(subject);
    return "done";
  },
  "fail, retry": (subject) => fail(subject, "retry"),
  "fail, rate limit": (subject) => fail(subject, "retry", 3000),
  "fail, give up": (subject) => fail(subject, "give_up"),
  "fail, cancelled": (subject) => fail(subject, "cancelled"),
  "fail, last attempt": async (subject) => {
    await useUpAttempts(subject);
    return await fail(subject, "retry");
  },
  "release": async ({ jobId, token }) => {
    const [row] = await database.indexer<{ state: JobAnswer }[]>`
      select quarry.release_job(${jobId}, ${token}) as state`;
    return row!.state;
  },
  "postpone": async ({ jobId, token }) => {
    const [row] = await database.indexer<{ state: JobAnswer }[]>`
      select quarry.postpone_job(${jobId}, ${token}) as state`;
    return row!.state;
  },
  "lease over": expireAndSweep,
  "lease over, last attempt": async (subject) => {
    await useUpAttempts(subject);
    return await expireAndSweep(subject);
  },
  "cancel": ({ jobId }) => cancel(jobId),
  "redrive": async ({ jobId }) => {
    const [row] = await database.serviceRole<
      { answer: { outcome: string; job: { id: string } } }[]
    >`select api.redrive_job(${tenantId}, ${jobId}, 'test') as answer`;
    const { outcome, job } = row!.answer;
    if (outcome !== "enqueued") return "conflict";
    return job.id === jobId ? "coalesced" : "new job";
  },
  "name given away": async ({ repositoryId }) => {
    const [row] = await database.admin<{ name: string }[]>`
      select full_name as name from quarry.repositories where id = ${repositoryId}`;
    await seed.register(database.serviceRole, tenantId, { name: row!.name });
    return "nothing";
  },
};

/** The answer, with the errors that refuse a worker without a lease, and one whose job is to be cancelled. */
async function answerOf(action: Promise<JobAnswer>): Promise<JobAnswer> {
  try {
    return await action;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "QRY01") return "lease lost";
    if (error instanceof Error && "code" in error && error.code === "QRY06") return "cancelled";
    throw error;
  }
}

describe.each(jobStates)("a job that is %s", (state) => {
  test.each(jobEvents)("× %s", async (event) => {
    const subject = await jobIn(state);
    const before = await readRow(subject);
    const answer = await answerOf(jobActions[event](subject));
    expect({ answer, to: await jobState(subject) }).toEqual(jobTable[state][event]);
    // A refusal changes nothing at all. Of two publishes the first one does.
    const isRefused = answer === "conflict" || answer === "lease lost";
    const after = await readRow(subject);
    expect(isRefused && !event.endsWith(" again") ? after : before).toEqual(before);
  });
});

test("a token that no lease ever had is refused like an old one", async () => {
  const subject = { ...await jobIn("running"), token: UNKNOWN_TOKEN };
  for (const event of ["heartbeat", "publish", "complete", "fail, retry", "release"] as const) {
    expect(await answerOf(jobActions[event](subject)), event).toBe("lease lost");
  }
  expect(await jobState(subject)).toBe("running");
});

async function machineIn(state: MachineState): Promise<void> {
  await database.admin`update quarry.machines set state = ${state},
    gone_at = case when ${state} = 'gone' then now() end where launch_id = ${worker}`;
}

async function machineState(): Promise<MachineState> {
  const [row] = await database.admin<{ state: MachineState }[]>`
    select state from quarry.machines where launch_id = ${worker}`;
  return row!.state;
}

async function takeOrLeave(): Promise<MachineAnswer> {
  const [row] = await database.indexer`select quarry.leave_or_take(${worker}) as claim`;
  return row!["claim"] === null ? "nothing" : "claimed";
}

async function claimAsMachine(): Promise<MachineAnswer> {
  return await seed.claim(database.indexer, worker) === null ? "nothing" : "claimed";
}

/** A dispatch of another image, while a job waits. */
async function outdate(): Promise<void> {
  await database.admin`update quarry.machines set image = 'old' where launch_id = ${worker}`;
  await seed.register(database.serviceRole, otherTenantId);
  await database.serviceRole`select api.plan_launches(0, 'new')`;
}

async function recordLaunch(error: string | null): Promise<MachineAnswer> {
  await database.serviceRole`select api.record_launch(${worker}, 'id', 'fra', ${error})`;
  return "nothing";
}

const machineActions: Readonly<Record<MachineEvent, () => Promise<MachineAnswer>>> = {
  "launch recorded": () => recordLaunch(null),
  "launch failed": () => recordLaunch("no capacity"),
  "start deadline": async () => {
    await database.admin`
      update quarry.machines set launched_at = clock_timestamp() - interval '61 seconds'`;
    await database.admin`select quarry.sweep()`;
    return "nothing";
  },
  "register": async () => {
    const [row] = await database.indexer`select quarry.register_worker(${worker}) as answer`;
    return row!["answer"] === null || row!["answer"] === false ? "refused" : "known";
  },
  "claim, a job waits": async () => {
    await seed.register(database.serviceRole, otherTenantId);
    return await claimAsMachine();
  },
  "claim, none waits": claimAsMachine,
  "claim, outdated": async () => {
    await outdate();
    return await claimAsMachine();
  },
  "silence": async () => {
    await database.admin`
      update quarry.machines set alive_at = clock_timestamp() - interval '61 seconds'`;
    await database.admin`select quarry.sweep()`;
    return "nothing";
  },
  "leave_or_take, a job waits": async () => {
    await seed.register(database.serviceRole, otherTenantId);
    return await takeOrLeave();
  },
  "leave_or_take, none waits": takeOrLeave,
  "leave_or_take, outdated": async () => {
    await outdate();
    return await takeOrLeave();
  },
  "leave": async () => {
    await database.indexer`select quarry.leave(${worker})`;
    return "nothing";
  },
};

describe.each(machineStates)("a machine that is %s", (state) => {
  test.each(machineEvents)("× %s", async (event) => {
    await machineIn(state);
    const answer = await machineActions[event]();
    expect({ answer, to: await machineState() }).toEqual(machineTable[state][event]);
  });
});

const tables = {
  jobs: tableText(jobTable, jobStates, jobEvents),
  machines: tableText(machineTable, machineStates, machineEvents),
};

test.each(["jobs", "machines"] as const)(
  "ARCHITECTURE.md shows the table of %s that the tests walk",
  async (name) => {
    const file = new URL("../../ARCHITECTURE.md", import.meta.url);
    const text = await readFile(file, "utf8");
    const place = new RegExp(`(<!-- table of ${name} -->\n\n).*?(<!-- end -->)`, "s");
    expect(text).toMatch(place);
    const wanted = text.replace(place, `$1${tables[name]}\n\n$2`);
    const mayRewrite = process.env["UPDATE_TABLES"] === "1";
    if (mayRewrite) await writeFile(file, wanted);
    expect(mayRewrite ? wanted : text).toBe(wanted);
  },
);
