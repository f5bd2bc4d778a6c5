// Names over HTTP: definitions by name and by position, references with filters and ranks; from a real
// push, through the real indexer.

import { afterAll, beforeAll, expect, test } from "vitest";
import { CYCLE_FILES_MAX, IMPORTER_FILES_MAX } from "../functions/_shared/contracts/limits.ts";
import { createStack, type Stack } from "../../scripts/local/stack.ts";
import { register, send } from "./support/http.ts";
import { Clone, ended } from "./support/whole_path.ts";

let stack: Stack;
let clone: Clone;
let oid: string;

const LETTERS = Array.from("0123456789abcdefghijklmnopqrstuvwxyz");

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
  // More names within two edits of one than are looked up.
  "other/pairs.ts": `interface Pairs {\n${
    LETTERS.flatMap((a) => LETTERS.map((b) => `  zqwxv${a}${b}: 1;\n`)).join("")
  }}\n`,
  // More files with one word than are read for an answer, and one of them far from all others.
  ...Object.fromEntries(
    Array.from(
      { length: 1 + CYCLE_FILES_MAX },
      (_, n) => [`many/f${n}.ts`, 'import "./hub.ts";\n'],
    ),
  ),
  "many/hub.ts": "export const spokes = 1;\n",
  "zone/deep/one/hub.ts": "export const lonely = 1;\n",
  // Of more files than are read at once only the last uses what all mention.
  ...Object.fromEntries(
    Array.from({ length: 70 }, (_, n) => [`guide/${LETTERS[n % 36]}${n}.md`, "An Ember glows.\n"]),
  ),
  "zone/ember.ts": "export interface Ember {}\nexport class Coal implements Ember {}\n",
  "zone/deep/two/user.ts": 'import { lonely } from "../one/hub.ts";\n',
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

test("a page has as many references as were asked for, and all pages every one once", async () => {
  const key = ({ path, line, column }: Record<string, unknown>) => [path, line, column].join(":");
  const page = async (parameters: Record<string, string>, cursor: string | null) => {
    const given = cursor === null ? parameters : { ...parameters, cursor };
    const { body } = await get("references", { name: "burn", ...given });
    return body as Record<"references", Record<string, unknown>[]> & { next_cursor: string | null };
  };
  for (const parameters of [{}, { defined_in: "src/fuel.ts" }]) {
    const all = (await page(parameters, null)).references.map(key);
    expect(all.length).toBeGreaterThan(2);
    const seen: string[] = [];
    const sizes: number[] = [];
    let cursor: string | null = null;
    do {
      const { references, next_cursor } = await page({ ...parameters, limit: "1" }, cursor);
      sizes.push(references.length);
      seen.push(...references.map(key));
      cursor = next_cursor;
    } while (cursor !== null);
    expect(seen).toEqual(all);
    // Whatever files without any come before.
    const [last = 0, ...others] = sizes.toReversed();
    expect([last <= 1, new Set(others)]).toEqual([true, new Set([1])]);
  }
});

test("a page of references goes on behind files that only mention the name", async () => {
  expect((await get("references", { name: "Ember", role: "inherit" })).body).toMatchObject({
    references: [{ path: "zone/ember.ts", line: 2, enclosing: "Coal" }],
    complete: true,
  });
});

