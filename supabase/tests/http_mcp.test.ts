// The Model Context Protocol over HTTP with the official client: through the gateway, the functions in
// Deno, the Data API and PostgreSQL. Jobs stay queued; what an index answers is tested elsewhere.

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import type { Stack } from "../../scripts/local/stack.ts";
import { createQuietStack, send, UNKNOWN_ID } from "./support/http.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await createQuietStack();
});
afterAll(() => stack.stop());

async function connect(apiKey: string): Promise<Client> {
  const client = new Client({ name: "test", version: "1" });
  const requestInit = { headers: { authorization: `Bearer ${apiKey}` } };
  const url = new URL(`${stack.functionsUrl}/mcp`);
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit }));
  return client;
}

const result = z.object({
  content: z.array(z.object({ type: z.literal("text"), text: z.string() })).length(1),
  structuredContent: z.looseObject({}).optional(),
  isError: z.boolean().default(false),
});

async function call(client: Client, name: string, parameters: Record<string, unknown> = {}) {
  const answer = result.parse(await client.callTool({ name, arguments: parameters }));
  const { content: [{ text } = { text: "" }], structuredContent, isError } = answer;
  return { text, structured: structuredContent, isError };
}

test("a client learns every tool, what it is for and whether it changes anything", async () => {
  const tenant = await stack.createTenant("reader");
  const client = await connect(tenant.apiKey);
  expect(client.getInstructions()).toMatch(/commit/);
  const { tools } = await client.listTools();
  expect(tools.length).toBeGreaterThan(4);
  for (const tool of tools) {
    expect(tool.description?.length).toBeGreaterThan(30);
    expect(tool.inputSchema.type).toBe("object");
    expect(tool.annotations?.readOnlyHint).toBe(!/^(?:register|cancel)_/.test(tool.name));
  }
  await client.close();
});

test("an agent registers a repository, watches its job and cancels it", async () => {
  await stack.github.createRepository("acme/rocket");
  const tenant = await stack.createTenant("agent");
  const client = await connect(tenant.apiKey);
  const empty = await call(client, "list_repositories");
  expect(empty.text).toMatch(/register_repository/);
  const registered = await call(client, "register_repository", { repository: "acme/rocket" });
  const jobId = /job (\S+): index queued/.exec(registered.text)?.[1];
  expect((await call(client, "index_status", { job_id: jobId })).structured)
    .toMatchObject({ id: jobId, state: "queued" });
  expect((await call(client, "cancel_indexing", { job_id: jobId })).text).toMatch(/cancelled/);
  expect((await call(client, "list_repositories")).text).toMatch(/^acme\/rocket {2}/);
  await client.close();
});

test("a tool's error names its code and what to do next", async () => {
  const tenant = await stack.createTenant("mistaken");
  const client = await connect(tenant.apiKey);
  for (const jobId of [UNKNOWN_ID, "no-id", "../repositories"]) {
    const { isError, text } = await call(client, "index_status", { job_id: jobId });
    expect([isError, text]).toEqual([true, expect.stringMatching(/^not_found: .+\nNext step: /)]);
  }
  const unknown = await call(client, "no_such_tool");
  expect(unknown.isError).toBe(true);
  const wrong = await call(client, "find_definitions", { name: 1 });
  expect(wrong.isError).toBe(true);
  await client.close();
});

test("one tenant's tools show nothing of another's", async () => {
  await stack.github.createRepository("acme/secret");
  const [owner, stranger] = [await stack.createTenant("owner"), await stack.createTenant("else")];
  const owning = await connect(owner.apiKey);
  const registered = await call(owning, "register_repository", { repository: "acme/secret" });
  const jobId = /job (\S+):/.exec(registered.text)?.[1] ?? "";
  const strange = await connect(stranger.apiKey);
  const asked = [
    await call(strange, "index_status", { job_id: jobId }),
    await call(strange, "cancel_indexing", { job_id: jobId }),
    await call(strange, "find_definitions", { name: "a", repository: "acme/secret" }),
  ];
  for (const { isError, text } of asked) {
    expect([isError, text]).toEqual([true, expect.stringMatching(/^not_found: /)]);
  }
  expect((await call(strange, "list_repositories")).text).not.toMatch(/secret/);
  await Promise.all([owning.close(), strange.close()]);
});

test("without a valid key the door is shut before the protocol begins, and only POST opens it", async () => {
  const body = { jsonrpc: "2.0", id: 1, method: "tools/list" };
  for (const key of [null, `qry_${"x".repeat(43)}`]) {
    const answer = await send(stack, "/mcp", { key, body });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer/);
  }
  const tenant = await stack.createTenant("getter");
  const answer = await send(stack, "/mcp", { key: tenant.apiKey });
  expect([answer.status, answer.headers.get("allow")]).toEqual([405, "POST"]);
});

test("many sessions at once are answered each for itself", async () => {
  const tenants = await Promise.all([1, 2, 3, 4].map((n) => stack.createTenant(`many-${n}`)));
  const clients = await Promise.all(tenants.map(({ apiKey }) => connect(apiKey)));
  const lists = await Promise.all(
    clients.flatMap((client) => Array.from({ length: 5 }, () => call(client, "list_repositories"))),
  );
  expect(new Set(lists.map(({ text }) => text)).size).toBe(1);
  await Promise.all(clients.map((client) => client.close()));
});
