// Reading an indexed repository over HTTP: its files, their lines and outlines, the uses of a name; from
// a real push, through the real indexer.

import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createStack, type Stack } from "../../scripts/local/stack.ts";
import { essence, register, send } from "./support/http.ts";
import { connectMcp } from "./support/mcp_client.ts";
import { Clone, ended } from "./support/whole_path.ts";

const LONG_LINES = 3000;
let stack: Stack;
let clone: Clone;
let oid: string;

beforeAll(async () => {
  stack = await createStack({ durable: false, machineEnvironment: { IDLE_EXIT_SECONDS: "1" } });
  clone = await Clone.create(stack, "acme/rocket");
  await clone.write(
    "src/engine.ts",
    [
      'import { burn as fire, type Fuel } from "./fuel.ts";',
      "",
      "/** Starts the engine. */",
      "export class Engine {",
      "  ignite(fuel: Fuel) {",
      "    return fire(fuel);",
      "  }",
      "}",
      "",
    ].join("\n"),
  );
  await clone.write(
    "src/fuel.ts",
    "export type Fuel = string;\nexport function burn(fuel: Fuel) {\n  return fuel;\n}\n",
  );
  const lines = Array.from(
    { length: LONG_LINES },
    (_, index) => `line ${index + 1} ${"x".repeat(80)}`,
  );
  await clone.write(
    "src/main.ts",
    'import "./engine.js";\nimport "node:fs";\nimport "./gone.ts";\n',
  );
  await clone.write("go.mod", "module example.org/app\n");
  await clone.write("store/store.go", "package store\n");
  await clone.write("cmd/main.go", 'package main\n\nimport "example.org/app/store"\n');
  await clone.write("long.txt", `${lines.join("\n")}\n`);
  await clone.write("NOTES.txt", "burn it all\n");
  await clone.write("empty.txt", "");
  await clone.write("image.bin", "a\u0000b");
  await clone.commitAndPush();
  oid = (await clone.git("rev-parse", "HEAD")).trim();
  const { jobId } = await register(stack, "acme/rocket");
  expect(await ended(stack, jobId)).toMatchObject({ state: "completed", outcome: "indexed" });
});
afterAll(async () => {
  await clone[Symbol.asyncDispose]();
  await stack.stop();
});

function get(path: string, parameters: Record<string, string>, key?: string) {
  const query = new URLSearchParams({ repository: "acme/rocket", ...parameters });
  return send(stack, `/api/${path}?${query.toString()}`, key === undefined ? {} : { key });
}

const tree = () => ({ repository: "acme/rocket", ref: "refs/heads/main", commit_oid: oid });

test("files are listed by path, below a prefix, page by page of one commit", async () => {
  const all = await get("files", {});
  expect(all.body).toMatchObject({ ...tree(), next_cursor: null });
  const paths = (body: Record<string, unknown>) =>
    (body["items"] as { path: string }[]).map(({ path }) => path);
  expect(paths(all.body)).toEqual([
    "NOTES.txt",
    "cmd/main.go",
    "empty.txt",
    "go.mod",
    "image.bin",
    "long.txt",
    "src/engine.ts",
    "src/fuel.ts",
    "src/main.ts",
    "store/store.go",
  ]);
  const first = await get("files", { prefix: "src/", limit: "1" });
  expect(paths(first.body)).toEqual(["src/engine.ts"]);
  const cursor = String(first.body["next_cursor"]);
  const second = await get("files", { prefix: "src/", limit: "2", cursor });
  expect(paths(second.body)).toEqual(["src/fuel.ts", "src/main.ts"]);
  expect(second.body["next_cursor"]).toBeNull();
  expect((all.body["items"] as unknown[])[4]).toMatchObject({ skip_reason: "binary" });
});

