// What the SQL-only extensions promise: the names, types, rights and errors of the real ones.

import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../test_database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ migrated: false });
  await database.postgres.unsafe(`
    create extension pg_net with schema extensions;
    create extension pg_cron with schema pg_catalog;`).simple();
});
afterAll(() => database.drop());

async function signatures(schema: string): Promise<string[]> {
  const rows = await database.admin<{ signature: string }[]>`
    select format('%s(%s) %s', p.proname, pg_get_function_arguments(p.oid),
      pg_get_function_result(p.oid)) as signature
    from pg_proc p where p.pronamespace = ${schema}::regnamespace and p.proname !~ '^_'
    order by 1`;
  return rows.map((row) => row.signature);
}

test("pg_net's functions have the real signatures", async () => {
  expect(await signatures("net")).toEqual([
    "http_delete(url text, params jsonb DEFAULT '{}'::jsonb, headers jsonb DEFAULT '{}'::jsonb, " +
    "timeout_milliseconds integer DEFAULT 5000, body jsonb DEFAULT NULL::jsonb) bigint",
    "http_get(url text, params jsonb DEFAULT '{}'::jsonb, headers jsonb DEFAULT '{}'::jsonb, " +
    "timeout_milliseconds integer DEFAULT 5000) bigint",
    "http_post(url text, body jsonb DEFAULT '{}'::jsonb, params jsonb DEFAULT '{}'::jsonb, " +
    'headers jsonb DEFAULT \'{"Content-Type": "application/json"}\'::jsonb, ' +
    "timeout_milliseconds integer DEFAULT 5000) bigint",
    "wake() void",
  ]);
});

test("pg_cron's functions have the real signatures", async () => {
  expect(await signatures("cron")).toEqual([
    "alter_job(job_id bigint, schedule text DEFAULT NULL::text, command text DEFAULT NULL::text, " +
    "database text DEFAULT NULL::text, username text DEFAULT NULL::text, " +
    "active boolean DEFAULT NULL::boolean) void",
    "schedule(job_name text, schedule text, command text) bigint",
    "schedule(schedule text, command text) bigint",
    "schedule_in_database(job_name text, schedule text, command text, database text, " +
    "username text DEFAULT NULL::text, active boolean DEFAULT true) bigint",
    "unschedule(job_id bigint) boolean",
    "unschedule(job_name text) boolean",
  ]);
});

test("a request's parameters are escaped and its body is the text of the jsonb", async () => {
  const [row] = await database.postgres`
    with sent as (select net.http_post('http://h/?a=1', '{"x":1}', '{"q":"ä &"}') as id)
    select count(*) from sent`;
  expect(row).toBeDefined();
  const [queued] = await database.postgres`
    select method, url, convert_from(body, 'UTF8') as body, headers, timeout_milliseconds
    from net.http_request_queue order by id desc limit 1`;
  expect(queued).toEqual({
    method: "POST",
    url: "http://h/?a=1&q=%C3%A4%20%26",
    body: '{"x": 1}',
    headers: { "Content-Type": "application/json" },
    timeout_milliseconds: 5000,
  });
});

test("a request of a transaction that rolls back is never queued", async () => {
  const url = "http://rolled-back/";
  await database.postgres.begin(async (sql) => {
    await sql`select net.http_get(${url})`;
    throw new Error("roll back");
  }).catch(() => undefined);
  expect(await database.postgres`select 1 from net.http_request_queue where url = ${url}`)
    .toHaveLength(0);
});

test("another content type than JSON is refused", async () => {
  await expect(
    database
      .postgres`select net.http_post('http://h/', headers => '{"content-type":"text/plain"}')`,
  ).rejects.toThrow('Content-Type header must be "application/json"');
});

