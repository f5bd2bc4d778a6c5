// A first index whose text is published and whose symbols are not yet, over HTTP: every route answers
// from the text, or says that symbols are pending. The machine dies in between, so that there is time
// to ask.

import { afterAll, beforeAll, expect, test } from "vitest";
import { createStack, type Stack } from "../../scripts/local/stack.ts";
import { apiRoutes } from "../functions/api/handler.ts";
import { register, send } from "./support/http.ts";
import { Clone, ended, until } from "./support/whole_path.ts";

let stack: Stack;
let clone: Clone;
let jobId: string;
let repositoryId: string;
/** Where the machines that boot die. */
let failpoint = "before_publish";

const machineEnvironment = {
  IDLE_EXIT_SECONDS: "1",
  TEXT_FIRST_BYTES_MIN: "0",
  get FAILPOINT() {
    return failpoint;
  },
};

const features = async () => {
  const { body } = await send(stack, `/api/repositories/${repositoryId}`);
  const [indexed] = body["indexed"] as { features: string[] }[];
  return indexed?.features.join();
};

beforeAll(async () => {
  stack = await createStack({ durable: false, machineEnvironment });
  clone = await Clone.create(stack, "acme/rocket");
  await clone.write("src/engine.ts", 'import { burn } from "./fuel.ts";\nburn();\n');
  await clone.write("src/fuel.ts", "/** Burns. */\nexport function burn() {}\n");
  await clone.write("empty.txt", "");
  await clone.commitAndPush();
  ({ jobId, repositoryId } = await register(stack, "acme/rocket"));
  await until("the text", async () => await features() === "text");
  // All symbols are stored now, and the machine is dead; nobody takes over before the lease is over.
  await until("the end of the machine", () => stack.machines.running().length === 0);
});
afterAll(async () => {
  await clone[Symbol.asyncDispose]();
  await stack.stop();
});

const ask = (path: string) => send(stack, `/api/${path}&repository=acme/rocket`);

/** Routes that answer from the text alone, or not from the index of a ref. */
const ofTextAlone = [
  "search",
  "files",
  "file",
  "tree",
  "jobs",
  "jobs/:id",
  "jobs/:id/events",
  "jobs/:id/cancel",
  "jobs/:id/redrive",
  "repositories",
  "repositories/:id",
  "repositories/:id/index",
  "repositories/:id/skipped-files",
];
const refused = { status: 409, body: { code: "symbols_pending" } };
const partial = { status: 200, body: { complete: false, incomplete_reason: "symbols_pending" } };
/** What the others answer. */
const ofSymbols: readonly (readonly [route: string, path: string, answer: object])[] = [
  ["symbols", "symbols?name=burn", { ...partial, body: { ...partial.body, symbols: [] } }],
  ["definitions", "definitions?name=burn", { body: { ...partial.body, definitions: [] } }],
  ["definitions/at", "definitions/at?path=src/engine.ts&line=2&column=1", refused],
  ["definitions/at", "definitions/at?path=src/engine.ts&line=2&column=6", refused],
  ["references", "references?name=burn", {
    body: {
      ...partial.body,
      references: [],
      unread_files: ["src/engine.ts", "src/fuel.ts"].map((path) => ({
        path,
        reason: "symbols_pending",
      })),
    },
  }],
  ["outline", "outline?path=src/fuel.ts", {
    status: 200,
    body: { definitions: [], skip_reason: "symbols_pending" },
  }],
  ["callers", "callers?name=burn", refused],
  ["callees", "callees?name=burn", refused],
  ["dependencies", "dependencies?path=src/engine.ts", refused],
  ["dependents", "dependents?path=src/fuel.ts", refused],
  ["cycles", "cycles?", refused],
  ["cycles", "cycles?path=src/fuel.ts", refused],
  ["impact", "impact?path=src/fuel.ts", refused],
  ["overview", "overview?", refused],
  ["unused", "unused?", refused],
];

test("every route is in these tables", () => {
  const listed = new Set([...ofTextAlone, ...ofSymbols.map(([route]) => route)]);
  const routes = new Set(apiRoutes.map(({ path }) => path.replace("/api/", "")));
  expect([...listed].toSorted()).toEqual([...routes].toSorted());
});

test.each(ofSymbols)("%s says that symbols are pending: %s", async (_route, path, answer) => {
  expect(await ask(path)).toMatchObject(answer);
});

test("text is found, in an order that the answer says is not the last", async () => {
  for (const q of ["burn", "export function", "/burn\\(/", "path:fuel"]) {
    const { body } = await ask(`search?q=${encodeURIComponent(q)}`);
    expect(body, q).toMatchObject(partial.body);
    expect(body["matches"], q).toContainEqual(expect.objectContaining({ path: "src/fuel.ts" }));
  }
  // An empty file is found by its path.
  expect((await ask("search?q=path:empty")).body["matches"]).toMatchObject([{ path: "empty.txt" }]);
  const symbols = await ask("search?q=sym:burn");
  expect(symbols.body).toMatchObject({ ...partial.body, matches: [] });
});

test("files are listed and read, and how many lines one has is known", async () => {
  expect((await ask("files?")).body["items"]).toMatchObject(
    ["empty.txt", "src/engine.ts", "src/fuel.ts"].map((path) => ({
      path,
      size_bytes: null,
      line_count: null,
      skip_reason: null,
    })),
  );
  expect((await ask("file?path=src/fuel.ts&start_line=1&end_line=1")).body).toMatchObject({
    text: "/** Burns. */",
    line_count: 2,
    size_bytes: null,
  });
  expect((await ask("file?path=empty.txt")).body).toMatchObject({ text: "", line_count: 0 });
  expect((await ask("tree?path=src")).body["items"]).toHaveLength(2);
  const skipped = await send(stack, `/api/repositories/${repositoryId}/skipped-files`);
  expect(skipped.body).toMatchObject({ items: [] });
});

test("once another machine has finished the job, nothing is pending", async () => {
  const { body: before } = await ask("search?q=burn&limit=1");
  failpoint = "";
  await stack.sql`
    update quarry.indexing_jobs set lease_expires_at = clock_timestamp() where state = 'running'`;
  await stack.sql`select quarry.sweep()`;
  expect(await ended(stack, jobId)).toMatchObject({ state: "completed", attempt: 2 });
  expect(await features()).toBe("text,symbols");
  for (const [route, path] of ofSymbols) {
    const { status, body } = await ask(path);
    expect([status, JSON.stringify(body)], route)
      .toEqual([200, expect.not.stringContaining("pending")]);
  }
  // What is found is what was found, in another order: a cursor from before is refused.
  const cursor = encodeURIComponent(String(before["next_cursor"]));
  expect(await ask(`search?q=burn&limit=1&cursor=${cursor}`)).toMatchObject({
    status: 410,
    body: { code: "cursor_expired" },
  });
  expect((await ask("search?q=sym:burn")).body["matches"]).toMatchObject([{ path: "src/fuel.ts" }]);
});
