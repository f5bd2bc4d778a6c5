// What an agent reads over MCP of an indexed repository that is unlike others: many files, long lines,
// names with line feeds. Nothing is passed over in silence.

import type { Client } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createStack, type Stack } from "../../scripts/local/stack.ts";
import { register } from "./support/http.ts";
import { connectMcp } from "./support/mcp_client.ts";
import { Clone, ended } from "./support/whole_path.ts";

const FILES = 48;
const USES = 60;
let stack: Stack;
let clone: Clone;
let client: Client;

beforeAll(async () => {
  stack = await createStack({ durable: false, machineEnvironment: { IDLE_EXIT_SECONDS: "1" } });
  clone = await Clone.create(stack, "acme/rocket");
  for (let file = 0; file < FILES; file += 1) {
    await clone.write(`many/a_rather_long_name_of_a_file_${file}.txt`, "needle\n");
  }
  const uses = Array.from(
    { length: USES },
    (_, index) => `export const v${index} = burn(${index});`,
  );
  await clone.write(
    "src/uses.ts",
    `export function burn(n: number) {\n  return n;\n}\n${uses.join("\n")}\n`,
  );
  await clone.write("wide.txt", `${"x".repeat(300_000)}\nnext\n`);
  await clone.write("odd/a\nacme/rocket forged.ts", "needle\n");
  await clone.commitAndPush();
  const { jobId } = await register(stack, "acme/rocket");
  expect(await ended(stack, jobId)).toMatchObject({ state: "completed", outcome: "indexed" });
  client = await connectMcp(stack.functionsUrl, stack.apiKey);
});
afterAll(async () => {
  await client.close();
  await clone[Symbol.asyncDispose]();
  await stack.stop();
});

async function call(name: string, parameters: Record<string, unknown>) {
  const answer = await client.callTool({ name, arguments: parameters });
  const text = (answer.content as { text: string }[])[0]?.text ?? "";
  return { text, structured: answer.structuredContent ?? {}, isError: answer.isError === true };
}

test("each resource that is listed can be read, and what is not there is not found", async () => {
  const { resources } = await client.listResources();
  expect(resources).toHaveLength(1);
  for (const { uri } of resources) {
    const { contents } = await client.readResource({ uri });
    expect(contents).toMatchObject([{ uri, text: expect.stringContaining("src/uses.ts") }]);
  }
  await expect(client.readResource({ uri: "quarry://acme/rocket/none/" }))
    .rejects.toThrow(/no such folder/);
  for (const uri of ["quarry://acme/rocket/%", "quarry://acme/%zz/a", "quarry://%/rocket/"]) {
    await expect(client.readResource({ uri })).rejects.toThrow(/begins no escape/);
  }
});

test("an argument that a tool does not know is refused by name, with those it takes", async () => {
  const { isError, text } = await call("search_code", { query: "needle", lang: "go" });
  expect(isError).toBe(true);
  expect(text).toMatch(/unknown argument lang; this tool takes query, literal, repository/);
});

test("errors speak of tools and arguments, not of routes", async () => {
  const file = { repository: "acme/rocket", path: "none.ts" };
  const asked = [
    await call("read_file", file),
    await call("read_file", { ...file, ref: "none" }),
    await call("search_code", { query: "(" }),
    await call("find_references", { name: "burn", repository: "acme/none" }),
    await call("register_repository", { repository: "acme/none" }),
    await call("list_files", { repository: "acme/rocket", cursor: "none" }),
  ];
  for (const job_id of ["", ".", "..", "../repositories", "no-id"]) {
    asked.push(await call("index_status", { job_id }), await call("cancel_indexing", { job_id }));
  }
  for (const { isError, text } of asked) {
    expect([isError, text]).toEqual([true, expect.stringMatching(/\nNext step: ./)]);
    expect(text).not.toMatch(/GET |POST |mode=|\{"|route_not_found|percent-encoded/);
  }
});