test("scheduling a name again updates its job, unscheduling removes it", async () => {
  const sql = database.postgres;
  const [first] = await sql`select cron.schedule('job', '10 seconds', 'select 1') as id`;
  const [second] = await sql`select cron.schedule('job', '*/5 * * * *', 'select 2') as id`;
  expect(second?.["id"]).toBe(first?.["id"]);
  expect(await sql`select jobname, schedule, command, username, active from cron.job`).toEqual([
    {
      jobname: "job",
      schedule: "*/5 * * * *",
      command: "select 2",
      username: "postgres",
      active: true,
    },
  ]);
  await sql`select cron.unschedule('job')`;
  expect(await sql`select from cron.job`).toHaveLength(0);
  await expect(sql`select cron.unschedule('job')`).rejects.toThrow(
    "could not find valid entry for job 'job'",
  );
});

test.each(["60 seconds", "0 seconds", "sometimes", "* * * *"])(
  "the schedule %j is invalid",
  async (schedule) => {
    await expect(database.postgres`select cron.schedule('bad', ${schedule}, 'select 1')`)
      .rejects.toThrow(`invalid schedule: ${schedule}`);
  },
);

test("postgres may read cron.job but change it by the functions alone", async () => {
  await expect(database.postgres`update cron.job set active = false`).rejects.toMatchObject({
    code: "42501",
  });
});

test("a secret lies encrypted in its row and is read through the view", async () => {
  const sql = database.postgres;
  await sql`select vault.create_secret('open sesame', 'door', 'of the cave')`;
  const [row] = await sql`
    select name, description, secret, decrypted_secret from vault.decrypted_secrets`;
  expect(row).toMatchObject({
    name: "door",
    description: "of the cave",
    decrypted_secret: "open sesame",
  });
  const stored = Buffer.from(String(row?.["secret"]), "base64").toString("latin1");
  expect(stored).not.toContain("open sesame");
});

test("a secret's name is unique; an update changes what is given", async () => {
  const sql = database.postgres;
  await sql`select vault.create_secret('one', 'unique')`;
  await expect(sql`select vault.create_secret('two', 'unique')`).rejects.toMatchObject({
    code: "23505",
  });
  await sql`select vault.update_secret(id, 'three') from vault.secrets where name = 'unique'`;
  expect(
    await sql`select name, decrypted_secret from vault.decrypted_secrets where name = 'unique'`,
  ).toEqual([{ name: "unique", decrypted_secret: "three" }]);
});

test("a secret that cannot be decrypted cannot be updated either", async () => {
  await database.admin`select vault.create_secret('lost', 'lost')`;
  await database.admin`
    update vault.secrets set secret = encode('no ciphertext', 'base64') where name = 'lost'`;
  await expect(
    database.postgres`
      select vault.update_secret(id, 'found') from vault.secrets where name = 'lost'`,
  ).rejects.toThrow("Decryption failed");
  await database.postgres`delete from vault.secrets where name = 'lost'`;
});

test("a secret moved to another row does not decrypt to itself", async () => {
  const sql = database.admin;
  await sql`select vault.create_secret('mine', 'mine')`;
  await sql`
    insert into vault.secrets (name, secret, nonce)
    select 'stolen', secret, nonce from vault.secrets where name = 'mine'`;
  const read = sql`select decrypted_secret from vault.decrypted_secrets where name = 'stolen'`;
  const stolen = await read.then((rows) => rows[0]?.["decrypted_secret"], () => "refused");
  expect(stolen).not.toBe("mine");
  await sql`delete from vault.secrets where name = 'stolen'`;
});

test.each(["anon", "authenticated"])("%s reads no secret", async (role) => {
  await expect(database.as(role)`select * from vault.decrypted_secrets`).rejects.toMatchObject({
    code: "42501",
  });
});

test("the vault's root key is closed to the API roles", async () => {
  const sql = database.serviceRole;
  await expect(sql`select * from vault._root_key`).rejects.toMatchObject({ code: "42501" });
  await expect(sql`select vault._key_for('x')`).rejects.toMatchObject({ code: "42501" });
});