test("a file is read whole or by lines, across the chunks it is stored in", async () => {
  const whole = await get("file", { path: "src/fuel.ts" });
  expect(whole.body).toEqual({
    ...tree(),
    path: "src/fuel.ts",
    language: "TypeScript",
    size_bytes: 79,
    line_count: 4,
    start_line: 1,
    end_line: 4,
    text: "export type Fuel = string;\nexport function burn(fuel: Fuel) {\n  return fuel;\n}",
    truncated: false,
    skip_reason: null,
  });
  const range = await get("file", { path: "long.txt", start_line: "40", end_line: "130" });
  const lines = String(range.body["text"]).split("\n");
  expect([lines.length, lines[0]?.slice(0, 7), lines.at(-1)?.slice(0, 8)])
    .toEqual([91, "line 40", "line 130"]);
  const most = await get("file", { path: "long.txt" });
  expect([most.body["end_line"], most.body["line_count"]]).toEqual([2000, LONG_LINES]);
  const behind = await get("file", { path: "long.txt", start_line: "9000" });
  expect(behind.body).toMatchObject({ start_line: 9000, end_line: 8999, text: "" });
});

test("a file without text says why, an empty one has none", async () => {
  expect((await get("file", { path: "image.bin" })).body)
    .toMatchObject({ skip_reason: "binary", text: "" });
  expect((await get("file", { path: "empty.txt" })).body)
    .toMatchObject({ skip_reason: null, text: "", line_count: 0 });
});

test.each(["side", "MAIN"])(
  "of the ref %s, which is not indexed, no answer is complete",
  async (ref) => {
    const lacking = { complete: false, incomplete_reason: "not_indexed" };
    expect(await get("symbols", { name: "burn", ref }))
      .toMatchObject({ status: 200, body: { ...lacking, symbols: [] } });
    expect(await get("references", { name: "burn", ref }))
      .toMatchObject({ status: 200, body: { ...lacking, references: [] } });
    expect(await get("definitions", { name: "burn", ref }))
      .toMatchObject({ status: 200, body: { ...lacking, definitions: [] } });
    const client = await connectMcp(stack.functionsUrl, stack.apiKey);
    const { content } = await client.callTool({
      name: "find_definitions",
      arguments: { name: "burn", repository: "acme/rocket", ref },
    });
    expect(JSON.stringify(content)).toContain("Not complete (not_indexed)");
    await client.close();
  },
);

test("another commit, ref, path or range than there is gets a clear error", async () => {
  const codeOf = async (parameters: Record<string, string>) =>
    (await get("file", { path: "src/fuel.ts", ...parameters })).body["code"];
  expect(await codeOf({ commit: oid })).toBeUndefined();
  expect(await codeOf({ commit: oid.slice(0, 7).toUpperCase() })).toBeUndefined();
  expect(await codeOf({ commit: oid.slice(0, 39) })).toBeUndefined();
  expect(await codeOf({ commit: oid.slice(0, 6) })).toBe("invalid_parameter");
  expect(await codeOf({ commit: `${oid.slice(0, 39)}${oid.endsWith("0") ? "1" : "0"}` }))
    .toBe("commit_not_indexed");
  expect(await codeOf({ commit: "0".repeat(40) })).toBe("commit_not_indexed");
  expect(await codeOf({ ref: "side" })).toBe("ref_not_indexed");
  expect(await codeOf({ path: "src" })).toBe("file_not_found");
  expect(await codeOf({ start_line: "3", end_line: "2" })).toBe("invalid_parameter");
  expect(await codeOf({ start_line: "0" })).toBe("invalid_parameter");
  expect(await codeOf({ repository: "acme/other" })).toBe("not_found");
  expect((await send(stack, "/api/file?path=a")).body["code"]).toBe("invalid_parameter");
});

