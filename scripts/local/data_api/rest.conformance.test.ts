// What supabase-js's rpc() meets: PostgREST's choice of function, roles, transactions and errors.

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Rest, startRest } from "./rest.ts";
import { createTestDatabase, type TestDatabase } from "../test_database.ts";

const SECRET = "sb_secret_test";
const PUBLISHABLE = "sb_publishable_test";
/** Longer than any call here takes. */
const ANSWER_MILLISECONDS_MAX = 4_000;
/** As many as the stand-in has. */
const CONNECTIONS = 10;

let database: TestDatabase;
let rest: Rest;
let server: Server;
let url: string;

beforeAll(async () => {
  database = await createTestDatabase({ migrated: false });
  await database.postgres.unsafe(`
    create schema api;
    create schema hidden;
    grant usage on schema api to anon, service_role;
    create table api.kept (n int primary key);
    create function api.add(a int, b int default 10) returns int language sql
      as 'select a + b';
    create function api.who() returns jsonb language sql stable as $$ select jsonb_build_object(
      'role', current_user, 'session', session_user,
      'claims', current_setting('request.jwt.claims')::jsonb,
      'timeout', current_setting('statement_timeout'),
      'search_path', current_setting('search_path'),
      'read_only', current_setting('transaction_read_only')) $$;
    create function api.keep(n int) returns void language sql security definer
      as 'insert into api.kept values (n)';
    create function api.pretends_stable(n int) returns void language sql stable
      as 'insert into api.kept values (n)';
    create function api.numbers(upto int) returns setof int language sql stable
      as 'select generate_series(1, upto)';
    create function api.pairs() returns table (a int, b text) language sql stable
      as $$ values (1, 'x'), (2, 'y') $$;
    create function api.slow() returns void language sql set statement_timeout = '50ms'
      as 'select pg_sleep(20)';
    create function api.pass(gate int) returns int language sql
      as 'select gate from pg_advisory_xact_lock_shared(gate)';
    create function api.fail(state text) returns void language plpgsql
      as $$ begin raise exception using errcode = state, message = 'm', detail = 'd', hint = 'h';
      end $$;
    create function api.answer_itself() returns void language plpgsql as $$ begin
      raise sqlstate 'PGRST' using message = '{"code": "X1", "message": "mine"}',
        detail = '{"status": 418, "headers": {"x-tea": "yes"}}'; end $$;
    create function api.twice(a int) returns int language sql as 'select 1';
    create function api.twice(a text) returns int language sql as 'select 2';
    create domain api."application/octet-stream" as bytea;
    create function api.bytes(n int) returns api."application/octet-stream" language sql
      as $$ select decode(repeat('00ff0a5c', n), 'hex') $$;
    create function api.same(t text) returns api."application/octet-stream" language sql
      as $$ select convert_to(t, 'utf8') $$;
    create function api.slow_bytes() returns api."application/octet-stream" language sql
      set statement_timeout = '50ms' as $$ select ''::bytea from pg_sleep(20) $$;
    create function api.kept_bytes(n int) returns api."application/octet-stream" language plpgsql
      as $$ begin insert into api.kept values (n); return ''; end $$;
    grant insert on api.kept to service_role;
    create function api.who_bytes() returns api."application/octet-stream" language sql stable
      as $$ select convert_to(concat_ws(' ', current_user, current_setting('transaction_read_only'),
        current_setting('request.jwt.claims')), 'utf8') $$;
    create function api.closed() returns int language sql as 'select 1';
    revoke execute on function api.closed from public;
    create function hidden.peek() returns int language sql as 'select 1';`).simple();
  rest = await startRest({
    databaseUrl: database.url("authenticator"),
    settings: { schemas: ["api"], extraSearchPath: ["extensions"], rowsMax: 5 },
    roleByKey: new Map([[SECRET, "service_role"], [PUBLISHABLE, "anon"]]),
    answerMillisecondsMax: ANSWER_MILLISECONDS_MAX,
  });
  server = createServer((request, response) => void rest.handle(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rest.stop();
  await database.drop();
});

const client = (key = SECRET) => createClient(url, key, { db: { schema: "api" } });

describe("rpc", () => {
  test("passes arguments by name, defaults filling the rest", async () => {
    expect(await client().rpc("add", { b: 2, a: 1 })).toMatchObject({ data: 3, status: 200 });
    expect(await client().rpc("add", { a: 1 })).toMatchObject({ data: 11 });
  });

  test("runs as the key's role, with the role's time limit", async () => {
    const secret = await client().rpc("who");
    expect(secret.data).toMatchObject({
      role: "service_role",
      session: "authenticator",
      claims: { role: "service_role" },
      timeout: "8s",
      search_path: '"api", "extensions"',
    });
    const publishable = await client(PUBLISHABLE).rpc("who");
    expect(publishable.data).toMatchObject({ role: "anon", timeout: "3s" });
  });

  test("commits what a volatile function did and answers 204 for void", async () => {
    expect(await client().rpc("keep", { n: 1 })).toMatchObject({ status: 204, data: null });
    expect(await database.admin`select n from api.kept`).toEqual([{ n: 1 }]);
    expect(await client().rpc("keep", { n: 1 })).toMatchObject({
      status: 409,
      error: { code: "23505" },
    });
  });

  test("runs STABLE functions, and every GET, read only", async () => {
    expect((await client().rpc("who")).data).toMatchObject({ read_only: "on" });
    expect(await client().rpc("pretends_stable", { n: 2 })).toMatchObject({ status: 400 });
    expect(await client().rpc("keep", { n: 3 }, { get: true })).toMatchObject({
      status: 405,
      error: { code: "25006" },
    });
  });

  test("answers sets as arrays, cut at the limit, and rows as objects", async () => {
    expect((await client().rpc("numbers", { upto: 3 })).data).toEqual([1, 2, 3]);
    expect((await client().rpc("numbers", { upto: 100 })).data).toHaveLength(5);
    expect((await client().rpc("pairs")).data).toEqual([{ a: 1, b: "x" }, { a: 2, b: "y" }]);
  });

  test("single() takes the one row or fails with 406", async () => {
    expect((await client().rpc("numbers", { upto: 1 }).single()).data).toBe(1);
    expect(await client().rpc("numbers", { upto: 2 }).single()).toMatchObject({
      status: 406,
      error: { code: "PGRST116", details: "The result contains 2 rows" },
    });
  });

  test("takes the arguments of a GET from the query", async () => {
    expect((await client().rpc("add", { a: 4, b: 5 }, { get: true })).data).toBe(9);
  });

  test("heeds a function's own statement_timeout", async () => {
    expect(await client().rpc("slow")).toMatchObject({ status: 500, error: { code: "57014" } });
  });
});

describe("bytes", () => {
  const ask = (name: string, accept: string, body: object) =>
    fetch(`${url}/rest/v1/rpc/${name}`, {
      method: "POST",
      headers: { apikey: SECRET, accept, "content-type": "application/json" },
      body: JSON.stringify(body),
    });

  test("of a domain that is named as a media type come as they are to who accepts it", async () => {
    const response = await ask("bytes", "application/octet-stream", { n: 2 });
    expect([response.status, response.headers.get("content-type")])
      .toEqual([200, "application/octet-stream"]);
    expect(Buffer.from(await response.arrayBuffer()).toString("hex")).toBe("00ff0a5c00ff0a5c");
  });

  test("of a large answer are all there", async () => {
    const n = 1_000_000;
    const response = await ask("bytes", "application/octet-stream", { n });
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(bytes.equals(Buffer.alloc(4 * n, Buffer.from("00ff0a5c", "hex")))).toBe(true);
  });

  test("come of arguments of any text", async () => {
    const t = "'; select 1 \\ $1 \" \u{1F600} \\' --";
    const response = await ask("same", "application/octet-stream", { t });
    expect(await response.text()).toBe(t);
  });

  test("come of a call with role, claims and transaction of any other", async () => {
    const response = await ask("who_bytes", "application/octet-stream", {});
    expect(await response.text()).toBe('service_role on {"role":"service_role"}');
    expect((await ask("kept_bytes", "application/octet-stream", { n: 77 })).status).toBe(200);
    expect(await database.admin`select n from api.kept where n = 77`).toHaveLength(1);
    const again = await ask("kept_bytes", "application/octet-stream", { n: 77 });
    expect([again.status, await again.json()]).toMatchObject([409, { code: "23505" }]);
  });

  test("that take longer than the function may are 57014", async () => {
    const response = await ask("slow_bytes", "application/octet-stream", {});
    expect([response.status, await response.json()]).toMatchObject([500, { code: "57014" }]);
  });

  test("are JSON to everybody else", async () => {
    expect((await client().rpc("bytes", { n: 1 })).data).toBe("\\x00ff0a5c");
    const response = await ask("bytes", "*/*", { n: 1 });
    expect([response.headers.get("content-type"), await response.json()])
      .toEqual(["application/json; charset=utf-8", "\\x00ff0a5c"]);
  });

  test("of a function that has no such type are 406 PGRST107", async () => {
    const response = await ask("who", "application/octet-stream", {});
    expect([response.status, await response.json()]).toMatchObject([406, { code: "PGRST107" }]);
  });

  test("that are not there for an error are its JSON", async () => {
    const response = await ask("bytes", "application/octet-stream", { n: "x" });
    expect([response.status, await response.json()]).toMatchObject([400, { code: "22P02" }]);
  });
});

describe("errors", () => {
  test.each([
    ["P0001", 400],
    ["23503", 409],
    ["42501", 403],
    ["40001", 500],
    ["53300", 503],
    ["22023", 400],
    ["PT402", 402],
  ])("SQLSTATE %s is answered with %i", async (state, status) => {
    expect(await client().rpc("fail", { state })).toMatchObject({
      status,
      error: { code: state, message: "m", details: "d", hint: "h" },
    });
  });

  test("a function may say itself what to answer", async () => {
    const { status, error } = await client().rpc("answer_itself");
    expect({ status, error }).toMatchObject({
      status: 418,
      error: { code: "X1", message: "mine", details: null, hint: null },
    });
  });

  test("an unknown function, or unknown arguments, are 404 PGRST202", async () => {
    expect(await client().rpc("nope", { x: 1 })).toMatchObject({
      status: 404,
      error: {
        code: "PGRST202",
        message: "Could not find the function api.nope(x) in the schema cache",
      },
    });
    expect(await client().rpc("add", { c: 1 })).toMatchObject({ status: 404 });
  });

  test("overloads that differ by type alone are 300 PGRST203", async () => {
    expect(await client().rpc("twice", { a: 1 })).toMatchObject({
      status: 300,
      error: { code: "PGRST203" },
    });
  });

  test("no right to execute is 403, and 401 for anon", async () => {
    expect(await client().rpc("closed")).toMatchObject({ status: 403, error: { code: "42501" } });
    expect(await client(PUBLISHABLE).rpc("closed")).toMatchObject({ status: 401 });
  });

  test("a schema that is not exposed is 406, whatever the key", async () => {
    const hidden = createClient(url, SECRET, { db: { schema: "hidden" } });
    expect(await hidden.rpc("peek")).toMatchObject({ status: 406, error: { code: "PGRST106" } });
  });

  test("a missing or unknown key is 401", async () => {
    expect((await fetch(`${url}/rest/v1/rpc/who`, { method: "POST" })).status).toBe(401);
    expect(await client("sb_secret_wrong").rpc("who")).toMatchObject({ status: 401 });
  });

  test("a body that is no JSON object is 400 PGRST102", async () => {
    const response = await fetch(`${url}/rest/v1/rpc/add`, {
      method: "POST",
      headers: { apikey: SECRET, "content-type": "application/json" },
      body: "[1",
    });
    expect([response.status, await response.json()]).toMatchObject([400, { code: "PGRST102" }]);
  });

  test("a function that is replaced is found after NOTIFY pgrst", async () => {
    expect((await client().rpc("add", { a: 1 })).data).toBe(11);
    await database.postgres.unsafe(`
      drop function api.add(int, int);
      create function api.add(a int, c int) returns int language sql as 'select a * c';
      notify pgrst, 'reload schema';`).simple();
    await expect.poll(async () => (await client().rpc("add", { a: 2, c: 3 })).data).toBe(6);
  });
});

describe("connections", () => {
  const backends = async (doing: "idle" | "waiting") => {
    const rows = await database.admin<{ pid: number }[]>`
      select pid from pg_stat_activity
      where datname = current_database() and usename = 'authenticator' and query not like 'listen%'
        and case when wait_event = 'advisory' then 'waiting' else state end = ${doing}`;
    return rows.map(({ pid }) => pid);
  };
  const pass = async () => await client().rpc("pass", { gate: 1 });
  const passAll = () => Array.from({ length: CONNECTIONS }, pass);
  /** Requests on all connections, which wait for what is done meanwhile. */
  const whileAllWait = async (act: (pids: number[]) => Promise<unknown>) => {
    const gate = await database.admin.reserve();
    await gate`select pg_advisory_lock(1)`;
    const answers = Promise.all(passAll());
    await expect.poll(() => backends("waiting")).toHaveLength(CONNECTIONS);
    await act(await backends("waiting"));
    await gate`select pg_advisory_unlock(1)`;
    gate.release();
    return (await answers).map(({ status }) => status);
  };
  const terminate = (pids: number[]) =>
    database.admin`select pg_terminate_backend(pid, 5000) from unnest(${pids}::int[]) as pid`;
  const none = () => Promise.resolve();

  test("that the server ends under their requests answer 503 and are replaced", async () => {
    for (let round = 0; round < 3; round += 1) {
      expect(await whileAllWait(terminate)).toEqual(Array(CONNECTIONS).fill(503));
    }
    expect(await pass()).toMatchObject({ status: 200, data: 1 });
  });

  test("that answer no more are given up after a time and replaced", async () => {
    await whileAllWait(none);
    const frozen = await backends("idle");
    expect(frozen).toHaveLength(CONNECTIONS);
    for (const pid of frozen) process.kill(pid, "SIGSTOP");
    try {
      for (const { status } of await Promise.all(passAll())) expect(status).toBe(503);
      expect(await pass()).toMatchObject({ status: 200, data: 1 });
    } finally {
      for (const pid of frozen) process.kill(pid, "SIGCONT");
    }
    // What they were sent they do now, and then see that nobody is there.
    const left = async () => (await backends("idle")).filter((pid) => frozen.includes(pid));
    await expect.poll(left).toEqual([]);
  });

  test("that were ended while nobody used them are given to no request", async () => {
    await whileAllWait(none);
    await terminate(await backends("idle"));
    await expect.poll(async () => (await pass()).status).toBe(200);
    for (const { status } of await Promise.all(passAll())) expect(status).toBe(200);
  });
});
