import { expect, test } from "vitest";
import { pushPayload } from "./webhook.ts";

const oid = "0123456789abcdef0123456789abcdef01234567";

const nameless = { fullName: null, defaultBranch: null };

test("a push is its ref and the commit it points at, and no list of files is looked at", () => {
  const payload = { ref: "refs/heads/main", after: oid, commits: "anything", forced: 1 };
  expect(pushPayload.parse(payload)).toEqual({
    ref: "refs/heads/main",
    commitOid: oid,
    isForced: false,
    ...nameless,
  });
});

test("a push says what the host calls the repository, in a form we know or not at all", () => {
  const push = { ref: "refs/heads/main", after: oid };
  const parse = (repository: unknown) => pushPayload.parse({ ...push, repository });
  expect(parse({ full_name: "o/n", default_branch: "trunk", id: 1 }))
    .toMatchObject({ fullName: "o/n", defaultBranch: "trunk" });
  const unborn = { full_name: "o/n", default_branch: "bogus/.." };
  for (const odd of [{ full_name: "o/n" }, { full_name: "o", default_branch: "b" }, unborn, 7]) {
    expect(parse(odd)).toMatchObject(nameless);
  }
});

test("a tag with a message is the commit that it points at, where the host says which", () => {
  const commitOid = "f".repeat(40);
  const parse = (head: unknown) =>
    pushPayload.parse({ ref: "refs/tags/v1", after: oid, head_commit: head }).commitOid;
  expect(parse({ id: commitOid, message: "one" })).toBe(commitOid);
  for (const odd of [undefined, null, {}, { id: "main" }]) expect(parse(odd)).toBe(oid);
});

test("a deleted ref points at no commit", () => {
  const payload = { ref: "refs/heads/main", after: "0".repeat(40), deleted: true };
  expect(pushPayload.parse(payload)).toMatchObject({ commitOid: null });
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
