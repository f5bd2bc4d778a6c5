// The functions and services whose certificates are of an authority of one's own, as a code host inside a
// company has: real Deno, real TLS.

import { afterEach, expect, test } from "vitest";
import { createStack, type Stack } from "../../scripts/local/stack.ts";
import { AUTHORITY } from "../../scripts/local/tls/certificate.ts";
import { startTlsFront, type TlsFront } from "../../scripts/local/tls/tls_front.ts";
import { register, send } from "./support/http.ts";
import { Clone, ended } from "./support/whole_path.ts";

let stack: Stack;
let fronts: { readonly github: TlsFront; readonly machines: TlsFront };

/** A stack whose functions find the code host and the Machines API behind TLS alone. */
async function start(trusted: Readonly<Record<string, string>>): Promise<void> {
  fronts = {
    github: await startTlsFront(() => Number(new URL(stack.githubUrl).port)),
    machines: await startTlsFront(() => Number(new URL(stack.machinesUrl).port)),
  };
  stack = await createStack({
    durable: false,
    machineEnvironment: { IDLE_EXIT_SECONDS: "0" },
    functionsEnvironment: {
      GITHUB_API_URL: `${fronts.github.url}/api`,
      FLY_API_BASE_URL: fronts.machines.url,
      ...trusted,
    },
  });
}
afterEach(async () => {
  await stack.stop();
  await fronts.github[Symbol.asyncDispose]();
  await fronts.machines[Symbol.asyncDispose]();
});

test("with PRIVATE_CA a repository is looked up, hooked and indexed by a machine", async () => {
  await start({ PRIVATE_CA: btoa(AUTHORITY) });
  await using clone = await Clone.create(stack, "acme/one");
  await clone.write("a.ts", "export const a = 1;\n");
  const commitOid = await clone.commitAndPush();
  const { answer, jobId } = await register(stack, "acme/one");
  expect(answer.body["repository"]).toMatchObject({ hook_state: "active" });
  expect(await ended(stack, jobId)).toMatchObject({ state: "completed", commit_oid: commitOid });
});

test("without it the code host is not spoken to", async () => {
  await start({});
  await stack.github.createRepository("acme/one");
  const body = { repository: "acme/one" };
  expect(await send(stack, "/api/repositories", { method: "POST", body }))
    .toMatchObject({ status: 503, body: { code: "host_unavailable" } });
});
