// Names with what they are in, as their languages write them, and where they are too common to look at all
// that have them: over HTTP, from a real push, through the real indexer.

import { afterAll, beforeAll, expect, test } from "vitest";
import { RANKED_DEFINITIONS_MAX } from "../functions/_shared/contracts/limits.ts";
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

test("whoever asks for an inherited member is told what has its name", async () => {
  const detailOf = async (asked: Record<string, string>) =>
    (await indexed.get("callers", asked))["detail"];
  expect(await detailOf({ name: "Child.Serve" }))
    .toBe("Child.Serve is not defined here, but Server.Serve at serve/serve.go:5 is.");
  expect(await detailOf({ name: "save", path: "src/err.rs" })).toBe(
    "save is not defined in this file here, but User.save at app/Models/User.php:6 is.",
  );
});
