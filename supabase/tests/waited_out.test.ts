// What says nothing of the job, as a host that is away: how long it is waited for, and what that costs.

import { expect, test } from "vitest";
import { database, worker } from "./support/queue_database.ts";
import * as seed from "./support/seed.ts";

const HOUR = 3600;

async function registered() {
  const tenantId = await seed.createTenant(database.admin);
  const { repository, job } = await seed.register(database.serviceRole, tenantId);
  return { repositoryId: repository.id, jobId: job.id };
}

/** Fails the next attempt; answers the job as it waits then. */
async function attempt(jobId: string, code: string, retrySeconds: number | null = null) {
  await seed.makeDue(database.admin, jobId);
  const claim = (await seed.claim(database.indexer, worker))!;
  await database.indexer`
    select quarry.fail_job(${claim.job_id}, ${claim.lease_token}, 'retry', ${code}, 'm', ${retrySeconds}, null)`;
  return await seed.readJob(database.admin, jobId);
}

function push(repositoryId: string) {
  return database.admin`
    select quarry.enqueue_job(${repositoryId}, 'index', 'refs/heads/main', 'test')`;
}

/** Until the job has failed: the attempts it took, and how long was waited between them. */
async function untilFailed(jobId: string, code: string) {
  let waited = 0;
  for (let attempts = 1;; attempts += 1) {
    const { state, due_in_seconds } = await attempt(jobId, code);
    if (state === "failed") return { attempts, waited };
    waited += due_in_seconds;
  }
}

test.each(["host_unreachable", "version_mismatch"])(
  "%s is waited out for longer than an hour, and not for ever",
  async (code) => {
    const { jobId } = await registered();
    const { attempts, waited } = await untilFailed(jobId, code);
    expect(waited).toBeGreaterThan(HOUR);
    expect(waited).toBeLessThan(4 * HOUR);
    expect(attempts).toBe(25);
  },
);

test("the attempts that a host spoiled are not missed when the job fails by itself", async () => {
  const { jobId } = await registered();
  for (let times = 0; times < 7; times += 1) await attempt(jobId, "host_unreachable");
  expect((await untilFailed(jobId, "git_failed")).attempts).toBe(5);
});

test("a push meanwhile begins anew with all attempts and no more", async () => {
  const { jobId, repositoryId } = await registered();
  for (let times = 0; times < 7; times += 1) await attempt(jobId, "host_unreachable");
  await push(repositoryId);
  expect((await untilFailed(jobId, "git_failed")).attempts).toBe(5);
});

test("a push that waits for a rate limit with the job takes none of its attempts", async () => {
  const { jobId, repositoryId } = await registered();
  for (let times = 0; times < 7; times += 1) await attempt(jobId, "host_unreachable");
  await attempt(jobId, "rate_limited", 60);
  await push(repositoryId);
  expect((await untilFailed(jobId, "git_failed")).attempts).toBe(5);
});
