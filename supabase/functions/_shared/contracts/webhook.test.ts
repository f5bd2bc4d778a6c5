import { expect, test } from "vitest";
import { pushPayload } from "./webhook.ts";

const oid = "0123456789abcdef0123456789abcdef01234567";

test("a push is its ref and the commit it points at, and nothing else is looked at", () => {
  const payload = { ref: "refs/heads/main", after: oid, commits: "anything", forced: 1 };
  expect(pushPayload.parse(payload)).toEqual({ ref: "refs/heads/main", commitOid: oid });
});

test("a deleted ref points at no commit", () => {
  const payload = { ref: "refs/heads/main", after: "0".repeat(40), deleted: true };
  expect(pushPayload.parse(payload)).toEqual({ ref: "refs/heads/main", commitOid: null });
});

test.each([
  [{}],
  [null],
  [{ ref: "refs/heads/main" }],
  [{ ref: "refs/heads/main", after: "main" }],
  [{ ref: "", after: oid }],
  [{ ref: "a\u0000b", after: oid }],
  [{ ref: 1, after: oid }],
])("%j is no push", (payload) => {
  expect(pushPayload.safeParse(payload).success).toBe(false);
});
