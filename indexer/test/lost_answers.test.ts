import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commitFiles, file } from "./support/hosted_commits.ts";
import { createIndexing, type Indexing } from "./support/indexing.ts";

let indexing: Indexing;
beforeAll(async () => {
  indexing = await createIndexing();
});
afterAll(async () => {
  await indexing[Symbol.asyncDispose]();
});

/**
 * The way to the database, on which the connection that calls a function breaks off once the call is
 * committed, before anything more of its answer gets through.
 */
async function startProxy(functionName: string, isCommitted: () => Promise<boolean>) {
  const { port, hostname } = new URL(indexing.database.url("quarry_indexer"));
  const state = { isCut: false };
  const server = createServer((client) => {
    const target = connect(Number(port), hostname);
    const end = () => [client, target].forEach((side) => side.destroy());
    for (const side of [client, target]) side.on("error", end).on("close", end);
    let isCalling = false;
    client.on("data", (bytes) => {
      isCalling ||= bytes.includes(functionName);
      target.write(bytes);
    });
    let passed: Promise<unknown> = Promise.resolve();
    target.on("data", (bytes) => {
      passed = passed.then(async () => {
        if (isCalling && !state.isCut && await isCommitted()) {
          state.isCut = true;
          end();
        }
        if (!client.destroyed) client.write(bytes);
      });
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, state, port: (server.address() as AddressInfo).port };
}

test.each([
  ["publish_index", "published"],
  ["complete_and_claim", "completed"],
])("invariant 2: where the answer of %s is lost, the job is %s once", async (name, event) => {
  const hosted = await indexing.createHosted();
  await commitFiles(hosted.directory, new Map([["a.ts", file("let a;\n")]]));
  const repository = await indexing.register(hosted);
  const { id } = await indexing.lastJob(repository);
  const events = async () => {
    const rows = await indexing.database.admin<{ event: string }[]>`
      select event from quarry.indexing_job_events where job_id = ${id} order by id`;
    return rows.map((row) => row.event);
  };
  const { server, state, port } = await startProxy(
    name,
    async () => (await events()).includes(event),
  );
  try {
    const url = new URL(indexing.database.url("quarry_indexer"));
    url.host = `127.0.0.1:${port}`;
    const { ended } = await indexing.start({ environment: { DATABASE_URL: url.href } });
    expect(await ended).toMatchObject({ code: 0 });
  } finally {
    server.close();
  }
  expect(state).toEqual({ isCut: true });
  expect(await indexing.lastJob(repository))
    .toMatchObject({ state: "completed", outcome: "indexed", attempt: 1, errors: [] });
  expect(await events())
    .toEqual(["queued", "claimed", "fetched", "diffed", "written", "published", "completed"]);
});
