// The operator's command as it is started, on a real database: what it prints, what it changes, and
// its exit codes.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as seed from "../../supabase/tests/support/seed.ts";
import { createTestDatabase, type TestDatabase } from "../local/test_database.ts";

const SCRIPT = fileURLToPath(new URL("../operate.ts", import.meta.url));

let database: TestDatabase;
let url: string;
let acme: string;
/** One job of each kind of standing, by its full id. */
const jobs = { running: "", ready: "", backoff: "", refused: "", gone: "" };

interface Result {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

function operate(args: string, databaseUrl = url): Promise<Result> {
  const words = args.split(" ").filter((word) => word !== "");
  const env = { PATH: process.env["PATH"], SUPABASE_DB_URL: databaseUrl };
  return new Promise((resolve) => {
    execFile(process.execPath, [SCRIPT, ...words], { env }, (error, stdout, stderr) => {
      const status = error === null ? 0 : Number(error.code);
      resolve({ status, stdout, stderr });
    });
  });
}

/** What a command answers for programs. */
async function json(args: string): Promise<Record<string, unknown>> {
  const { status, stdout, stderr } = await operate(`${args} --json`);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** The words of each line, without the one that names the database. */
function table(stdout: string): string[][] {
  return stdout.trimEnd().split("\n").slice(1).map((line) => line.trim().split(/ {2,}/));
}

async function failOne(worker: string, failureClass: string, code: string): Promise<string> {
  const { job } = await seed.register(database.serviceRole, acme);
  const claim = (await seed.claim(database.indexer, worker))!;
  await database.indexer`
    select quarry.fail_job(${claim.job_id}, ${claim.lease_token}, ${failureClass}, ${code},
      ${`Message of ${code}.`}, null, ${"Error: a stack\n    at fetch (git.ts:12:3)"})`;
  return job.id;
}

beforeAll(async () => {
  database = await createTestDatabase();
  url = database.url("postgres");
  acme = await seed.createTenant(database.admin, "acme");
  const worker = await seed.startWorker(database.admin);
  jobs.refused = await failOne(worker, "give_up", "access_denied");
  jobs.gone = await failOne(worker, "give_up", "repository_gone");
  jobs.backoff = await failOne(worker, "retry", "git_failed");
  await database.admin`
    update quarry.indexing_jobs set run_at = run_at + interval '30 minutes' where id = ${jobs.backoff}`;
  jobs.running = (await seed.register(database.serviceRole, acme)).job.id;
  const claim = (await seed.claim(database.indexer, worker))!;
  await database.indexer`select quarry.heartbeat_job(${claim.job_id}, ${claim.lease_token},
    'parsing', ${database.indexer.json({ percent: 42.4, files_done: 3, files_total: 7 })})`;
  jobs.ready = (await seed.register(database.serviceRole, acme)).job.id;
});
afterAll(() => database.drop());

const short = (id: string) => id.slice(-8);

test("status says that it works, and in figures what goes on", async () => {
  // The last one is as old as the template of all test databases.
  await database.postgres`select quarry.sweep()`;
  const { status, stdout } = await operate("status");
  expect(status).toBe(0);
  expect(table(stdout)).toEqual([
    ["ok"],
    ["queued", expect.stringMatching(/^2, the oldest for .*; 1 for another attempt$/)],
    ["running", "1, 0 with an expired lease"],
    ["failed", "2 in all, 2 in the last hour"],
    ["machines", expect.stringMatching(/^1 live \(0 launching, 0 idle, 1 busy\), 1 wanted;/)],
    ["wakes", "none, so no machine is launched: Vault lacks dispatch_url and wake_secret"],
    ["hooks", "5 to be created, 0 given up"],
    ["last sweep", expect.stringMatching(/ago$/)],
    ["database", expect.stringMatching(/^answers in [\d.]+ ms$/)],
  ]);
  expect(await json("status")).toMatchObject({ status: "ok", queue: { queued: 2, failed: 2 } });
});

test("jobs are listed with what each is doing, waits for or has ended with", async () => {
  const { stdout } = await operate("jobs --tenant acme");
  const rows = table(stdout).slice(1);
  expect(rows.map(([id, state]) => [id, state])).toEqual([
    [short(jobs.ready), "queued"],
    [short(jobs.running), "running"],
    [short(jobs.backoff), "queued"],
    [short(jobs.gone), "failed"],
    [short(jobs.refused), "failed"],
  ]);
  expect(rows.map((row) => row.at(-1))).toEqual([
    "ready",
    "parsing 42 %",
    expect.stringMatching(/^backoff, due in .*; git_failed: Message of git_failed\.$/),
    "repository_gone: Message of repository_gone.",
    "access_denied: Message of access_denied.",
  ]);
  // Every row begins its columns where the header does.
  const [header = "", ...lines] = stdout.trimEnd().split("\n").slice(1);
  const start = header.indexOf("repository");
  expect(lines.every((line) => line.slice(start).startsWith("owner/name-"))).toBe(true);
});

test("a list is narrowed, and says when there is more", async () => {
  expect(await json(`jobs --code access_denied`)).toMatchObject({ items: [{ id: jobs.refused }] });
  const { stdout } = await operate("jobs --state failed --limit 1");
  expect(stdout).toContain("There are more than 1; --limit shows more.");
  expect((await operate("jobs --state completed")).stdout).toContain("There is no such job.");
});

test("failures, queue and machines are tables", async () => {
  expect(table((await operate("failures")).stdout).map(([code, count]) => [code, count])).toEqual([
    ["code", "jobs"],
    ["access_denied", "1"],
    ["repository_gone", "1"],
  ]);
  expect(table((await operate("queue")).stdout)[1]?.slice(0, 7)).toEqual(
    ["acme", "free", "1", "1", "0", "1 of 2", "2"],
  );
  expect(table((await operate("machines")).stdout)[1]).toContain(short(jobs.running));
});

test("one job is told with its errors, its history and the stack that is for operators", async () => {
  const { status, stdout } = await operate(`job ${short(jobs.gone)}`);
  expect(status).toBe(0);
  expect(stdout).toContain(jobs.gone);
  expect(stdout).toMatch(/failure +open/);
  expect(stdout).toMatch(/operator_detail\n {4}Error: a stack\n {8}at fetch \(git\.ts:12:3\)\n/);
  expect(await json(`job ${jobs.running}`)).toMatchObject({
    job: { state: "running", phase: "parsing" },
    events: [{ event: "queued" }, { event: "claimed" }],
  });
});

test("a repository is told with its webhook, its refs, and what became of each delivery", async () => {
  const tenantId = await seed.createTenant(database.admin, "umbrella corp");
  const { repository, job } = await seed.register(database.serviceRole, tenantId, {
    name: "umbrella/hive",
    token: "hush-hush",
  });
  await database.serviceRole`
    select api.record_hook(${repository.id}, null, ${"forbidden: 403: no admin"})`;
  for (const [delivery, ref] of [["d1", "refs/heads/main"], ["d2", "refs/heads/side"]] as const) {
    await database.serviceRole`select api.record_delivery(
      ${repository.id}, ${delivery}, 'push', ${ref}, ${"a".repeat(40)}, null, null)`;
  }
  await database
    .admin`update quarry.repositories set hook_attempts = 1 where id = ${repository.id}`;
  const { stdout } = await operate("repository umbrella/hive");
  expect(stdout).toContain(repository.id);
  expect(stdout).toMatch(/webhook +pending, tried 1 time, again.*; forbidden: 403: no admin$/m);
  expect(stdout).toMatch(/token +its own$/m);
  expect(stdout).toMatch(/^ {2}main +– +not indexed yet/m);
  const rows = table(stdout);
  const [side, main] = rows.slice(rows.findIndex(([title]) => title === "deliveries") + 1);
  expect(side?.slice(1)).toEqual(["push", "side", "aaaaaaaa", "ignored: ref_not_followed"]);
  expect(main?.slice(1)).toEqual(["push", "main", "aaaaaaaa", `job ${short(job.id)}, queued`]);
  expect(stdout).not.toContain("hush-hush");
  expect(await json(`repository ${repository.id}`)).toMatchObject({
    items: [{ hook: { state: "pending" }, deliveries: [{ event: "push" }, {}] }],
  });
  expect((await operate("repository umbrella/none")).stderr)
    .toContain("no repository has the name or id umbrella/none");
  await database.serviceRole`select api.delete_repository(${tenantId}, ${repository.id}, 'test')`;
  expect((await operate("repository umbrella/hive")).stdout).toMatch(/deleted +\d{4}-/);
});

test("nothing but text goes into a pipe, and a broken pipe is nothing to complain of", async () => {
  const { stdout, stderr } = await operate("jobs");
  expect(stdout + stderr).not.toContain("\u001b");
  const complaint = await new Promise<string>((resolve) => {
    const line = `"${process.execPath}" "${SCRIPT}" --help | true`;
    execFile("sh", ["-c", line], (_error, _stdout, written) => resolve(written));
  });
  expect(complaint).toBe("");
});

test("what was named wrongly is 1 with a sentence on stderr, wrong usage is 2", async () => {
  for (
    const [args, sentence] of [
      ["jobs --tenant acne", "no tenant has the name or id acne"],
      ["job 00000000", "no job has an id that ends with 00000000"],
    ] as const
  ) {
    expect(await operate(`${args} --json`)).toEqual({
      status: 1,
      stdout: "",
      stderr: `operate: ${sentence}\n`,
    });
  }
  for (const args of ["", "frob", "jobs --state none", "redrive"]) {
    expect(await operate(args), args).toMatchObject({ status: 2, stdout: "" });
  }
  expect(await operate("status", "https://hush-hush")).toEqual({
    status: 2,
    stdout: "",
    stderr: "operate: SUPABASE_DB_URL holds no postgresql:// address\n",
  });
});

test("a database that does not answer, is not ours or not the owner's is told apart", async () => {
  const away = await operate("status", "postgresql://postgres:hush-hush@127.0.0.1:1/postgres");
  expect(away.status).toBe(1);
  expect(away.stderr).toContain("127.0.0.1:1/postgres, named by SUPABASE_DB_URL, does not answer");
  expect(away.stdout + away.stderr).not.toContain("hush-hush");
  const worker = await operate("jobs", database.url("quarry_indexer"));
  expect(worker.stderr).toContain("SUPABASE_DB_URL is not the owner of the schema");
  await using empty = await createTestDatabase({ migrated: false });
  const foreign = await operate("jobs", empty.url("postgres"));
  expect(foreign.stderr).toContain("has not the migrations of this version");
});

test("cancelling does what can be done, and says for each what was not", async () => {
  const { status, stdout } = await operate(`cancel ${jobs.ready} ffffffff ${short(jobs.gone)}`);
  expect(status).toBe(1);
  expect(table(stdout)).toEqual([
    [short(jobs.ready), "cancelled"],
    ["ffffffff", "not cancelled: no job has an id that ends with ffffffff"],
    [short(jobs.gone), "not cancelled: it is failed"],
  ]);
  expect((await operate(`cancel ${jobs.running}`)).stdout).toContain("asked to stop");
});

test("failed jobs are redriven one by one, by code, and all that is left", async () => {
  const one = await operate(`redrive ${short(jobs.gone)}`);
  expect(one.stdout).toMatch(/queued again as [0-9a-f]{8}, index main/);
  expect(await operate(`redrive ${short(jobs.running)}`)).toMatchObject({ status: 1 });
  expect(await json("redrive --all-failed --code git_failed")).toMatchObject({ found: 0 });
  const all = await operate("redrive --all-failed");
  expect(table(all.stdout)).toEqual([["1 open failure, 1 queued again"]]);
  const none = await operate("redrive --all-failed");
  expect(none).toMatchObject({ status: 0 });
  expect(none.stdout).toContain("There is no open failure to redrive.");
});

test("every ref that is followed is asked for again, after deliveries that nobody could take", async () => {
  const tenantId = await seed.createTenant(database.admin, "outage");
  const { repository, job } = await seed.register(database.serviceRole, tenantId);
  await database.serviceRole`
    select api.set_refs(${tenantId}, ${repository.id}, '{refs/heads/dev}', 'test')`;
  const gone = await seed.register(database.serviceRole, tenantId);
  await database.serviceRole`
    select api.delete_repository(${tenantId}, ${gone.repository.id}, 'test')`;
  const worker = await seed.startWorker(database.admin);
  const claim = (await seed.claim(database.indexer, worker, tenantId))!;
  expect(claim.job_id).toBe(job.id);
  await database.indexer`
    select quarry.complete_job(${claim.job_id}, ${claim.lease_token}, 'unchanged', 'oid', '{}')`;
  const { stdout } = await operate("index --tenant outage");
  expect(table(stdout)).toEqual([["1 repository, 2 refs queued"]]);
  const queued = await database.admin`
    select ref, requested_by, priority from quarry.indexing_jobs
    where repository_id = ${repository.id} and kind = 'index' and state = 'queued' order by ref`;
  expect(queued).toEqual([
    // It was queued before, and is no less urgent for this.
    { ref: "refs/heads/dev", requested_by: "operator", priority: 0 },
    { ref: "refs/heads/main", requested_by: "operator", priority: -10 },
  ]);
  expect(await operate("index --repository none/such")).toMatchObject({ status: 1 });
});

test("a failure of a ref that the plan has no room for says that, when it is redriven", async () => {
  const worker = await seed.startWorker(database.admin);
  const tenantId = await seed.createTenant(database.admin, "initech");
  const { repository } = await seed.register(database.serviceRole, tenantId);
  const claim = (await seed.claim(database.indexer, worker, tenantId))!;
  const { job_id, lease_token } = claim;
  await database.indexer`
    select quarry.fail_job(${job_id}, ${lease_token}, 'give_up', 'git_failed', 'm', null, null)`;
  await database.admin`update quarry.indexing_jobs set ref = 'refs/heads/dev' where id = ${job_id}`;
  const others = `{${Array.from({ length: 15 }, (_, n) => `refs/heads/b${n}`).join()}}`;
  await database.serviceRole`
    select api.set_refs(${tenantId}, ${repository.id}, ${others}::text[], 'test')`;
  expect((await operate(`job ${job_id}`)).stdout).toMatch(
    /failure +closed: its ref is followed no more$/m,
  );
  const { status, stdout } = await operate(`redrive ${job_id}`);
  expect(status).toBe(1);
  expect(table(stdout)).toEqual([[
    short(job_id),
    "not redriven: its ref is followed no more, and the plan allows no more than the 16 that are",
  ]]);
});

test("what waits because the host does not show a push yet says so", async () => {
  const tenantId = await seed.createTenant(database.admin, "umbrella");
  const { repository } = await seed.register(database.serviceRole, tenantId);
  const worker = await seed.startWorker(database.admin);
  const { job_id, lease_token } = (await seed.claim(database.indexer, worker, tenantId))!;
  await database.indexer`
    select quarry.fail_job(${job_id}, ${lease_token}, 'retry', 'git_failed', 'm', null, null)`;
  const standing = async () => table((await operate("jobs --tenant umbrella")).stdout)[1]?.at(-1);
  expect(await standing()).toMatch(/; git_failed: m$/);
  await database.admin`
    select quarry.enqueue_job(${repository.id}, 'index', 'refs/heads/main', 'test')`;
  // What an earlier attempt has failed with is over.
  const other = await seed.startWorker(database.admin);
  const again = (await seed.claim(database.indexer, other, tenantId))!;
  await database.indexer`select quarry.postpone_job(${job_id}, ${again.lease_token})`;
  expect(await standing()).toMatch(
    /^backoff, due in \d+ s; the host does not show yet what was pushed$/,
  );
});

test("a deletion is not cancelled, because it is one", async () => {
  const tenantId = await seed.createTenant(database.admin, "hooli");
  const { repository } = await seed.register(database.serviceRole, tenantId, {
    ref: "refs/heads/dev",
  });
  const other = await seed.register(database.serviceRole, tenantId);
  await database.serviceRole`
    select api.set_refs(${tenantId}, ${repository.id}, '{}'::text[], 'test')`;
  await database.serviceRole`
    select api.delete_repository(${tenantId}, ${other.repository.id}, 'test')`;
  const queued = await database.admin<{ id: string; kind: string }[]>`
    select id, kind from quarry.indexing_jobs
    where tenant_id = ${tenantId} and kind like 'delete%' and state = 'queued' order by kind`;
  expect(queued.map(({ kind }) => kind)).toEqual(["delete_ref", "delete_repository"]);
  const [ref, whole] = queued.map(({ id }) => id);
  const { status, stdout } = await operate(`cancel ${ref} ${whole}`);
  expect(status).toBe(1);
  expect(table(stdout)).toEqual([
    [short(ref!), "not cancelled: it deletes a ref, which nobody may stop"],
    [short(whole!), "not cancelled: it deletes a repository, which nobody may stop"],
  ]);
  expect((await operate(`redrive ${ref}`)).stdout).toContain("not redriven: it is queued");
  await database.postgres`
    update quarry.indexing_jobs set state = 'completed', outcome = 'empty', finished_at = now()
    where id = ${ref!}`;
  expect((await operate(`cancel ${ref}`)).stdout).toContain("not cancelled: it is completed");
});

test("a drain and its end are seen in the status", async () => {
  const drained = await operate("drain --reason upgrade");
  expect(table(drained.stdout)[0]?.[0]).toMatch(/^draining \(upgrade\): nothing is claimed/);
  expect((await operate("status")).stdout).toMatch(/draining +since .*: upgrade/);
  expect(await json("resume")).toMatchObject({ draining_since: null });
  expect((await operate("resume")).stdout).toContain("The fleet was not draining.");
});

test("status says why launches fail while machines are wanted", async () => {
  // More than the workers of other tests could take.
  for (let n = 0; n < 5; n++) {
    await seed.register(database.serviceRole, await seed.createTenant(database.admin, `busy ${n}`));
  }
  await database.serviceRole`select api.plan_launches(20, 'image')`;
  const [launch] = await database.admin<{ launch_id: string }[]>`
    select launch_id from quarry.machines where state = 'launching' limit 1`;
  await database.serviceRole`
    select api.record_launch(${launch!.launch_id}, null, null, 'rate_limited: 429', false, 30)`;
  expect((await operate("status")).stdout).toMatch(
    /^launches {4}paused until .*: Fly has refused; the last that failed, at .*: rate_limited: 429$/m,
  );
  await database.admin`update quarry.fleet_pause set paused_until = '-infinity'`;
  expect((await operate("status")).stdout).toMatch(
    /^launches {4}the last that failed, at .*: rate_limited: 429$/m,
  );
  await operate("drain");
  expect((await operate("status")).stdout).not.toContain("launches");
  await operate("resume");
});

test("a service without its sweep is unavailable with 1, until one is asked for", async () => {
  await database.admin`update quarry.sweeps set swept_at = now() - interval '5 minutes'`;
  const { status, stdout } = await operate("status");
  expect(status).toBe(1);
  expect(table(stdout)[0]).toEqual(["unavailable", "no sweep for 5 min"]);
  expect(await operate("sweep")).toMatchObject({ status: 0 });
  expect(await operate("status")).toMatchObject({ status: 0 });
});

async function outcomeOf(apiKey: string): Promise<string> {
  const hash = createHash("sha256").update(apiKey).digest("hex");
  const [row] = await database.serviceRole<{ answer: { outcome: string } }[]>`
    select api.authenticate(${hash}) as answer`;
  return row!.answer.outcome;
}

test("a key is shown when it is made and never again, works, and is revoked once", async () => {
  const made = await operate("create-key --tenant acme --name ci");
  const apiKey = /^qry_[\w-]{43}$/m.exec(made.stdout)?.[0] ?? "";
  expect(await outcomeOf(apiKey)).toBe("ok");
  const listed = await operate("keys --tenant acme");
  expect(table(listed.stdout)[1]?.slice(1, 3)).toEqual(["acme", "ci"]);
  expect(table(listed.stdout)[1]?.at(-1)).toBe("works");
  expect(listed.stdout + (await operate("keys --json")).stdout).not.toContain(apiKey);

  const revoked = await operate("revoke ci");
  expect(revoked.stdout).toMatch(/ci of acme {2}revoked, last used \d+ s ago: the next request/);
  expect(await outcomeOf(apiKey)).toBe("unknown");
  const again = await operate(`revoke ${apiKey}`);
  expect(again).toMatchObject({
    status: 1,
    stdout: expect.stringContaining("not revoked: it was"),
  });
  expect(table((await operate("keys")).stdout)[1]?.at(-1)).toMatch(/^revoked \d+ s ago$/);
});

test("a tenant's plan is changed, and one that there is not is told with those there are", async () => {
  expect((await operate("plan acme team")).stdout).toContain("acme has plan team now, not free");
  expect((await operate(`plan ${acme} team`)).stdout).toContain("acme has plan team already");
  expect(await operate("plan acme gold")).toMatchObject({
    status: 1,
    stderr: "operate: no plan has the name gold: there are free, team\n",
  });
});

test("a tenant is deleted with its keys and repositories, its webhooks are told, its row stays", async () => {
  const tenantId = await seed.createTenant(database.admin, "globex");
  const { api_key } = await json("create-key --tenant globex --name first");
  const { repository } = await seed.register(database.serviceRole, tenantId, {
    name: "globex/site",
  });
  await database.serviceRole`select api.record_hook(${repository.id}, 17, null)`;
  await seed.register(database.serviceRole, tenantId);

  expect(await operate("delete-tenant globex")).toMatchObject({ status: 2, stdout: "" });
  expect(await outcomeOf(String(api_key))).toBe("ok");
  const { status, stdout } = await operate("delete-tenant globex --yes");
  expect(status).toBe(0);
  expect(stdout.split("\n").slice(1)).toEqual([
    `${short(tenantId)}  globex: 1 key revoked, 2 repositories deleted`,
    "Their data goes with the jobs that this has queued.",
    "Left at the code host, answered with 401: 1 webhook",
    "  globex/site 17",
    "",
  ]);
  expect(await outcomeOf(String(api_key))).toBe("unknown");
  expect(await json("jobs --tenant globex --state queued")).toMatchObject({
    items: [{ kind: "delete_repository" }, { kind: "delete_repository" }],
  });
  expect(await json("delete-tenant globex --yes")).toMatchObject({
    keys_revoked: 0,
    repositories_deleted: 0,
  });
});
