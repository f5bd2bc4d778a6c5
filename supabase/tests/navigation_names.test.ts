// Names over HTTP: definitions by name and by position, references with filters and ranks; from a real
// push, through the real indexer.

import { afterAll, beforeAll, expect, test } from "vitest";
import { createStack, type Stack } from "../../scripts/local/stack.ts";
import { register, send } from "./support/http.ts";
import { Clone, ended } from "./support/whole_path.ts";

let stack: Stack;
let clone: Clone;
let oid: string;

const files: Readonly<Record<string, string>> = {
  "src/engine.ts": [
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
  "src/fuel.ts":
    "export type Fuel = string;\nexport function burn(fuel: Fuel) {\n  return fuel;\n}\n",
  "src/fuel.test.ts": 'import { burn } from "./fuel.ts";\nburn("");\n',
  "other/burn.ts": "export function burn() {}\n",
  "other/window.ts": "export const openFuelBurnWindow = 1;\n",
  "NOTES.txt": "burn it all\n",
};

beforeAll(async () => {
  stack = await createStack({ durable: false, machineEnvironment: { IDLE_EXIT_SECONDS: "1" } });
  clone = await Clone.create(stack, "acme/rocket");
  for (const [path, text] of Object.entries(files)) await clone.write(path, text);
  oid = await clone.commitAndPush();
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

test("references are filtered by role and path, and ranked from a definition", async () => {
  const places = async (parameters: Record<string, string>) => {
    const { body } = await get("references", parameters);
    return (body["references"] as Record<string, unknown>[]).map((
      { path, line, role, enclosing, proximity },
    ) => [path, line, role, enclosing, proximity]);
  };
  expect(await places({ name: "Fuel", role: "type" })).toEqual([
    ["src/engine.ts", 5, "type", "Engine.ignite", null],
    ["src/fuel.ts", 2, "type", "burn", null],
  ]);
  expect(await places({ name: "Fuel", role: "type", path: "src/f" })).toEqual([
    ["src/fuel.ts", 2, "type", "burn", null],
  ]);
  expect(await places({ name: "Fuel", role: "type", defined_in: "src/fuel.ts" })).toEqual([
    ["src/fuel.ts", 2, "type", "burn", "same_file"],
    ["src/engine.ts", 5, "type", "Engine.ignite", "imported"],
  ]);
  const inText = await get("references", { name: "all" });
  expect(inText.body).toMatchObject({
    references: [],
    unread_files: [{ path: "NOTES.txt", language: "Text", reason: "unknown_language" }],
  });
});

test("definitions are found by name, part, humps and misspelt, the best first", async () => {
  const found = async (name: string, parameters: Record<string, string> = {}) => {
    const { body } = await get("definitions", { name, ...parameters });
    return (body["definitions"] as Record<string, unknown>[]).map((each) =>
      `${String(each["name"])} ${String(each["match"])}`
    );
  };
  expect(await found("ignite")).toEqual(["ignite exact"]);
  expect(await found("IGNITE")).toEqual(["ignite exact"]);
  expect(await found("ign")).toEqual(["ignite prefix"]);
  expect(await found("nite")).toEqual(["ignite infix"]);
  expect(await found("ignitte")).toEqual(["ignite fuzzy"]);
  expect(await found("ingite")).toEqual(["ignite fuzzy", "Engine fuzzy"]);
  expect(await found("oFBW")).toEqual(["openFuelBurnWindow hump"]);
  expect(await found("burn")).toEqual(["burn exact", "burn exact", "openFuelBurnWindow infix"]);
  expect(await found("burn", { match: "prefix" })).toEqual(["burn prefix", "burn prefix"]);
  expect(await found("fuel", { kind: "type" })).toEqual(["Fuel exact"]);
  expect(await found("fuel", { path: "store/" })).toEqual([]);
  expect(await found("nothingLikeIt")).toEqual([]);
  const one = await get("definitions", { name: "burn", match: "exact", limit: "1" });
  expect(one.body).toMatchObject({ complete: false, incomplete_reason: "more_results" });
  expect(one.body["definitions"]).toHaveLength(1);
  const { body } = await get("definitions", { name: "ignite" });
  expect(body).toMatchObject({
    definitions: [{
      ...tree(),
      path: "src/engine.ts",
      line: 5,
      column: 3,
      container: "Engine",
      exported: true,
      in_test: false,
      proximity: null,
    }],
    complete: true,
  });
});

test("a position leads to the definitions of its name, the imported one first", async () => {
  const at = async (path: string, line: number, column: number) =>
    (await get("definitions/at", { path, line: `${line}`, column: `${column}` })).body;
  expect(await at("src/fuel.test.ts", 2, 2)).toMatchObject({
    ...tree(),
    name: "burn",
    role: "call",
    definitions: [
      { path: "src/fuel.ts", line: 2, proximity: "imported" },
      { path: "other/burn.ts", line: 1, proximity: "elsewhere" },
    ],
    complete: true,
  });
  expect(await at("src/engine.ts", 5, 16)).toMatchObject({
    name: "Fuel",
    role: "type",
    enclosing: "Engine.ignite",
    definitions: [{ path: "src/fuel.ts", proximity: "imported" }],
  });
  expect(await at("src/engine.ts", 4, 14)).toMatchObject({ name: "Engine", role: "definition" });
  expect(await at("src/engine.ts", 2, 1)).toMatchObject({ name: null, definitions: [] });
  expect((await get("definitions/at", { path: "src/engine.ts" })).body["code"])
    .toBe("invalid_parameter");
});

test("a stranger's names lead nowhere, with and without a repository", async () => {
  const { apiKey } = await stack.createTenant("stranger");
  const everywhere = await send(stack, "/api/definitions?name=burn", { key: apiKey });
  expect(everywhere.body).toEqual({ definitions: [], complete: true, incomplete_reason: null });
  expect((await get("definitions", { name: "burn" }, apiKey)).body["code"]).toBe("not_found");
  const position = { path: "src/engine.ts", line: "5" };
  expect((await get("definitions/at", position, apiKey)).body["code"]).toBe("not_found");
});
