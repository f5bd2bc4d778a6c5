// Names with what they are in, as their languages write them, and where they are too common to look at all
// that have them: over HTTP, from a real push, through the real indexer.

import { afterAll, beforeAll, expect, test } from "vitest";
import { RANKED_DEFINITIONS_MAX } from "../functions/_shared/contracts/limits.ts";
import { connectMcp } from "./support/mcp_client.ts";
import { type Body, IndexedRepository } from "./support/indexed_repository.ts";

const files: Readonly<Record<string, string>> = {
  // More than are looked at come before the last one.
  ...Object.fromEntries(
    Array.from({ length: RANKED_DEFINITIONS_MAX + 10 }, (_, n) => [
      `common/c${n}.ts`,
      `export class C${n} {\n  run() {}\n}\n`,
    ]),
  ),
  "zz/last.ts": "class Zed {\n  run() {}\n}\nnew Zed().run();\n",
  "app/Models/User.php":
    "<?php\nnamespace App\\Models;\n\nclass User\n{\n    public function save() {}\n}\n",
  "src/top.kt": "package com.acme.kt\n\nfun top() {}\n",
  "src/err.rs": "pub fn mk() {}\n",
  // Inherited, over a file that passes a class on, one of another name and one of its own name from outside.
  "web/scaffold.py": "class Scaffold:\n    def route(self):\n        pass\n",
  "web/sansio.py": "from .scaffold import Scaffold\n\n\nclass App(Scaffold):\n    pass\n",
  "web/app.py": "from .sansio import App as Base\nfrom werkzeug import Scaffold\n\n\n" +
    "class Flask(Base):\n    def run(self):\n        pass\n\n\nclass Bare(Scaffold):\n    pass\n",
  "jvm/Shape.java": "package jvm;\n\npublic interface Shape {\n  int area();\n}\n",
  "jvm/Square.java": "package jvm;\n\npublic abstract class Square implements Shape {}\n",
  "loop/loop.ts": "export class Hen extends Egg {}\nexport class Egg extends Hen {}\n",
  "serve/serve.go": "package serve\n\ntype Server struct{}\n\nfunc (s *Server) Serve() {}\n",
};

let indexed: IndexedRepository;
beforeAll(async () => {
  indexed = await IndexedRepository.create("acme/qualified", files);
});
afterAll(() => indexed[Symbol.asyncDispose]());

function pathsOf(body: Body): string[] {
  return (body["definitions"] as { path: string }[]).map(({ path }) => path);
}

test.each([
  ["App\\Models\\User", "app/Models/User.php"],
  ["App\\Models\\User::save", "app/Models/User.php"],
  ["Models\\User", "app/Models/User.php"],
  ["com.acme.kt.top", "src/top.kt"],
  ["crate::err::mk", "src/err.rs"],
  ["crate::mk", "src/err.rs"],
  ["Server.Serve()", "serve/serve.go"],
  ["(*Server).Serve", "serve/serve.go"],
])("%s is in %s", async (name, path) => {
  const found = await indexed.get("definitions", { name });
  expect(found).toMatchObject({ complete: true });
  expect(pathsOf(found)).toEqual([path]);
  expect(pathsOf(await indexed.get("callers", { name }))).toEqual([path]);
});

test("a common name is found in its owner and in a file, though more have it than are looked at", async () => {
  expect(pathsOf(await indexed.get("definitions", { name: "Zed.run" }))).toEqual(["zz/last.ts"]);
  for (const asked of [{ name: "Zed.run" }, { name: "run", path: "zz/last.ts" }]) {
    expect(await indexed.get("callers", asked))
      .toMatchObject({ followed: 1, calls: [{ to: { name: "Zed.run" }, line: 4 }] });
  }
});

test("nothing is claimed of definitions that were not looked at", async () => {
  expect(await indexed.get("definitions", { name: "Nope.run" }))
    .toMatchObject({ definitions: [], complete: false });
  expect((await indexed.get("callers", { name: "Nope.run" }))["detail"]).toContain("more have");
  expect(await indexed.get("definitions", { name: "Nope.top" }))
    .toMatchObject({ definitions: [], complete: true });
  expect((await indexed.get("callers", { name: "Nope.gone" }))["detail"])
    .toBe("Nope.gone is not defined here.");
});

test.each([
  ["Flask.route", "web/scaffold.py"],
  ["App.route", "web/scaffold.py"],
  ["Square.area", "jvm/Shape.java"],
])("%s is inherited from a class of the repository", async (name, path) => {
  const found = await indexed.get("definitions", { name });
  expect(found).toMatchObject({ inherited: true, complete: true });
  expect(pathsOf(found)).toEqual([path]);
  expect(pathsOf(await indexed.get("callers", { name }))).toEqual([path]);
});

test.each(["Bare.route", "Hen.lay", "Flask.gone"])(
  "%s is inherited from nothing here",
  async (name) => {
    const found = await indexed.get("definitions", { name });
    expect(found).toMatchObject({ definitions: [], inherited: false, complete: true });
  },
);

test("an agent is told that a member is inherited", async () => {
  const { functionsUrl, apiKey } = indexed.stack;
  const client = await connectMcp(functionsUrl, apiKey);
  const asked = { name: "find_definitions", arguments: { name: "Flask.route" } };
  const { content } = await client.callTool(asked);
  await client.close();
  expect(content).toMatchObject([{
    text: expect.stringMatching(/^Flask has none itself, and inherits:[^]*in Scaffold/),
  }]);
});

test("what a class has itself is not inherited", async () => {
  expect(await indexed.get("definitions", { name: "Scaffold.route" }))
    .toMatchObject({ inherited: false, definitions: [{ path: "web/scaffold.py" }] });
});

test("whoever asks for a member of nothing is told what has its name", async () => {
  const detailOf = async (asked: Record<string, string>) =>
    (await indexed.get("callers", asked))["detail"];
  expect(await detailOf({ name: "Child.Serve" }))
    .toBe("Child.Serve is not defined here, but Server.Serve at serve/serve.go:5 is.");
  expect(await detailOf({ name: "save", path: "src/err.rs" })).toBe(
    "save is not defined in this file here, but User.save at app/Models/User.php:6 is.",
  );
});
