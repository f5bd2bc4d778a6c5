// What the pg_net and pg_cron workers promise, over real HTTP and real sessions.

import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type PgCronWorker, startPgCronWorker } from "./pg_cron_worker.ts";
import { type PgNetWorker, startPgNetWorker } from "./pg_net_worker.ts";
import { createTestDatabase, type TestDatabase } from "../test_database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ migrated: false });
  await database.postgres.unsafe(`
    create extension pg_net with schema extensions;
    create extension pg_cron with schema pg_catalog;`).simple();
});
afterAll(() => database.drop());

describe("the pg_net worker", () => {
  let worker: PgNetWorker;
  let server: Server;
  let base: string;
  let received: {
    method: string;
    url: string;
    headers: IncomingMessage["headers"];
    body: string;
  }[];

  beforeEach(async () => {
    received = [];
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk)).on("end", () => {
        const { method = "", url = "", headers } = request;
        received.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
        if (url === "/never") return;
        if (url === "/moved") response.writeHead(302, { location: "/found" }).end();
        else response.writeHead(url === "/error" ? 500 : 200, { "x-server": "test" }).end("answer");
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    worker = await startPgNetWorker(database.url("supabase_admin"));
  });
  afterEach(async () => {
    await worker.stop();
    server.closeAllConnections();
    server.close();
  });

  async function responseOf(id: unknown) {
    return await vi.waitFor(async () => {
      const [row] = await database.postgres`
        select status_code, content, timed_out, error_msg, headers from net._http_response
        where id = ${String(id)}`;
      if (row === undefined) throw new Error("no response yet");
      return row;
    }, { timeout: 10_000, interval: 10 });
  }

  test("sends a POST as pg_net does and stores the answer", async () => {
    const [sent] = await database.postgres`
      select net.http_post(${base} || '/hook', '{"b":2}', headers => '{"X-Key": "k"}') as id`;
    expect(await responseOf(sent?.["id"])).toMatchObject({
      status_code: 200,
      content: "answer",
      timed_out: false,
      error_msg: null,
      headers: { "x-server": "test" },
    });
    expect(received).toMatchObject([{ method: "POST", url: "/hook", body: '{"b": 2}' }]);
    expect(received[0]?.headers).toMatchObject({
      "content-type": "application/json",
      "user-agent": "pg_net/0.20.4",
      "x-key": "k",
    });
  });

  test("sends nothing before COMMIT", async () => {
    await database.postgres.begin(async (sql) => {
      await sql`select net.http_get(${base} || '/early')`;
      // Another, committed request passes it by.
      const [sent] = await database.postgres`select net.http_get(${base} || '/late') as id`;
      await responseOf(sent?.["id"]);
      expect(received.map((request) => request.url)).toEqual(["/late"]);
    });
    await vi.waitFor(() => expect(received).toHaveLength(2), { timeout: 10_000, interval: 10 });
  });

  test("stores an error status like any other, and never retries", async () => {
    const [sent] = await database.postgres`select net.http_get(${base} || '/error') as id`;
    expect(await responseOf(sent?.["id"])).toMatchObject({ status_code: 500, error_msg: null });
    const [later] = await database.postgres`select net.http_get(${base} || '/later') as id`;
    await responseOf(later?.["id"]);
    expect(received.map((request) => request.url)).toEqual(["/error", "/later"]);
    expect(await database.postgres`select from net.http_request_queue`).toHaveLength(0);
  });

  test("follows a redirect", async () => {
    const [sent] = await database.postgres`select net.http_get(${base} || '/moved') as id`;
    expect(await responseOf(sent?.["id"])).toMatchObject({ status_code: 200 });
    expect(received.map((request) => request.url)).toEqual(["/moved", "/found"]);
  });

  test("gives up after the timeout", async () => {
    const [sent] = await database.postgres`
      select net.http_get(${base} || '/never', timeout_milliseconds => 100) as id`;
    const response = await responseOf(sent?.["id"]);
    expect(response).toMatchObject({ status_code: null, timed_out: true });
    expect(response["error_msg"]).toMatch(/^Timeout of 100 ms reached\. Total time: \d+ ms$/);
  });

  test("stores why a server could not be reached", async () => {
    server.close();
    await once(server, "close");
    const [sent] = await database.postgres`select net.http_get(${base}) as id`;
    expect(await responseOf(sent?.["id"])).toMatchObject({
      status_code: null,
      error_msg: "Couldn't connect to server",
    });
  });

  test("keeps requests in the queue while paused", async () => {
    worker.pause();
    const [sent] = await database.postgres`select net.http_get(${base} || '/kept') as id`;
    expect(await database.postgres`select from net.http_request_queue`).toHaveLength(1);
    worker.resume();
    expect(await responseOf(sent?.["id"])).toMatchObject({ status_code: 200 });
  });
});