test("a path may begin with what stands for the root of the repository", async () => {
  const same = async (route: string, parameter: string, path: string, others = {}) => {
    const answer = async (written: string) =>
      essence(await get(route, { ...others, [parameter]: written }));
    const plain = await answer(path);
    expect(plain.status, route).toBe(200);
    for (const start of ["/", "./", ".//./"]) {
      expect(await answer(start + path), route).toEqual(plain);
    }
  };
  await same("file", "path", "src/fuel.ts");
  await same("outline", "path", "src/fuel.ts");
  await same("dependents", "path", "src/fuel.ts");
  await same("definitions/at", "path", "src/engine.ts", { line: "6" });
  await same("definitions", "path", "src/", { name: "burn" });
  await same("references", "path", "src/", { name: "burn", defined_in: "/src/fuel.ts" });
  await same("callers", "path", "src/fuel.ts", { name: "burn" });
  await same("impact", "path", "src/fuel.ts");
  await same("cycles", "prefix", "src/");
  await same("unused", "prefix", "src/");
  await same("files", "prefix", "src/");
  await same("tree", "path", "src/");
  await same("tree", "path", "");
  expect((await get("file", { path: "/" })).body).toMatchObject({ code: "file_not_found" });
});

test("a path that is no file is told what lies below it, or where files of its name are", async () => {
  const detail = async (route: string, path: string, others = {}) =>
    (await get(route, { ...others, path })).body["detail"];
  const none = "path: no such file in the indexed commit.";
  const folder = `${none} It is a folder: src/engine.ts, src/fuel.ts, src/main.ts.`;
  expect(await detail("file", "src")).toBe(folder);
  expect(await detail("outline", "src/")).toBe(folder);
  expect(await detail("dependents", "src")).toBe(folder);
  const alike = `${none} Of its name there are src/fuel.ts.`;
  expect(await detail("file", "lib/fuel.ts")).toBe(alike);
  expect(await detail("definitions/at", "fuel.ts", { line: "1" })).toBe(alike);
  expect(await detail("impact", "fuel.ts")).toBe(alike);
  expect(await detail("file", "lib/none.ts")).toBe(none);
  const { body } = await get("references", { name: "burn", defined_in: "fuel.ts" });
  expect(body["detail"]).toBe(alike.replace("path", "defined_in"));
});

test("a prefix that no path has is said to be one, where the answer would be empty", async () => {
  for (const [route, parameter] of [["references", "path"], ["unused", "prefix"]] as const) {
    const ask = (prefix: string) => get(route, { name: "burn", [parameter]: prefix });
    const asked = route === "unused" ? (prefix: string) => get(route, { prefix }) : ask;
    expect((await asked("srv/")).body).toMatchObject({
      code: "file_not_found",
      detail: `${parameter}: no path of the indexed commit begins with this.`,
    });
    expect((await asked("long")).body).toMatchObject({ complete: true });
  }
});

test("an outline has definitions with docs and containers, and the imports", async () => {
  const { body } = await get("outline", { path: "src/engine.ts" });
  expect(body).toEqual({
    ...tree(),
    path: "src/engine.ts",
    language: "TypeScript",
    definitions: [
      {
        name: "Engine",
        kind: "class",
        line: 4,
        column: 14,
        start_line: expect.any(Number) as number,
        end_line: 8,
        container: null,
        signature: "export class Engine",
        doc: "Starts the engine.",
        exported: true,
      },
      {
        name: "ignite",
        kind: "method",
        line: 5,
        column: 3,
        start_line: 5,
        end_line: 7,
        container: "Engine",
        signature: "ignite(fuel: Fuel)",
        doc: null,
        exported: true,
      },
    ],
    imports: [{
      specifier: "./fuel.ts",
      line: 1,
      kind: "module",
      names: [{ name: "burn", alias: "fire" }, { name: "Fuel", alias: null }],
      type_only: false,
    }],
    truncated: false,
    next_start_line: null,
    skip_reason: null,
  });
  expect((await get("outline", { path: "long.txt" })).body)
    .toMatchObject({ definitions: [], skip_reason: "unknown_language" });
});

test("files that only mention a name are told from those that use it", async () => {
  const { body } = await get("references", { name: "burn" });
  expect(body).toMatchObject({ complete: true, next_cursor: null });
  expect(body["other_files"]).toContain("NOTES.txt");
  const misspelt = await get("definitions", { name: "burn", kind: "klass" });
  expect(misspelt.body["code"]).toBe("invalid_parameter");
  for (const name of ["->", "a.burn", "burn it", "src/burn"]) {
    expect((await get("references", { name })).body["code"], name).toBe("invalid_parameter");
  }
});

