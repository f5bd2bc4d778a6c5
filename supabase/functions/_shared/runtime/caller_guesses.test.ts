import { expect, test } from "vitest";
import { type Caller } from "./authenticate.ts";
import { CallerGuesses, workForCaller } from "./caller_guesses.ts";

const KEY_HASH = "0123456789abcdef";
const ok = (tenant: string) => ({
  outcome: "ok" as const,
  tenant_id: tenant,
  api_key_id: `key of ${tenant}`,
  limit: 10,
  remaining: 9,
  retry_after_seconds: 1,
});
const unknown = { outcome: "unknown" } as const;
const limited = { ...ok("a"), outcome: "limited" as const };
type Verdict = ReturnType<typeof ok> | typeof unknown | typeof limited;

/** A door that keeps a record of what happens at it, in order. */
function openDoor() {
  const callerGuesses = new CallerGuesses();
  const record: string[] = [];
  const work = (caller: Caller) => {
    record.push(`work for ${caller.tenantId}`);
    return Promise.resolve(`for ${caller.tenantId}`);
  };
  const ask = async (verdict: Verdict, method = "GET") => {
    const authenticate = async () => {
      record.push("asked");
      // Work that begins early is done by then.
      await new Promise(setImmediate);
      record.push("known");
      return verdict;
    };
    const dependencies = { database: { authenticate }, callerGuesses };
    const answer = await workForCaller(
      { method, keyHash: KEY_HASH },
      dependencies,
      new Headers(),
      work,
    );
    record.push("answered");
    return answer;
  };
  return { ask, record };
}

test("the first request of a key works for nobody before it is authenticated", async () => {
  const { ask, record } = openDoor();
  expect(await ask(ok("a"))).toBe("for a");
  expect(record).toEqual(["asked", "known", "work for a", "answered"]);
});

test("the next one begins at once, and answers when the key is authenticated again", async () => {
  const { ask, record } = openDoor();
  await ask(ok("a"));
  record.length = 0;
  expect(await ask(ok("a"))).toBe("for a");
  expect(record).toEqual(["work for a", "asked", "known", "answered"]);
});

test.each([
  ["revoked", unknown, "unauthorized"],
  ["over its limit", limited, "rate_limited"],
])("a key that is %s is answered nothing, and nothing begins for it again", async (_, no, code) => {
  const { ask, record } = openDoor();
  await ask(ok("a"));
  record.length = 0;
  await expect(ask(no)).rejects.toMatchObject({ code });
  await expect(ask(no)).rejects.toMatchObject({ code });
  expect(record).toEqual(["work for a", "asked", "known", "asked", "known"]);
});

test("a key that is somebody else's by now is answered for them", async () => {
  const { ask, record } = openDoor();
  await ask(ok("a"));
  record.length = 0;
  expect(await ask(ok("b"))).toBe("for b");
  expect(record).toEqual(["work for a", "asked", "known", "work for b", "answered"]);
});

test("what may change something waits for authentication every time", async () => {
  const { ask, record } = openDoor();
  await ask(ok("a"));
  record.length = 0;
  await expect(ask(unknown, "POST")).rejects.toMatchObject({ code: "unauthorized" });
  expect(record).toEqual(["asked", "known"]);
});