describe("the pg_cron worker", () => {
  let worker: PgCronWorker | undefined;
  beforeAll(() => database.postgres`create table public.runs (at timestamptz, who text)`);
  afterEach(async () => {
    await worker?.stop();
    await database.postgres`select cron.unschedule(jobid) from cron.job`;
    await database.postgres`truncate public.runs`;
  });

  const INSERT = "insert into public.runs select clock_timestamp(), session_user";

  test("runs a job every N seconds in a session of its user, with its details", async () => {
    worker = await startPgCronWorker({ url: database.url });
    const [job] = await database.postgres`select cron.schedule('often', '1 second', ${INSERT}) id`;
    await vi.waitFor(async () => {
      expect(
        await database.postgres`
        select status, username, end_time >= start_time as ended from cron.job_run_details
        where jobid = ${job?.["id"]} and status = 'succeeded' limit 1`,
      )
        .toEqual([{ status: "succeeded", username: "postgres", ended: true }]);
    }, { timeout: 10_000, interval: 20 });
    expect(await database.postgres`select distinct who from public.runs`).toEqual([
      { who: "postgres" },
    ]);
  });

  test("stops running what was unscheduled", async () => {
    worker = await startPgCronWorker({ url: database.url });
    await database.postgres`select cron.schedule('gone', '1 second', ${INSERT})`;
    await database.postgres`select cron.unschedule('gone')`;
    await database.postgres`select cron.schedule('stays', '1 second', 'select 1')`;
    await vi.waitFor(async () => {
      expect(
        await database.postgres`
        select from cron.job_run_details where command = 'select 1'`,
      ).not.toHaveLength(0);
    }, { timeout: 10_000, interval: 20 });
    expect(await database.postgres`select from public.runs`).toHaveLength(0);
  });

  test("ticks a job by name while its clock stands still", async () => {
    worker = await startPgCronWorker({ url: database.url, paused: true });
    await database.postgres`select cron.schedule('ticked', '1 second', ${INSERT})`;
    expect(await worker.tick("ticked")).toEqual({ status: "succeeded", message: "1 row" });
    expect(await database.postgres`select from public.runs`).toHaveLength(1);
    await expect(worker.tick("unknown")).rejects.toThrow("no active cron job unknown");
  });

  test("notes a failing run and rolls it back", async () => {
    worker = await startPgCronWorker({ url: database.url, paused: true });
    await database
      .postgres`select cron.schedule('fails', '1 second', ${`${INSERT}; select 1 / 0`})`;
    expect(await worker.tick("fails")).toEqual({
      status: "failed",
      message: "ERROR:  division by zero",
    });
    expect(await database.postgres`select from public.runs`).toHaveLength(0);
  });

  test("never runs a job twice at once", async () => {
    worker = await startPgCronWorker({ url: database.url, paused: true });
    const alone = `do $$ begin
      if not pg_try_advisory_lock(7) then raise exception 'overlap'; end if;
      perform pg_sleep(0.05); perform pg_advisory_unlock(7); end $$`;
    await database.postgres`select cron.schedule('alone', '1 second', ${alone})`;
    const ticks = [worker.tick("alone"), worker.tick("alone"), worker.tick("alone")];
    const runs = await Promise.all(ticks);
    expect(runs.map((run) => run.status)).toEqual(["succeeded", "succeeded", "succeeded"]);
  });
});
