// What an agent reads over MCP of an indexed repository that is unlike others: many files, long lines,
// names with line feeds. Nothing is passed over in silence.

import { randomUUID } from "node:crypto";
import type { Client } from "@modelcontextprotocol/client";
import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createStack, type Stack } from "../../scripts/local/stack.ts";
import { register, send } from "./support/http.ts";
import { connectMcp } from "./support/mcp_client.ts";
import { Clone, ended } from "./support/whole_path.ts";

const FILES = 48;
const USES = 60;
/** More than one answer of the API holds, by their number and by their length. */
const ROWS = 3_000;
const row = (index: number) => `row ${index} ${"y".repeat(200)}\n`;
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
  const numbered = (count: number, line: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => line(index)).join("");
  await clone.write("outline/one_line.js", numbered(300, (n) => `function one${n}(){}`));
  const imports = numbered(400, (n) => `import "./module_number_${n}.js";\n`);
  const two = numbered(50, (n) => `function two${n}() {}\n`);
  await clone.write("outline/imports.js", imports + two);
  const more = numbered(2_000, (n) => `function more${n}() {}\n`);
  await clone.write("outline/pages.js", imports + more);
  await clone.write("wide.txt", `${"x".repeat(300_000)}\nnext\n`);
  await clone.write("dense/japanese.txt", numbered(400, (n) => `検索する関数を定義します。${n}\n`));
  await clone.write("dense/emoji.txt", numbered(400, () => `${"🙂🚀🧪".repeat(8)}\n`));
  await clone.write(
    "dense/table.c",
    numbered(400, (n) => `${`0x${(n % 256).toString(16)}, `.repeat(12)}\n`),
  );
  await clone.write("other/app.dart", "void launch() {}\n");
  await clone.write("other/README", "a language of no name\n");
  await clone.write("long/rows.txt", numbered(ROWS, row));
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

const atMost = (tokensMax: number) => (tokens: number) => tokens <= tokensMax;

