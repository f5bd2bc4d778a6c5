import { expect, test } from "vitest";
import { CallerGuesses } from "../_shared/runtime/caller_guesses.ts";
import { WorkShare } from "../_shared/runtime/work_share.ts";
import { type ApiDependencies } from "./context.ts";
import { answerApi, handleApi } from "./handler.ts";

const headersOf = (key: string) => ({ authorization: `Bearer qry_0123456789abcdef${key}` });
const headers = headersOf("");
const caller = { tenantId: "tenant", requestedBy: "key" };

const quiet = { log: () => undefined, newId: () => "id" };

/** An instance that has no place for anything, and what it asks of the database. */
function busyInstance() {
  const asked: string[] = [];
  const database = new Proxy({}, {
    get: (_, name: string) => () => {
      asked.push(name);
      return Promise.resolve({ outcome: "unknown" });
    },
  });
  const reads = new WorkShare(
    { atOnceMax: 0, waitingMax: 0, waitMillisecondsMax: 1000 },
    () => 0,
  );
  const dependencies = { database, reads, callerGuesses: new CallerGuesses(), ...quiet };
  return { asked, dependencies: dependencies as unknown as ApiDependencies };
}

test("a busy instance refuses to read before it asks the database anything", async () => {
  const { asked, dependencies } = busyInstance();
  const request = new Request("http://functions.test/api/search?q=a", { headers });
  const response = await handleApi(request, dependencies);
  expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(await response.json()).toMatchObject({ code: "busy" });
  await expect(answerApi(request, caller, dependencies)).rejects.toMatchObject({ code: "busy" });
  expect(asked).toEqual([]);
});

test("a busy instance lets through what writes", async () => {
  const { asked, dependencies } = busyInstance();
  const url = "http://functions.test/api/repositories";
  const request = new Request(url, { method: "POST", headers, body: "{}" });
  const response = await handleApi(request, dependencies);
  expect([response.status, asked]).toEqual([401, ["authenticate"]]);
});

/** An instance that has a place for everything, and the lines in which it was asked for. */
function roomyInstance() {
  const names: string[] = [];
  const reads = {
    run: ({ line }: { readonly line: string }, work: () => Promise<unknown>) => {
      names.push(line);
      return work();
    },
  };
  const database = {
    authenticate: () =>
      Promise.resolve({ outcome: "ok", tenant_id: "t", api_key_id: "k", limit: 1, remaining: 1 }),
    getJob: () => Promise.resolve(null),
  };
  const dependencies = { database, reads, callerGuesses: new CallerGuesses(), ...quiet };
  const ask = (key: string) => {
    const url = "http://functions.test/api/jobs/none";
    const request = new Request(url, { headers: headersOf(key) });
    return handleApi(request, dependencies as unknown as ApiDependencies);
  };
  return { names, ask };
}

test("a key that was seen has a line of its own, keys that were not share sixteen", async () => {
  const { names, ask } = roomyInstance();
  for (let no = 0; no < 100; no += 1) await ask(`${no}`);
  expect(new Set(names).size).toBeLessThanOrEqual(16);
  names.length = 0;
  for (let no = 0; no < 100; no += 1) await ask(`${no}`);
  expect(new Set(names).size).toBe(100);
});
