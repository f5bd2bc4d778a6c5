// The Model Context Protocol over HTTP with the official client and the official inspector: through the
// gateway, the functions in Deno, the Data API and PostgreSQL. Jobs stay queued; what an index answers
// is tested elsewhere.

import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import type { Client } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import type { Stack } from "../../scripts/local/stack.ts";
import { createQuietStack, send, UNKNOWN_ID } from "./support/http.ts";
import { connectMcp, type McpRevision } from "./support/mcp_client.ts";

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, "../..");

let stack: Stack;
beforeAll(async () => {
  stack = await createQuietStack();
});
afterAll(() => stack.stop());

const connect = (apiKey: string, revision?: McpRevision): Promise<Client> =>
  connectMcp(stack.functionsUrl, apiKey, revision);

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

test.each(["2026-07-28", "2025-11-25"] as const)(
  "a client of revision %s is answered in it",
  async (revision) => {
    const tenant = await stack.createTenant(`speaks ${revision}`);
    const client = await connect(tenant.apiKey, revision);
    expect(client.getNegotiatedProtocolVersion()).toBe(revision);
    expect((await call(client, "list_repositories")).text).toMatch(/register_repository/);
    await client.close();
  },
);

test("the official inspector lists the tools and calls one", async () => {
  const tenant = await stack.createTenant("inspector");
  const inspect = async (...args: readonly string[]): Promise<unknown> => {
    const { stdout } = await run(process.execPath, [
      path.join(root, "node_modules/.bin/mcp-inspector"),
      "--cli",
      `${stack.functionsUrl}/mcp`,
      "--transport",
      "http",
      "--header",
      `Authorization: Bearer ${tenant.apiKey}`,
      ...args,
    ]);
    return JSON.parse(stdout);
  };
  const listed = z.object({ tools: z.array(z.object({ name: z.string() })) })
    .parse(await inspect("--method", "tools/list"));
  expect(listed.tools.map(({ name }) => name)).toContain("search_code");
  const called = ["--method", "tools/call", "--tool-name", "list_repositories"];
  expect(result.parse(await inspect(...called)).content[0]?.text).toMatch(/register_repository/);
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

test("a client that waits for a job is told how far it is", async () => {
  await stack.github.createRepository("acme/slow");
  const tenant = await stack.createTenant("patient");
  const client = await connect(tenant.apiKey);
  const registered = await call(client, "register_repository", { repository: "acme/slow" });
  const jobId = /job (\S+): index queued/.exec(registered.text)?.[1];
  const told: unknown[] = [];
  const waiting = client.callTool(
    { name: "index_status", arguments: { job_id: jobId, wait_seconds: 30 } },
    {
      onprogress: (progress) => {
        told.push(progress);
        // The wait ends with the job, long before its own end.
        if (told.length === 1) void call(client, "cancel_indexing", { job_id: jobId });
      },
    },
  );
  expect(result.parse(await waiting).content[0]?.text).toMatch(/cancelled/);
  expect(told[0]).toMatchObject({ progress: 0, total: 100, message: "queued" });
  await client.close();
});

test("a subscription is refused: nothing is kept open", async () => {
  const tenant = await stack.createTenant("listener");
  const client = await connect(tenant.apiKey);
  await expect(client.listen({ toolsListChanged: true })).rejects.toThrow(/limit/);
  await client.close();
});

test("a tool's error names its code and what to do next", async () => {
  const tenant = await stack.createTenant("mistaken");
  const client = await connect(tenant.apiKey);
  for (const jobId of [UNKNOWN_ID, "no-id", "../repositories"]) {
    const { isError, text } = await call(client, "index_status", { job_id: jobId });
    expect([isError, text]).toEqual([true, expect.stringMatching(/^not_found: .+\nNext step: /)]);
  }
  await expect(call(client, "no_such_tool")).rejects.toThrow(/no_such_tool/);
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