test("imports lead to files, over several steps and in both directions", async () => {
  const down = await get("dependencies", { path: "src/main.ts", depth: "2" });
  expect(down.body).toEqual({
    ...tree(),
    path: "src/main.ts",
    edges: [
      { from: "src/main.ts", to: "src/engine.ts", line: 1, specifier: "./engine.js", depth: 1 },
      { from: "src/engine.ts", to: "src/fuel.ts", line: 1, specifier: "./fuel.ts", depth: 2 },
    ],
    external: ["node:fs"],
    unresolved: [{ from: "src/main.ts", line: 3, specifier: "./gone.ts" }],
    complete: true,
    incomplete_reason: null,
  });
  const edges = async (path: string, depth = "1") => {
    const { body } = await get("dependents", { path, depth });
    return (body["edges"] as { from: string; depth: number }[]).map((
      edge,
    ) => [edge.from, edge.depth]);
  };
  expect(await edges("src/fuel.ts")).toEqual([["src/engine.ts", 1]]);
  expect(await edges("src/fuel.ts", "3")).toEqual([["src/engine.ts", 1], ["src/main.ts", 2]]);
  expect(await edges("src/main.ts")).toEqual([]);
  expect(await edges("store/store.go")).toEqual([["cmd/main.go", 1]]);
  expect((await get("dependents", { path: "src" })).body["code"]).toBe("file_not_found");
  expect((await get("dependents", { path: "src/" })).body["code"]).toBe("file_not_found");
});