test("a name may be written with what it is in", async () => {
  const found = async (name: string, parameters: Record<string, string> = {}) => {
    const { body } = await get("definitions", { name, ...parameters });
    return (body["definitions"] as Record<string, unknown>[]).map((each) =>
      `${String(each["path"])} ${String(each["name"])} ${String(each["match"])}`
    );
  };
  expect(await found("Engine.ignite")).toEqual(["src/engine.ts ignite exact"]);
  expect(await found("engine.Engine::ignite")).toEqual(["src/engine.ts ignite exact"]);
  expect(await found("fuel.burn", { match: "exact" })).toEqual(["src/fuel.ts burn exact"]);
  expect(await found("other/burn")).toEqual(["other/burn.ts burn exact"]);
  expect(await found("fuel.burn", { path: "other/" })).toEqual([]);
  expect(await found("Nope.ignite")).toEqual([]);
  const calls = async (route: string, parameters: Record<string, string>) => {
    const { body } = await get(route, parameters);
    return [body["name"], (body["calls"] as { path: string }[]).map(({ path }) => path)];
  };
  expect(await calls("callers", { name: "fuel.burn" }))
    .toEqual(["burn", ["src/engine.ts", "src/fuel.test.ts"]]);
  expect(await calls("callers", { name: "other.burn" })).toEqual(["burn", []]);
  expect(await calls("callees", { name: "Engine.ignite" })).toEqual(["ignite", ["src/engine.ts"]]);
  expect((await get("callers", { name: "Nope.burn" })).body)
    .toMatchObject({ code: "definition_not_found" });
  const impact = { path: "src/engine.ts", depth: "1" };
  expect((await get("impact", { ...impact, name: "Engine.ignite" })).body)
    .toMatchObject({ name: "ignite" });
  expect((await get("impact", { ...impact, name: "Fuel.ignite" })).body)
    .toMatchObject({ code: "definition_not_found" });
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
  expect(await found("brun"), "a swap in a short name").toEqual(["burn fuzzy", "burn fuzzy"]);
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

test("of more names near in spelling than are looked up, it is said that there may be others", async () => {
  const pairs = async (name: string) => (await get("definitions", { name, kind: "function" })).body;
  expect(await pairs("zqwxvv__"))
    .toMatchObject({ definitions: [], complete: true, incomplete_reason: null });
  expect(await pairs("zqwxv__"))
    .toMatchObject({ definitions: [], complete: false, incomplete_reason: "more_results" });
});

test("a stranger's names lead nowhere, with and without a repository", async () => {
  const { apiKey } = await stack.createTenant("stranger");
  const everywhere = await send(stack, "/api/definitions?name=burn", { key: apiKey });
  expect(everywhere.body).toEqual({
    definitions: [],
    inherited: false,
    complete: true,
    incomplete_reason: null,
  });
  expect((await get("definitions", { name: "burn" }, apiKey)).body["code"]).toBe("not_found");
  const position = { path: "src/engine.ts", line: "5" };
  expect((await get("definitions/at", position, apiKey)).body["code"]).toBe("not_found");
});

test.each<readonly [string, Record<string, string>]>([
  ["dependents", { path: "many/hub.ts" }],
  ["impact", { path: "many/hub.ts" }],
  ["cycles", { prefix: "many/" }],
])("%s of more files than are read says that it was cut", async (route, parameters) => {
  expect((await get(route, parameters)).body)
    .toMatchObject({ complete: false, incomplete_reason: "work_budget" });
  const few = "path" in parameters ? { path: "src/fuel.ts" } : { prefix: "src/" };
  expect((await get(route, few)).body).toMatchObject({ complete: true, incomplete_reason: null });
});

test("of many files with the word those nearby are looked at first", async () => {
  const dependents = async (path: string) => {
    const { body } = await get("dependents", { path });
    return (body["edges"] as { from: string }[]).map(({ from }) => from);
  };
  expect(await dependents("zone/deep/one/hub.ts")).toEqual(["zone/deep/two/user.ts"]);
  expect(await dependents("many/hub.ts")).toHaveLength(IMPORTER_FILES_MAX);
});

test("of several followed refs the default branch answers, unless another is named", async () => {
  await clone.git("checkout", "--quiet", "-b", "release");
  await clone.write(
    "src/fuel.ts",
    `${files["src/fuel.ts"] ?? ""}export function vent() {}\nvent();\n`,
  );
  await clone.commit();
  await clone.git(
    "push",
    "--quiet",
    `${stack.githubUrl}/acme/rocket.git`,
    "HEAD:refs/heads/release",
  );
  const body = { repository: "acme/rocket", ref: "release" };
  const answer = await send(stack, "/api/repositories", { body });
  const { job } = answer.body as { job: { id: string } };
  expect(await ended(stack, job.id)).toMatchObject({ state: "completed", outcome: "indexed" });
  const items = async (
    path: "symbols" | "definitions" | "references",
    name: string,
    ref?: string,
  ) => {
    const found = await get(path, { name, ...(ref === undefined ? {} : { ref }) });
    expect(found.body).toMatchObject({ complete: true });
    return (found.body[path] as { ref: string }[]).map((each) => each.ref);
  };
  for (const route of ["symbols", "definitions", "references"] as const) {
    expect(await items(route, "vent")).toEqual([]);
    expect(await items(route, "vent", "release")).toEqual(["refs/heads/release"]);
    expect(new Set(await items(route, "burn"))).toEqual(new Set(["refs/heads/main"]));
    expect(new Set(await items(route, "burn", "release"))).toEqual(new Set(["refs/heads/release"]));
  }
});
