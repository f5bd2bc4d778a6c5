// Names with what they are in, as their languages write them: over HTTP, from a real push, through the
// real indexer.

import { afterAll, beforeAll, expect, test } from "vitest";
import { type Body, IndexedRepository } from "./support/indexed_repository.ts";

const files: Readonly<Record<string, string>> = {
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