test("an agent finds, outlines and reads over MCP what REST answers", async () => {
  const client = await connectMcp(stack.functionsUrl, stack.apiKey);
  const call = async (name: string, parameters: Record<string, unknown>) => {
    const answer = await client.callTool({ name, arguments: parameters });
    return (answer.content as { text: string }[])[0]?.text ?? "";
  };
  const commit = `acme/rocket at ${oid.slice(0, 12)}`;
  const returned = `${commit}\nacme/rocket src/fuel.ts\n3: return fuel;  in burn\n1 line.`;
  for (
    const query of ['"return fuel"', "/return f\\w+;/ path:src", '"return fuel" -fire lang:ts']
  ) {
    expect(await call("search_code", { query })).toBe(returned);
  }
  expect(await call("search_code", { query: "return fuel", literal: true })).toBe(returned);
  expect(await call("search_code", { query: '"return fuel"', literal: true })).toBe("No line.");
  expect(await call("search_code", { query: "return (fuel" })).toMatch(
    /^invalid_query: .*at position 7\.\nreturn \(fuel\n {7}\^\nNext step: /,
  );
  expect(await call("find_definitions", { name: "ignite" })).toBe(
    `${commit}\nacme/rocket src/engine.ts\n5: method  ignite(fuel: Fuel)  in Engine\n1 definition.`,
  );
  const file = { repository: "acme/rocket", path: "src/engine.ts" };
  expect(await call("outline_file", file)).toMatch(
    /imports \.\/fuel\.ts\n\d-8 class {2}export class Engine {2}\/\/ Starts the engine\.\n {2}5-7 method/,
  );
  expect(await call("read_file", { ...file, start_line: 5, end_line: 6 })).toBe(
    `${commit}  src/engine.ts  TypeScript\n5:   ignite(fuel: Fuel) {\n6:     return fire(fuel);\n` +
      "Lines 5 to 6 of 8. Go on with start_line=7.",
  );
  const short = await call("read_file", { ...file, path: "long.txt", token_budget: 300 });
  expect(short.length).toBeLessThan(1200);
  expect(short).toMatch(/Lines 1 to \d+ of 3000\. Go on with start_line=\d+\.$/);
  expect(await call("list_files", { repository: "acme/rocket", prefix: "src/" })).toBe(
    `${commit}\nsrc/engine.ts  TypeScript 8 lines\nsrc/fuel.ts  TypeScript 4 lines\n` +
      "src/main.ts  TypeScript 3 lines\n3 files.",
  );
  expect(await call("read_file", { ...file, commit: "0".repeat(40) })).toMatch(
    /^commit_not_indexed/,
  );
  await client.close();
});

test("files are resources, found by completion and read whole", async () => {
  const client = await connectMcp(stack.functionsUrl, stack.apiKey);
  const { resources } = await client.listResources();
  expect(resources).toMatchObject([{ uri: "quarry://acme/rocket/", name: "acme/rocket" }]);
  const { resourceTemplates: [template] } = await client.listResourceTemplates();
  const ref = { type: "ref/resource" as const, uri: template?.uriTemplate ?? "" };
  const complete = async (name: string, value: string, known: Record<string, string>) =>
    (await client.complete({ ref, argument: { name, value }, context: { arguments: known } }))
      .completion.values;
  expect(await complete("owner", "ac", {})).toEqual(["acme"]);
  expect(await complete("name", "", { owner: "acme" })).toEqual(["rocket"]);
  expect(await complete("path", "src/f", { owner: "acme", name: "rocket" })).toEqual([
    "src/fuel.ts",
  ]);
  const text = async (uri: string) =>
    (await client.readResource({ uri })).contents.map((each) => "text" in each ? each.text : "");
  expect(await text("quarry://acme/rocket/src/")).toEqual([
    "src/engine.ts\nsrc/fuel.ts\nsrc/main.ts",
  ]);
  expect((await text("quarry://acme/rocket/src/fuel.ts")).join()).toContain("return fuel;");
  expect((await text("quarry://acme/rocket/long.txt")).join().split("\n")).toHaveLength(3000);
  await expect(text("quarry://acme/rocket/src/none.ts")).rejects.toThrow(/no such file/);
  await expect(text("quarry://acme/nothing/src/fuel.ts")).rejects.toThrow(/belongs to this key/);
  await client.close();
});

test("a stranger reads nothing, and is answered as if there were nothing", async () => {
  const { apiKey } = await stack.createTenant("stranger");
  for (
    const [path, parameters] of [
      ["files", {}],
      ["file", { path: "src/fuel.ts" }],
      ["outline", { path: "src/fuel.ts" }],
      ["references", { name: "burn" }],
    ] as const
  ) {
    const mine = await get(path, parameters, apiKey);
    const nobodys = await get(path, { ...parameters, repository: "acme/nothing" }, apiKey);
    expect(essence(mine)).toEqual(essence(nobodys));
    expect(mine.body["code"]).toBe("not_found");
  }
  const everywhere = await send(stack, "/api/references?name=burn", { key: apiKey });
  expect(everywhere.body).toMatchObject({ references: [], other_files: [], complete: true });
});

test("a file whose name is not UTF-8 is opened by the name that is shown of it", async () => {
  const odd = await Clone.create(stack, "acme/odd");
  await odd.write("lib/plain.ts", "export const plain = 1;\n");
  for (const byte of [0xe9, 0xea]) {
    const name = Buffer.concat([
      Buffer.from(`${odd.directory}/lib/caf`),
      Buffer.from([byte]),
      Buffer.from(".ts"),
    ]);
    await writeFile(name, `export const odd = ${byte};\n`);
  }
  await odd.commitAndPush();
  await ended(stack, (await register(stack, "acme/odd")).jobId);
  const repository = "acme/odd";
  const listed = await get("files", { repository, prefix: "lib/caf" });
  const paths = (listed.body["items"] as { path: string }[]).map((each) => each.path);
  expect(paths).toEqual(["lib/caf\ufffd.ts", "lib/caf\ufffd.ts"]);
  const path = "lib/caf\ufffd.ts";
  // Of two that look alike the first by its bytes.
  expect((await get("file", { repository, path })).body)
    .toMatchObject({ path, text: "export const odd = 233;" });
  expect((await get("outline", { repository, path })).body)
    .toMatchObject({ definitions: [{ name: "odd" }] });
  expect((await get("dependencies", { repository, path })).body).toMatchObject({ path, edges: [] });
  expect((await get("file", { repository, path: "lib/ca\ufffd.ts" })).body["code"])
    .toBe("file_not_found");
  await odd[Symbol.asyncDispose]();
});
