import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { WEBHOOK_BODY_BYTES_MAX } from "../_shared/contracts/limits.ts";
import { type Delivery } from "../_shared/runtime/database_functions.ts";
import { handleWebhook } from "./handler.ts";

const ID = "11111111-1111-4111-8111-111111111111";
const SECRET = "s3cret";
const OID = "0123456789abcdef0123456789abcdef01234567";
const PUSH = JSON.stringify({
  ref: "refs/heads/main",
  after: OID,
  forced: true,
  commits: [],
  repository: { full_name: "o/new-name", default_branch: "trunk" },
});

interface Sent {
  readonly body?: string;
  readonly id?: string;
  readonly secret?: string;
  readonly headers?: Record<string, string | null>;
}

/** Delivers; answers the response and what was recorded. */
async function deliver(
  { body = PUSH, id = ID, secret = SECRET, headers = {} }: Sent = {},
) {
  const recorded: Delivery[] = [];
  const all = Object.entries({
    "x-github-event": "push",
    "x-github-delivery": "d-1",
    "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
    ...headers,
  }).flatMap(([name, value]) => (value === null ? [] : [[name, value] as [string, string]]));
  const response = await handleWebhook(
    new Request(`http://functions.test/github-webhook/${id}`, {
      method: "POST",
      body,
      headers: all,
    }),
    {
      log: () => undefined,
      newId: () => "id",
      database: {
        webhookSecret: (asked) => Promise.resolve(asked === ID ? SECRET : null),
        recordDelivery: (delivery) => {
          recorded.push(delivery);
          const outcome = delivery.event === "ping" ? "pong" : "enqueued";
          return Promise.resolve({ outcome, job_id: null });
        },
      },
    },
  );
  const answer: unknown = await response.json();
  return { status: response.status, answer, recorded };
}

test("a signed push is recorded with its ref and commit, and what the host calls the repository", async () => {
  expect(await deliver()).toEqual({
    status: 202,
    answer: { outcome: "enqueued", job_id: null },
    recorded: [{
      repositoryId: ID,
      deliveryId: "d-1",
      event: "push",
      ref: "refs/heads/main",
      commitOid: OID,
      isForced: true,
      fullName: "o/new-name",
      defaultBranch: "trunk",
    }],
  });
});

test("a deleted ref is recorded without a commit", async () => {
  const body = JSON.stringify({ ref: "refs/heads/x", after: "0".repeat(40), deleted: true });
  expect((await deliver({ body })).recorded)
    .toMatchObject([{ commitOid: null, fullName: null, defaultBranch: null }]);
});

test("a ping is answered, and other events are recorded without being looked into", async () => {
  const ping = await deliver({ body: '{"zen":"..."}', headers: { "x-github-event": "ping" } });
  expect(ping).toMatchObject({ status: 200, answer: { outcome: "pong" } });
  const star = await deliver({ body: '{"ref":7}', headers: { "x-github-event": "star" } });
  expect(star.recorded).toMatchObject([{ event: "star", ref: null }]);
});

test("an unknown repository, a wrong and a missing signature are one and the same 401", async () => {
  const refused = await Promise.all([
    deliver({ id: "22222222-2222-4222-8222-222222222222" }),
    deliver({ id: "no-uuid" }),
    deliver({ secret: "wrong" }),
    deliver({ headers: { "x-hub-signature-256": null } }),
    deliver({ headers: { "x-hub-signature-256": "sha256=zz" } }),
    deliver({ body: "", headers: {} }),
  ]);
  for (const each of refused) {
    expect(each.status).toBe(401);
    expect(each).toEqual(refused[0]);
    expect(each.recorded).toEqual([]);
  }
});

test("nothing is parsed before it is verified", async () => {
  expect((await deliver({ body: "{", secret: "wrong" })).status).toBe(401);
  expect(await deliver({ body: "{" })).toMatchObject({
    status: 400,
    answer: { code: "invalid_json" },
  });
});

test("a push without ref or commit, and a delivery without a name, are refused", async () => {
  expect(await deliver({ body: "{}" })).toMatchObject({
    status: 400,
    answer: { code: "invalid_body" },
  });
  for (const name of ["x-github-event", "x-github-delivery"]) {
    expect(await deliver({ headers: { [name]: null } })).toMatchObject({
      status: 400,
      answer: { code: "invalid_delivery" },
    });
  }
});

test("a body over the limit is refused unread", async () => {
  const body = " ".repeat(WEBHOOK_BODY_BYTES_MAX + 1);
  expect(await deliver({ body })).toMatchObject({
    status: 413,
    answer: { code: "body_too_large" },
    recorded: [],
  });
});
