// Webhooks over HTTP: signed and unsigned deliveries through the gateway into the queue.

import { createHmac } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Stack } from "../../scripts/local/stack.ts";
import { createQuietStack, essence, register, send, UNKNOWN_ID } from "./support/http.ts";

let stack: Stack;
let repositoryId: string;
let secret: string;
const OID = "0123456789abcdef0123456789abcdef01234567";
const PUSH = JSON.stringify({ ref: "refs/heads/main", after: OID, commits: [{ ä: "é🙂" }] });

beforeAll(async () => {
  stack = await createQuietStack();
});
afterAll(() => stack.stop());

let count = 0;
beforeEach(async () => {
  const name = `acme/hooked${count += 1}`;
  const hosted = await stack.github.createRepository(name);
  ({ repositoryId } = await register(stack, name));
  secret = stack.github.webhooks.of(hosted.id)[0]?.secret ?? "";
  await stack.github.webhooks.idle();
});

const sign = (body: string, key = secret) =>
  `sha256=${createHmac("sha256", key).update(body).digest("hex")}`;

let delivery = 0;
function deliver(
  body: string,
  headers: Record<string, string> = {},
  id = repositoryId,
) {
  const all = {
    "x-github-event": "push",
    "x-github-delivery": `delivery-${delivery += 1}`,
    "x-hub-signature-256": sign(body),
    ...headers,
  };
  return send(stack, `/github-webhook/${id}`, { key: null, body, headers: all });
}

const eventsOf = async () => {
  const { body } = await send(stack, `/api/jobs?repository_id=${repositoryId}`);
  const [job] = (body as { items: { id: string }[] }).items;
  const events = await send(stack, `/api/jobs/${job?.id}/events`);
  return (events.body as { items: { event: string }[] }).items.map(({ event }) => event);
};

test("a push to an indexed ref is enqueued, once however often it is delivered", async () => {
  const headers = { "x-github-delivery": "one" };
  const first = await deliver(PUSH, headers);
  expect(first).toMatchObject({ status: 202, body: { outcome: "enqueued" } });
  const again = await deliver(PUSH, headers);
  expect(again).toMatchObject({ status: 200, body: { outcome: "duplicate" } });
  expect(again.body["job_id"]).toBe(first.body["job_id"]);
  expect(await eventsOf()).toEqual(["queued", "coalesced"]);
});

test("the same delivery at the same time is one", async () => {
  const headers = { "x-github-delivery": "same" };
  const answers = await Promise.all(Array.from({ length: 6 }, () => deliver(PUSH, headers)));
  expect(answers.map(({ body }) => String(body["outcome"])).toSorted()).toEqual([
    ...Array.from({ length: 5 }, () => "duplicate"),
    "enqueued",
  ]);
  expect(await eventsOf()).toEqual(["queued", "coalesced"]);
});

test("other refs, other events and pings change no job", async () => {
  const other = JSON.stringify({ ref: "refs/heads/other", after: OID });
  expect(await deliver(other)).toMatchObject({ status: 200, body: { outcome: "ignored" } });
  expect(await deliver("{}", { "x-github-event": "star" })).toMatchObject({
    status: 200,
    body: { outcome: "ignored" },
  });
  expect(await deliver("{}", { "x-github-event": "ping" })).toMatchObject({
    status: 200,
    body: { outcome: "pong" },
  });
  expect(await eventsOf()).toEqual(["queued"]);
});

test("a deleted ref that is indexed is enqueued without a commit", async () => {
  const gone = JSON.stringify({ ref: "refs/heads/main", after: "0".repeat(40), deleted: true });
  const { body } = await deliver(gone);
  expect(body).toMatchObject({ outcome: "enqueued" });
  const [row] = await stack.sql`
    select commit_oid from quarry.webhook_deliveries where job_id = ${String(body["job_id"])}`;
  expect(row?.["commit_oid"]).toBeNull();
});

test("an unsigned, a wrongly signed and an unknown repository's delivery are one and the same 401", async () => {
  const answers = [
    await deliver(PUSH, { "x-hub-signature-256": "" }),
    await deliver(PUSH, { "x-hub-signature-256": sign(PUSH, "guess") }),
    await deliver(PUSH, { "x-hub-signature-256": sign(`${PUSH} `) }),
    await deliver(PUSH, { "x-hub-signature-256": "sha256=zz" }),
    await deliver(PUSH, { "x-hub-signature-256": sign(PUSH).toUpperCase() }),
    await deliver(PUSH, {}, UNKNOWN_ID),
    await deliver(PUSH, {}, "not-an-id"),
  ].map(essence);
  expect(answers[0]).toMatchObject({ status: 401, body: { code: "invalid_signature" } });
  for (const answer of answers) expect(answer).toEqual(answers[0]);
  expect(await eventsOf()).toEqual(["queued"]);
});

test("a deleted repository's deliveries are refused", async () => {
  await send(stack, `/api/repositories/${repositoryId}`, { method: "DELETE" });
  expect((await deliver(PUSH)).status).toBe(401);
});

test("signed nonsense is refused and recorded nowhere", async () => {
  expect((await deliver("{")).body).toMatchObject({ code: "invalid_json" });
  expect((await deliver("[]")).body).toMatchObject({ code: "invalid_body" });
  expect((await deliver(PUSH, { "x-github-event": "Push!" })).body).toMatchObject({
    code: "invalid_delivery",
  });
  const [row] = await stack.sql`
    select count(*)::int as n from quarry.webhook_deliveries
    where repository_id = ${repositoryId} and event <> 'ping'`;
  expect(row?.["n"]).toBe(0);
});

test("a large push is taken, and a body over the limit refused", async () => {
  const large = JSON.stringify({ ref: "refs/heads/main", after: OID, x: "y".repeat(4_000_000) });
  expect((await deliver(large)).status).toBe(202);
  const tooLarge = await deliver(" ".repeat(5 * 1024 * 1024 + 1));
  expect(tooLarge).toMatchObject({ status: 413, body: { code: "body_too_large" } });
});

test("it takes POST on a repository's path alone", async () => {
  const get = await send(stack, `/github-webhook/${repositoryId}`, { key: null });
  expect(get.status).toBe(405);
  expect(get.headers.get("allow")).toBe("POST");
  for (const path of ["/github-webhook", "/github-webhook/", `/github-webhook/${UNKNOWN_ID}/x`]) {
    expect((await send(stack, path, { key: null, method: "POST" })).status, path).toBe(404);
  }
});
