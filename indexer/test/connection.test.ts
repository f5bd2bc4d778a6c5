import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../scripts/local/test_database.ts";
import { Stopped } from "../src/errors.ts";
import { Connection } from "../src/store/connection.ts";
import { errorCode, isClientDefect, isConnectionLost } from "../src/store/connection_loss.ts";

let database: TestDatabase;
let connection: Connection;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.admin`create table public.copied (number int primary key)`;
  await database.admin`grant insert on public.copied to quarry_indexer`;
  await database.admin`grant usage on schema public to quarry_indexer`;
  connection = new Connection({
    url: database.url("quarry_indexer"),
    applicationName: "connection test",
  });
});
afterAll(async () => {
  await connection.close();
  await database.drop();
});

const never = new AbortController().signal;

async function dropConnections(): Promise<void> {
  await database.admin`
    select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = 'connection test' and datname = current_database()`;
}

/** By the statement: one whose connection was given up sleeps on, since the server has not noticed. */
async function isAsleep(statement: string): Promise<boolean> {
  const rows = await database.admin`
    select from pg_stat_activity where application_name = 'connection test'
      and datname = current_database() and state = 'active' and wait_event = 'PgSleep'
      and query = ${statement}`;
  return rows.length === 1;
}

async function count(): Promise<unknown> {
  const [row] = await database.admin`select count(*)::int as n from public.copied`;
  return row?.["n"];
}

test("a call survives the loss of its connection, again and again", async () => {
  for (let round = 0; round < 5; round += 1) {
    const [row] = await connection.call((sql) => sql<{ n: number }[]>`select ${round}::int as n`);
    expect(row?.n).toBe(round);
    if (round < 4) await dropConnections();
  }
});

/** A call whose first so many tries are undone with this code. Answers how often it was made. */
async function callUndone(code: string, undone: number): Promise<number> {
  let tries = 0;
  await connection.call((sql) => {
    tries += 1;
    return tries > undone
      ? sql`select 1`
      : sql.unsafe(`do $$ begin raise 'undone' using errcode = '${code}'; end $$`);
  });
  return tries;
}

test.each(["40001", "40P01", "55P03"])(
  "a call that was undone (%s) is made again",
  async (code) => {
    expect(await callUndone(code, 2)).toBe(3);
  },
);

test("a call that is undone time and again fails, as one that is wrong does at once", async () => {
  await expect(callUndone("40P01", 3)).rejects.toSatisfy((error) => errorCode(error) === "40P01");
  await expect(callUndone("P0001", 1)).rejects.toSatisfy((error) => errorCode(error) === "P0001");
});

test("an error in the last bytes of a COPY reaches the caller with the server's words", async () => {
  await expect(connection.transaction(async (transaction) => {
    await transaction.copy("copy public.copied from stdin", [Buffer.from("1\n1\n")]);
  }, never)).rejects.toThrow("duplicate key");
  await expect(connection.transaction(async (transaction) => {
    await transaction.copy("copy public.copied from stdin", [Buffer.from("one\n")]);
  }, never)).rejects.toThrow("invalid input syntax");
  expect(await count()).toBe(0);
});

test("a transaction whose connection is lost never goes on over another one", async () => {
  await expect(connection.transaction(async (transaction) => {
    await transaction.run((sql) => sql`select 1`);
    await dropConnections();
    // Until the loss has reached this side, so that the library has connected anew.
    await new Promise((done) => setTimeout(done, 50));
    await transaction.copy("copy public.copied from stdin", [Buffer.from("2\n")]);
  }, never)).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
  expect(await count()).toBe(0);
  await connection.call((sql) => sql`select 1`);
});

test("an abort ends a call that hangs, and the next call does not wait behind it", async () => {
  const controller = new AbortController();
  const hanging = connection.call((sql) => sql`select pg_sleep(59)`, controller.signal);
  controller.abort(new Stopped("shutdown"));
  await expect(hanging).rejects.toMatchObject({ reason: "shutdown" });
  const [row] = await connection.call((sql) => sql<{ n: number }[]>`select 1 as n`);
  expect(row?.n).toBe(1);
});

test("a connection that is given up takes no call along, but every transaction", async () => {
  let sent = 0;
  const waiting = connection.call((sql) => {
    sent += 1;
    return sent === 1 ? sql`select pg_sleep(60)` : sql`select 1`;
  });
  await expect.poll(() => isAsleep("select pg_sleep(60)")).toBe(true);
  connection.giveUp();
  await waiting;
  expect(sent).toBe(2);
  const transacting = connection.transaction(async (transaction) => {
    await transaction.run((sql) => sql`select pg_sleep(61)`);
  }, never);
  await expect.poll(() => isAsleep("select pg_sleep(61)")).toBe(true);
  connection.giveUp();
  await expect(transacting).rejects.toSatisfy(isConnectionLost);
});

test("an error is the library's own by where it was thrown", () => {
  const error = new TypeError("Cannot read properties of null (reading 'write')");
  expect(isClientDefect(error)).toBe(false);
  error.stack += "\n    at nextWrite (file:///app/node_modules/postgres/src/connection.js:255:22)";
  expect(isClientDefect(error)).toBe(true);
});

test("calls wait for a transaction, and it for them", async () => {
  const order: string[] = [];
  await Promise.all([
    connection.transaction(async (transaction) => {
      await transaction.run((sql) => sql`select 1`);
      order.push("copying");
      await transaction.copy("copy public.copied from stdin", [Buffer.from("3\n")]);
      order.push("copied");
    }, never),
    connection.call((sql) => sql`select 1`).then(() => order.push("called")),
  ]);
  expect(order).toEqual(["copying", "copied", "called"]);
  expect(await count()).toBe(1);
});