async function call(name: string, parameters: Record<string, unknown>, by: Client = client) {
  const answer = await by.callTool({ name, arguments: parameters });
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

test("a file resource has every line of the file, and says where one is cut", async () => {
  const read = async (path: string) => {
    const { contents } = await client.readResource({ uri: `quarry://acme/rocket/${path}` });
    return (contents as { text: string }[])[0]?.text.split("\n") ?? [];
  };
  const rows = await read("long/rows.txt");
  expect(rows.filter((line) => line !== "")).toEqual(
    Array.from({ length: ROWS }, (_, index) => row(index).trimEnd()),
  );
  const [wide, next] = await read("wide.txt");
  expect(wide).toMatch(/^x{262144}… \(cut; line 1 has more than 262144 UTF-16 units\)$/);
  expect(next).toBe("next");
});

test("wrong arguments are all named, with those that the tool needs and may have", async () => {
  const wrong = await call("trace_calls", { repository: "acme/rocket", file: "a.ts", depth: 9 });
  expect(wrong.isError).toBe(true);
  expect(wrong.text.split("\n")).toEqual([
    "invalid_parameter: name: is missing; depth: Too big: expected number to be <=4; unknown argument file",
    "Next step: Call again with that put right: trace_calls needs repository, name and may have path, " +
    "direction, depth, ref, token_budget.",
  ]);
  expect((await call("list_repositories", { page: 2 })).text.split("\n").at(-1))
    .toBe(
      "Next step: Call again with that put right: list_repositories may have token_budget, cursor.",
    );
});

test("a name with its class, and lines past the end, are answered by what to do instead", async () => {
  const dotted = await call("find_definitions", { name: "Nobody.burn", match: "exact" });
  expect(dotted.text).toMatch(/try burn\./);
  const near = await call("find_definitions", { name: "qqqq" });
  expect(near.text).toMatch(/^Try a shorter name/);
  const past = await call("read_file", {
    repository: "acme/rocket",
    path: "src/uses.ts",
    start_line: 1_000,
  });
  expect(past.text).toMatch(/There are \d+ lines, none from 1000 on\.$/);
});

test("definitions and references are asked of a branch that is indexed, and of no other", async () => {
  for (const tool of ["find_definitions", "find_references"]) {
    const scope = { name: "burn", repository: "acme/rocket" };
    expect((await call(tool, { ...scope, ref: "main" })).text).toMatch(/src\/uses\.ts/);
    expect((await call(tool, { ...scope, ref: "none" })).text).not.toMatch(/src\/uses\.ts/);
  }
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

/** Follows the cursors of a tool to the end and collects what its texts show. */
async function follow(name: string, parameters: Record<string, unknown>, shown: RegExp) {
  const found: string[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < 100; page += 1) {
    const { text } = await call(name, { ...parameters, cursor });
    found.push(...Array.from(text.matchAll(shown), ([whole]) => whole));
    cursor = /More with cursor=(\S+)$/.exec(text)?.[1];
    if (cursor === undefined) return { found, pages: page + 1, last: text };
  }
  throw new Error("The cursors have no end.");
}

test("a page that does not fit is a smaller one, whose cursor passes over nothing", async () => {
  const small = { repository: "acme/rocket", token_budget: 200 };
  const files = await follow("list_files", { ...small, prefix: "many/" }, /^many\/\S+/gm);
  expect(new Set(files.found).size).toBe(FILES);
  expect([files.found.length, files.pages > 2]).toEqual([FILES, true]);
  const query = '"needle" path:many';
  const lines = await follow("search_code", { ...small, query }, /many\/\S+$/gm);
  expect([lines.found.length, new Set(lines.found).size]).toEqual([FILES, FILES]);
  const uses = await follow(
    "search_code",
    { ...small, query: "burn path:src/uses.ts" },
    /^\d+: export/gm,
  );
  expect(new Set(uses.found).size).toBe(USES + 1);
});

test("the references of one file that do not fit go on behind a cursor", async () => {
  const small = { name: "burn", token_budget: 200 };
  const { text, structured } = await call("find_references", small);
  const shown = text.match(/^\d+: call/gm)?.length ?? 0;
  expect(shown).toBeGreaterThan(1);
  expect(text).toMatch(new RegExp(`\\n${shown} references\\. Not complete \\(more_results\\)`));
  expect(structured).toHaveProperty("references.length", shown);
  const { found } = await follow("find_references", small, /^\d+: call/gm);
  expect([found.length, new Set(found).size]).toEqual([USES, USES]);
  const large = await follow("find_references", { ...small, token_budget: 20_000 }, /^\d+: call/gm);
  expect([new Set(large.found).size, large.pages]).toEqual([USES, 2]);
  expect((await call("find_references", { name: "nobody" })).text).toBe("No reference.");
});

test("files that share a page share its lines, and the rest is one query away", async () => {
  const { text } = await call("search_code", {
    query: "burn or forged",
    repository: "acme/rocket",
    token_budget: 20_000,
  });
  // Two files, a hundred lines.
  const shown = text.match(/^\d+: export const v\d+ = burn/gm)?.length ?? 0;
  expect(shown).toBeGreaterThan(10);
});

test("a list of repositories fits its budget and goes on behind a cursor", async () => {
  const names = Array.from(
    { length: 12 },
    (_, n) => `acme/a-rather-long-name-of-a-repository-${n}`,
  );
  for (const name of names) {
    const other = await Clone.create(stack, name);
    await other.write("a.txt", "a\n");
    await other.commitAndPush();
    await register(stack, name);
    await other[Symbol.asyncDispose]();
  }
  const small = { token_budget: 200 };
  expect((await call("list_repositories", small)).text.length).toBeLessThan(200 * 4);
  const { found, pages } = await follow("list_repositories", small, /^acme\/\S+/gm);
  expect(new Set(found)).toEqual(new Set(["acme/rocket", ...names]));
  expect([found.length, pages > 2]).toEqual([names.length + 1, true]);
});

test("a line longer than the budget is shown cut, and reading goes on after it", async () => {
  const file = { repository: "acme/rocket", path: "wide.txt", token_budget: 200 };
  const first = await call("read_file", file);
  expect(first.text).toMatch(
    /\n1: x+… \(cut; 262144 UTF-16 units or more\)\nLines 1 to 1 of 2\. Go on with start_line=2\.$/,
  );
  expect(first.structured).toMatchObject({ end_line: 1, truncated: true });
  expect((await call("read_file", { ...file, start_line: 2 })).text).toMatch(
    /\n2: next\nLines 2 to 2/,
  );
  const query = new URLSearchParams({ repository: "acme/rocket", path: "wide.txt" });
  const { body } = await send(stack, `/api/file?${query.toString()}`);
  expect(body).toMatchObject({ truncated: true, end_line: 1 });
  query.set("start_line", "2");
  expect((await send(stack, `/api/file?${query.toString()}`)).body)
    .toMatchObject({ truncated: false, text: "next" });
});

/** Goes on with an outline from where each answer says, to its end. */
async function outlineAll(path: string, budget: number) {
  const names: string[] = [];
  let start: { readonly start_line?: number } = {};
  for (let calls = 0; calls < 40; calls += 1) {
    const parameters = { repository: "acme/rocket", path, token_budget: budget, ...start };
    const { text, structured } = await call("outline_file", parameters);
    const answer = structured as Record<string, unknown> & { definitions: { name: string }[] };
    names.push(...answer.definitions.map(({ name }) => name));
    const next = answer["next_start_line"] as number | null;
    expect(/Go on with start_line=(\d+)/.exec(text)?.[1]).toBe(
      next === null ? undefined : `${next}`,
    );
    if (next === null) return { names: [...new Set(names)], text, answer };
    expect(answer["truncated"]).toBe(true);
    start = { start_line: next };
  }
  throw new Error(`the outline of ${path} has no end`);
}

test("an outline goes on past imports that do not fit, and passes over no definition", async () => {
  for (const [path, name, count] of [["imports", "two", 50], ["pages", "more", 2_000]] as const) {
    const { names } = await outlineAll(`outline/${path}.js`, 2_000);
    expect([path, names]).toEqual([path, Array.from({ length: count }, (_, n) => `${name}${n}`)]);
  }
});

test("an outline whose imports alone are cut says so", async () => {
  const parameters = { repository: "acme/rocket", path: "outline/imports.js", token_budget: 2_000 };
  const { text, structured } = await call("outline_file", parameters);
  expect(text).toMatch(/400 in all: raise token_budget/);
  expect(structured).toMatchObject({ complete: false, truncated: true, next_start_line: null });
  expect(structured).toMatchObject({ definitions: { length: 50 }, imports: [] });
});

test("an outline of more in one line than fits asks for room, and never for the same again", async () => {
  const { text, answer } = await outlineAll("outline/one_line.js", 500);
  expect(answer).toMatchObject({ complete: false, truncated: true, next_start_line: null });
  expect(text).toMatch(/raise token_budget/);
  expect((await outlineAll("outline/one_line.js", 8_000)).names).toHaveLength(300);
});

test("what a program gets is bounded like what is read", async () => {
  const budget = { repository: "acme/rocket", token_budget: 200 };
  for (
    const [name, parameters] of [
      ["read_file", { path: "wide.txt" }],
      ["outline_file", { path: "src/uses.ts" }],
      ["search_code", { query: "burn or needle" }],
      ["find_references", { name: "burn" }],
      ["find_definitions", { name: "v" }],
      ["list_files", {}],
      ["trace_calls", { name: "burn" }],
      ["track_imports", { path: "src/uses.ts" }],
      ["overview_repository", {}],
    ] as const
  ) {
    const { text, structured } = await call(name, { ...budget, ...parameters });
    expect([name, text.length < 1_200]).toEqual([name, true]);
    expect([name, JSON.stringify(structured).length < 12_000]).toEqual([name, true]);
  }
});

test("of a language whose definitions are not told apart an outline says so by its name", async () => {
  const file = { repository: "acme/rocket", path: "other/app.dart" };
  const { text, structured } = await call("outline_file", file);
  expect(text).toMatch(/No outline: definitions of Dart are not told apart/);
  expect(structured).toMatchObject({ skip_reason: "unknown_language", language: "Dart" });
});

test("files of no known language are not counted under an empty name", async () => {
  const query = "needle or burn or launch or name";
  const { text } = await call("search_code", { query, token_budget: 600 });
  expect(text).toMatch(/^By language \(lang:\): \S/m);
  expect(text).not.toMatch(/^By .*(?:: {2}\d|, {2}\d)/m);
});

test("no answer has more tokens than its budget, whatever characters it is of", async () => {
  for (const token_budget of [500, 1_000, 4_000]) {
    for (const file of ["japanese.txt", "emoji.txt", "table.c"]) {
      const parameters = { repository: "acme/rocket", path: `dense/${file}`, token_budget };
      const { text } = await call("read_file", parameters);
      expect([file, countTokens(text)]).toEqual([file, expect.toSatisfy(atMost(token_budget))]);
    }
    for (const query of ["0x", "検索", "🙂", "needle", "burn"]) {
      const { text } = await call("search_code", { query, token_budget });
      expect([query, countTokens(text)]).toEqual([query, expect.toSatisfy(atMost(token_budget))]);
    }
  }
});

test("a path with a line feed forges no line", async () => {
  const listed = await call("list_files", { repository: "acme/rocket", prefix: "odd/" });
  const found = await call("search_code", { query: "needle path:odd" });
  for (const { text } of [listed, found]) {
    expect(text).toContain("odd/a\\nacme/rocket forged.ts");
    expect(text).not.toMatch(/^acme\/rocket forged/m);
  }
});

test("an empty answer says what to try next", async () => {
  const { text } = await call("find_definitions", { name: "zzzqqq" });
  expect(text).toMatch(/Try a shorter name, .*\nNo definition\.$/);
  const folder = await call("list_files", { repository: "acme/rocket", prefix: "none/" });
  expect(folder.text).toMatch(/No path begins with none\/: .*\nNo file\.$/);
});

/** Arguments with which the owner is shown something, for every tool that is about a repository. */
function questionsAbout(repository: string, jobId: string) {
  const file = { repository, path: "src/uses.ts" };
  return {
    search_code: { query: "burn", repository },
    find_definitions: { name: "burn", repository },
    find_references: { name: "burn", repository },
    trace_calls: { ...file, name: "burn", direction: "callers" },
    impact_of_change: { ...file, name: "burn" },
    overview_repository: { repository },
    list_files: { repository },
    read_file: file,
    outline_file: file,
    track_imports: { ...file, direction: "dependencies" },
    index_status: { job_id: jobId },
    cancel_indexing: { job_id: jobId },
  };
}

test("a stranger is told of a repository what is told of one that nobody has, by every tool", async () => {
  const { apiKey } = await stack.createTenant("stranger");
  const stranger = await connectMcp(stack.functionsUrl, apiKey);
  const { jobId } = await register(stack, "acme/rocket");
  const [theirs, nobodys] = [
    questionsAbout("acme/rocket", jobId),
    questionsAbout("acme/nobody", randomUUID()),
  ].map((questions) => new Map(Object.entries(questions)));
  const { tools } = await client.listTools();
  const others = ["list_repositories", "register_repository"];
  expect([...theirs?.keys() ?? [], ...others].toSorted()).toEqual(
    tools.map(({ name }) => name).toSorted(),
  );
  for (const [tool, parameters] of theirs ?? []) {
    const told = await call(tool, parameters, stranger);
    expect([tool, told]).toEqual([tool, await call(tool, nobodys?.get(tool) ?? {}, stranger)]);
    expect(told.isError).toBe(true);
    // The owner is answered, but for the job, which has ended.
    const shown = await call(tool, parameters);
    expect([tool, shown.isError]).toEqual([tool, tool === "cancel_indexing"]);
  }
  for (const uri of ["quarry://acme/rocket/", "quarry://acme/rocket/src/uses.ts"]) {
    await client.readResource({ uri });
    await expect(stranger.readResource({ uri })).rejects.toThrow(/^Nothing of this id or name/);
  }
  expect((await stranger.listResources()).resources).toEqual([]);
  const typed = { ref: { type: "ref/resource" as const, uri: "quarry://{owner}/{name}/{+path}" } };
  for (const argument of [{ name: "owner", value: "ac" }, { name: "path", value: "s" }]) {
    const context = argument.name === "path"
      ? { context: { arguments: { owner: "acme", name: "rocket" } } }
      : {};
    const ask = { ...typed, argument, ...context };
    expect((await client.complete(ask)).completion.values).not.toEqual([]);
    expect((await stranger.complete(ask)).completion.values).toEqual([]);
  }
  await stranger.close();
});
