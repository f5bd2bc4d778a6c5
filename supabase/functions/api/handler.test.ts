import { expect, test } from "vitest";
import { CallerGuesses } from "../_shared/runtime/caller_guesses.ts";
import { WorkShare } from "../_shared/runtime/work_share.ts";
import { type ApiDependencies } from "./context.ts";
import { answerApi, handleApi } from "./handler.ts";

const headers = { authorization: "Bearer qry_0123456789abcdef" };
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
  const reads = new WorkShare({ atOnceMax: 0, waitMillisecondsMax: -1 }, () => 0);
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
