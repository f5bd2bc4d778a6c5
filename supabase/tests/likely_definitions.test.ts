// Which of several definitions of a name come first, and which at all where there are more than fit: over HTTP,
// from real pushes of two repositories, through the real indexer.

import { afterAll, beforeAll, expect, test } from "vitest";
import { createStack, type Stack } from "../../scripts/local/stack.ts";
import { kindRank, SYMBOL_KINDS } from "../functions/_shared/segment/symbol_kinds.ts";
import { register, send } from "./support/http.ts";
import { Clone, ended } from "./support/whole_path.ts";

const LIMIT = 5;

const first: Readonly<Record<string, string>> = {
  ".ci/run.yml": "effect: 1\n",
  "README.md": "# Gson\n",
  // More of them than an answer has, in the repository that is looked at first.
  "a/fields.ts": Array.from(
    { length: LIMIT + 1 },
    (_, n) => `export interface F${n} {\n  buffer: 1;\n}\n`,
  ).join(""),
  "a/run.ts": "export interface Runner {\n  effect: 1;\n}\nexport class Box {\n  effect() {}\n}\n" +
    "export function effect() {}\neffect();\n",
  "a/use.ts": 'import { effect } from "./run";\n\nexport function use() {\n  effect();\n}\n',
  ...Object.fromEntries(
    Array.from({ length: LIMIT }, (_, n) => [
      `gson/A${n}.java`,
      `package com.acme.gson;\n\nclass A${n} {}\n`,
    ]),
  ),
  "gson/Gson.java": "package com.acme.gson;\n\npublic class Gson {\n  public Gson() {}\n}\n",
};
const second: Readonly<Record<string, string>> = {
  "Buffer.java": "package io;\n\npublic class Buffer {}\n",
};

let stack: Stack;

async function index(name: string, files: Readonly<Record<string, string>>): Promise<void> {
  await using clone = await Clone.create(stack, name);
  for (const [path, text] of Object.entries(files)) await clone.write(path, text);
  await clone.commitAndPush();
  expect(await ended(stack, (await register(stack, name)).jobId))
    .toMatchObject({ outcome: "indexed" });
}

beforeAll(async () => {
  stack = await createStack({ durable: false, machineEnvironment: { IDLE_EXIT_SECONDS: "1" } });
  await index("acme/first", first);
  await index("acme/second", second);
});
afterAll(() => stack.stop());

async function get(route: string, parameters: Readonly<Record<string, string>>) {
  const { body } = await send(stack, `/api/${route}?${new URLSearchParams(parameters).toString()}`);
  return body;
}

async function kindsOf(name: string): Promise<string[]> {
  const { definitions } = await get("definitions", { name, limit: `${LIMIT}` });
  return (definitions as { kind: string }[]).map(({ kind }) => kind);
}

test("what stands by itself comes before members, and these before data", async () => {
  expect(await kindsOf("effect")).toEqual(["function", "method", "property", "key"]);
  expect((await kindsOf("Gson")).slice(0, 3)).toEqual(["class", "constructor", "package"]);
});

test("the database knows the kinds as the code does", async () => {
  const [row] = await stack.sql`select quarry.kind_ranks() as ranks`;
  const ranked = SYMBOL_KINDS.map((kind) => [kind, kindRank(kind)] as const);
  expect(row?.["ranks"]).toEqual(Object.fromEntries(ranked.filter(([, rank]) => rank > 0)));
});

test("the likeliest of all repositories are kept, not those of the first", async () => {
  const { definitions, complete } = await get("definitions", { name: "Buffer", limit: `${LIMIT}` });
  expect(complete).toBe(false);
  expect(definitions).toMatchObject([
    { repository: "acme/second", kind: "class" },
    ...Array.from({ length: LIMIT - 1 }, () => ({ kind: "property" })),
  ]);
});

test("the likeliest of all repositories are kept by a part of their name too", async () => {
  for (const [name, match] of [["Buf", "prefix"], ["uffe", "infix"]] as const) {
    const { definitions } = await get("definitions", { name, match, limit: `${LIMIT}` });
    expect(definitions, match).toContainEqual(
      expect.objectContaining({ repository: "acme/second", name: "Buffer", kind: "class" }),
    );
  }
});

test("a call of a name means the function rather than a property of its file", async () => {
  const repository = "acme/first";
  const { definitions, calls } = await get("callers", {
    repository,
    name: "effect",
    path: "a/run.ts",
  });
  expect((definitions as { kind: string }[]).map(({ kind }) => kind))
    .toEqual(["function", "method", "property", "key"]);
  const to = { name: "effect", kind: "function" };
  expect(calls).toMatchObject([{ path: "a/run.ts", to }, { path: "a/use.ts", to }]);
});
