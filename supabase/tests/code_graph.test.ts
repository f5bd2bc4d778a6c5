// Following code over HTTP, from a real push: imports of several languages, calls, circles, what a change
// reaches, what nothing uses, and a repository from afar.

import fc from "fast-check";
import { rm } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Stack } from "../../scripts/local/stack.ts";
import { register } from "./support/http.ts";
import { type Body, IndexedRepository } from "./support/indexed_repository.ts";
import { connectMcp } from "./support/mcp_client.ts";
import { Clone, ended, settled, until } from "./support/whole_path.ts";

let stack: Stack;
let indexed: IndexedRepository;

const files: Readonly<Record<string, string>> = {
  // A workspace of packages, with aliases.
  "package.json": '{"workspaces": ["packages/*"]}\n',
  "tsconfig.json": '{"extends": "./tsconfig.base.json"}\n',
  "tsconfig.base.json": '{"compilerOptions": {"paths": {"@/*": ["web/*"]}}}\n',
  "packages/ui/package.json":
    '{"name": "@acme/ui", "exports": {".": "./dist/index.js", "./package.json": "./package.json"}, "bin": {"ui": "./dist/cli.js"}}\n',
  "packages/ui/src/index.ts": 'export * from "./button.js";\n',
  "packages/ui/src/button.ts":
    'import { paint } from "./paint.ts";\nexport function button() {\n  return paint();\n}\n',
  "packages/ui/src/paint.ts": 'import { button } from "./button.ts";\n' +
    "export function paint() {\n  return 1;\n}\nexport function repaint() {\n  return button();\n}\n" +
    "function forgotten() {}\n",
  "packages/ui/src/cli.ts": 'import { button } from "./index.ts";\nbutton();\n',
  "web/app.ts":
    'import { button } from "@acme/ui";\nimport { log } from "@/tools/log";\nimport "react";\n' +
    "export function start() {\n  log();\n  return button();\n}\nexport function boot() {\n  return start();\n}\n",
  "web/tools/log.ts": "export function log() {}\n",
  "web/app.test.ts": 'import { boot } from "./app.ts";\nboot();\n',
  // Python, with a source folder.
  "py/src/shop/__init__.py": "",
  "py/src/shop/cart.py": "from .price import total\n\n\ndef checkout():\n    return total()\n",
  "py/src/shop/price.py": "import json\n\n\ndef total():\n    return json.dumps(1)\n",
  "py/tests/test_cart.py": "from shop.cart import checkout\n\n\ndef test_it():\n    checkout()\n",
  "py/src/shop/__main__.py": "from shop import cart\n\ncart.checkout()\n",
  // Two modules of Go.
  "go/go.mod": "module example.org/app\n\nreplace example.org/lib => ../golib\n",
  "go/main.go":
    'package main\n\nimport (\n\t"fmt"\n\t"example.org/app/store"\n\t"example.org/lib/text"\n)\n\n' +
    "func main() {\n\tfmt.Println(store.Open(), text.Trim())\n}\n",
  "go/store/store.go": "package store\n\nfunc Open() int { return 1 }\n",
  "go/store/count.go": "package store\n\nfunc Count() int { return Open() }\n",
  "go/store/store_test.go": "package store\n\nfunc TestCount() { Count() }\n",
  "golib/go.mod": "module example.org/lib\n",
  "golib/text/text.go": "package text\n\nfunc Trim() int { return 1 }\n",
  // A workspace of Rust.
  "rs/Cargo.toml": '[workspace]\nmembers = ["core", "cli"]\n',
  "rs/core/Cargo.toml": '[package]\nname = "rs-core"\n',
  "rs/core/src/lib.rs": "pub mod wheel;\npub const TOP: u8 = 1;\n",
  "rs/core/src/wheel.rs": "use crate::TOP;\npub fn spin() -> u8 { TOP }\n",
  "rs/core/src/axle.rs": "fn bend() {}\n\n#[cfg(test)]\nmod tests {\n" +
    "    #[test]\n    fn axles_bend() {}\n}\n",
  "rs/cli/Cargo.toml": '[package]\nname = "cli"\n',
  "rs/cli/src/main.rs": "use rs_core::wheel::spin;\nfn main() { spin(); }\n",
  // Packages and namespaces.
  "jvm/core/src/main/java/com/acme/core/Engine.java":
    "package com.acme.core;\n\npublic class Engine {\n  public int start() { return 1; }\n}\n",
  "jvm/core/src/test/java/com/acme/core/EngineTest.java":
    "package com.acme.core;\n\nclass EngineTest {\n  Engine engine;\n}\n",
  "jvm/app/src/main/kotlin/com/acme/app/App.kt":
    "package com.acme.app\n\nimport com.acme.core.Engine\n\nfun run() = Engine().start()\n",
  "net/Core/Model.cs": "namespace Acme.Core;\n\npublic class Model { }\n",
  "net/App/Program.cs":
    "using System;\nusing Acme.Core;\n\nnamespace Acme.App;\n\nclass Program { Model model; }\n",
  "net/Core/Tests/ModelTests.cs":
    "namespace Acme.Core.Tests;\n\nclass ModelTests { Model model; }\n",
  "net/Cut/Sizes.cs": "namespace Acme.Cut;\n\npublic static class Sizes\n{\n" +
    "  public static int Girth(this object model) { return Depth(1); }\n" +
    "  public static int Depth(int size) { return size; }\n}\n",
  "net/Cut/Tests/SizeTests.cs": "namespace Acme.Cut.Tests;\n\nclass SizeTests\n{\n" +
    "  int Check(dynamic model) { return model.Girth(); }\n}\n",
  "net/Cut/Tests/DepthTests.cs": "namespace Acme.Cut.Tests;\n\nclass DepthTests\n{\n" +
    "  int Check(dynamic model) { return model.Depth(); }\n}\n",
  "net/Marks/MarkAttribute.cs":
    "namespace Acme.Marks;\n\npublic class MarkAttribute { }\n\n[Mark]\nclass Marked { }\n",
  "php/composer.json": '{"autoload": {"psr-4": {"Shop\\\\": "lib/"}}}\n',
  "php/lib/Item.php": "<?php\nnamespace Shop;\nclass Item {}\n",
  "php/index.php": "<?php\nuse Shop\\Item;\nnew Item();\n",
  "ex/lib/tax.ex": "defmodule Ledger.Tax do\n  def rate, do: 1\nend\n",
  "ex/lib/bill.ex":
    "defmodule Ledger.Bill do\n  alias Ledger.Tax\n  def sum, do: Tax.rate()\nend\n",
  // Search paths.
  "c/include/acme/log.h": "void acme_log(void);\n",
  "c/src/log.c": '#include <stdio.h>\n#include "acme/log.h"\nvoid acme_log(void) {}\n',
  "rb/lib/store/memory.rb": "class Memory\nend\n",
  "rb/bin/run.rb": 'require "json"\nrequire "store/memory"\nMemory.new\n',
  "lua/app/init.lua": 'local view = require("app.view")\nreturn view\n',
  "lua/app/view.lua": "return {}\n",
  "sh/run.sh": '#!/bin/sh\n. "$DIR/lib/common.sh"\n',
  "sh/tool.sh": '#!/bin/sh\nmain() { echo "$1"; }\nmain "$@"\n',
  "sh/lib/common.sh": "hello() { echo; }\n",
};

beforeAll(async () => {
  indexed = await IndexedRepository.create("acme/graph", files);
  ({ stack } = indexed);
});
afterAll(() => indexed[Symbol.asyncDispose]());

function get(route: string, parameters: Record<string, string>): Promise<Body> {
  return indexed.get(route, parameters);
}

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly depth: number;
}

describe("imports lead to files, and back", () => {
  test.each<[from: string, to: readonly string[], external?: readonly string[]]>([
    ["web/app.ts", ["packages/ui/src/index.ts", "web/tools/log.ts"], ["react"]],
    ["packages/ui/src/index.ts", ["packages/ui/src/button.ts"]],
    ["py/src/shop/cart.py", ["py/src/shop/price.py"]],
    ["py/src/shop/price.py", [], ["json"]],
    ["py/tests/test_cart.py", ["py/src/shop/cart.py"]],
    ["py/src/shop/__main__.py", ["py/src/shop/cart.py"]],
    ["go/main.go", ["go/store/count.go", "go/store/store.go", "golib/text/text.go"], ["fmt"]],
    ["rs/core/src/lib.rs", ["rs/core/src/wheel.rs"]],
    ["rs/core/src/wheel.rs", ["rs/core/src/lib.rs"]],
    ["rs/cli/src/main.rs", ["rs/core/src/wheel.rs"]],
    [
      "jvm/app/src/main/kotlin/com/acme/app/App.kt",
      ["jvm/core/src/main/java/com/acme/core/Engine.java"],
    ],
    ["net/App/Program.cs", ["net/Core/Model.cs"], ["System"]],
    ["php/index.php", ["php/lib/Item.php"]],
    ["ex/lib/bill.ex", ["ex/lib/tax.ex"]],
    ["c/src/log.c", ["c/include/acme/log.h"], ["stdio.h"]],
    ["rb/bin/run.rb", ["rb/lib/store/memory.rb"], ["json"]],
    ["lua/app/init.lua", ["lua/app/view.lua"]],
    ["sh/run.sh", ["sh/lib/common.sh"]],
  ])("%s", async (from, to, external = []) => {
    const down = await get("dependencies", { path: from });
    expect((down["edges"] as Edge[]).map((edge) => edge.to)).toEqual(to);
    expect(down).toMatchObject({ external, unresolved: [], complete: true });
    for (const target of to) {
      const up = await get("dependents", { path: target });
      expect((up["edges"] as Edge[]).map((edge) => edge.from), target).toContain(from);
      expect(up["complete"]).toBe(true);
    }
  });
});

interface CallView {
  readonly from: { readonly name: string | null };
  readonly to: { readonly name: string | null };
  readonly path: string;
  readonly line: number;
  readonly depth: number;
  readonly proximity: string;
  readonly candidates: number;
}

function callsOf(body: Body) {
  return (body["calls"] as CallView[]).map(({ from, to, path: file, depth }) =>
    `${depth} ${from.name ?? file} > ${to.name}`
  );
}

test("callers are followed to a depth, through the definitions around each call", async () => {
  expect(callsOf(await get("callers", { name: "button" }))).toEqual([
    "1 packages/ui/src/cli.ts > button",
    "1 repaint > button",
    "1 start > button",
  ]);
  const deep = await get("callers", { name: "button", depth: "3" });
  expect(callsOf(deep)).toEqual([
    "1 packages/ui/src/cli.ts > button",
    "1 repaint > button",
    "1 start > button",
    "2 boot > start",
    "3 web/app.test.ts > boot",
  ]);
  expect(deep).toMatchObject({
    name: "button",
    definitions: [{ path: "packages/ui/src/button.ts", line: 2 }],
    complete: true,
  });
  const at = await get("callers", { path: "web/app.ts", line: "6", column: "11" });
  expect(callsOf(at)).toEqual(callsOf(await get("callers", { name: "button" })));
});

test("callees are followed to a depth; a name from outside is listed as such", async () => {
  const body = await get("callees", { name: "boot", depth: "4" });
  expect(callsOf(body)).toEqual([
    "1 boot > start",
    "2 start > log",
    "2 start > button",
    "3 button > paint",
  ]);
  expect((await get("callees", { name: "total" }))["outside"]).toEqual(["dumps"]);
  expect((await get("callees", { name: "nothing" }))["code"]).toBe("definition_not_found");
  expect((await get("callees", { name: "log", path: "web/app.ts" }))["code"])
    .toBe("definition_not_found");
  expect((await get("callees", {}))["code"]).toBe("invalid_parameter");
});

test("circles of imports are found from a file and below a prefix", async () => {
  const circle = ["packages/ui/src/button.ts", "packages/ui/src/paint.ts"];
  const members = (body: Body) =>
    (body["cycles"] as { files: string[] }[]).map((each) => each.files);
  expect(members(await get("cycles", { path: "packages/ui/src/paint.ts" }))).toEqual([circle]);
  expect(members(await get("cycles", { path: "packages/ui/src/index.ts" }))).toEqual([]);
  expect(members(await get("cycles", { prefix: "packages/" }))).toEqual([circle]);
  expect(members(await get("cycles", { prefix: "pack" }))).toEqual([circle]);
  const all = await get("cycles", {});
  expect(members(all)).toEqual([circle, ["rs/core/src/lib.rs", "rs/core/src/wheel.rs"]]);
  expect(all["complete"]).toBe(true);
});

test("a change reaches whoever imports the file, tests first; of a name, who uses it", async () => {
  const reached = async (parameters: Record<string, string>) =>
    ((await get("impact", parameters))["files"] as { path: string; depth: number }[])
      .map(({ path: file, depth }) => `${depth} ${file}`);
  expect(await reached({ path: "web/tools/log.ts", depth: "2" })).toEqual([
    "2 web/app.test.ts",
    "1 web/app.ts",
  ]);
  expect(await reached({ path: "packages/ui/src/paint.ts", name: "paint", depth: "1" })).toEqual([
    "1 packages/ui/src/button.ts",
  ]);
  expect(await reached({ path: "py/src/shop/price.py", depth: "3" })).toEqual([
    "2 py/tests/test_cart.py",
    "1 py/src/shop/cart.py",
    "2 py/src/shop/__main__.py",
  ]);
});

test("a change reaches the package of a file too, whose files import nothing to use it", async () => {
  const reached = async (parameters: Record<string, string>) =>
    ((await get("impact", parameters))["files"] as { path: string; depth: number }[])
      .map(({ path: file, depth }) => `${depth} ${file}`);
  expect(await reached({ path: "go/store/store.go" })).toEqual([
    "2 go/store/store_test.go",
    "1 go/main.go",
    "1 go/store/count.go",
  ]);
  const engine = "jvm/core/src/main/java/com/acme/core/Engine.java";
  const ofEngine = [
    "1 jvm/core/src/test/java/com/acme/core/EngineTest.java",
    "1 jvm/app/src/main/kotlin/com/acme/app/App.kt",
  ];
  expect(await reached({ path: engine })).toEqual(ofEngine);
  expect(await reached({ path: engine, name: "Engine" })).toEqual(ofEngine);
  // A namespace sees that which it is in.
  const ofModel = ["1 net/Core/Tests/ModelTests.cs", "1 net/App/Program.cs"];
  expect(await reached({ path: "net/Core/Model.cs" })).toEqual(ofModel);
  expect(await reached({ path: "net/Core/Model.cs", name: "Model" })).toEqual(ofModel);
  // A method that extends another class is used without a word of its own.
  expect(await reached({ path: "net/Cut/Sizes.cs" })).toEqual(["1 net/Cut/Tests/SizeTests.cs"]);
});

test("a definition whose change is asked for needs its file, and the answer says how to find it", async () => {
  expect(await get("impact", { name: "button" })).toMatchObject({
    code: "invalid_parameter",
    detail: "path: give the file that defines the name; GET /definitions?name=button finds it",
  });
});

test("what nothing uses is listed with caveats, what is used or mentioned is not", async () => {
  const body = await get("unused", { prefix: "packages/" });
  const found = (body["definitions"] as { name: string; caveats: string[] }[])
    .map(({ name, caveats }) => [name, caveats]);
  expect(found).toEqual([["forgotten", []], ["repaint", ["exported"]]]);
  expect(body).toMatchObject({ complete: true, next_cursor: null });
  const marks = await get("unused", { prefix: "net/Marks/" });
  expect(marks["definitions"]).toContainEqual(
    expect.objectContaining({ name: "MarkAttribute", caveats: ["exported", "entry_point"] }),
  );
  // The tests that a file has for itself are run, and not named.
  const own = await get("unused", { prefix: "rs/core/src/axle.rs" });
  expect(own["definitions"]).toMatchObject([{ name: "bend", caveats: [] }]);
  const first = await get("unused", { prefix: "packages/", limit: "2" });
  expect(first).toMatchObject({ complete: false, incomplete_reason: "more_results", files: 2 });
  const next = await get("unused", { prefix: "packages/", cursor: String(first["next_cursor"]) });
  expect(next["complete"]).toBe(true);
});

test("an overview says what there is, where it begins and what is used most", async () => {
  const body = await get("overview", {});
  expect(body).toMatchObject({ files: Object.keys(files).length, complete: true });
  const languages = body["languages"] as { language: string; files: number; bytes: number }[];
  expect(languages).toContainEqual(expect.objectContaining({ language: "TypeScript", files: 7 }));
  const entries = body["entry_points"] as { path: string; why: string }[];
  expect(entries.map(({ path: file, why }) => `${file} ${why}`)).toEqual([
    "go/main.go main function",
    "sh/tool.sh main function",
    "net/App/Program.cs Program.cs",
    "packages/ui/src/cli.ts package.json bin",
    "packages/ui/src/index.ts package.json exports",
    "py/src/shop/__main__.py __main__.py",
    "rs/cli/src/main.rs main function",
    "rs/core/src/lib.rs Cargo.toml lib",
  ]);
  const symbols = body["most_referenced_symbols"] as { name: string; references: number }[];
  expect(symbols[0]).toMatchObject({ name: "button", path: "packages/ui/src/button.ts" });
  const imported = body["most_imported_files"] as { path: string; imports: number }[];
  expect(imported).toContainEqual({ path: "py/src/shop/cart.py", imports: 2 });
  expect(body["folders"]).toContainEqual(
    expect.objectContaining({ path: "packages/ui", files: 5 }),
  );
  expect(await get("overview", {})).toEqual(body);
});

test("an overview takes no name from tests, other languages, or one that says nothing, and a function for what a field is called as well", async () => {
  const named = await Clone.create(stack, "acme/named");
  await named.write("src/a.ts", "export class Config {\n  pool = 1;\n}\n");
  await named.write("src/b.ts", "export function pool() {}\n");
  await named.write("src/c.ts", 'import { pool } from "./b.ts";\npool();\nlist();\nlist();\n');
  // A member of one word is anybody's, one of more its own.
  await named.write("src/d.ts", "export class Shelf {\n  append() {}\n  putAside() {}\n}\n");
  await named.write("src/e.ts", "a.append();\nb.append();\nc.append();\nd.putAside();\n");
  await named.write("tests/list.ts", "export function list() {}\n");
  // What another language calls so is no use of it, and nothing calls a class of a style sheet.
  await named.write(
    "src/f.ts",
    "export function verify() {}\nexport function boil() {}\nboil();\n",
  );
  await named.write("J.java", "class J { void run() { verify(); verify(); boil(); boil(); } }\n");
  await named.write("src/g.css", ".launch { color: red }\n");
  await named.write("src/h.ts", "launch();\nlaunch();\nlaunch();\n");
  await named.commitAndPush();
  await ended(stack, (await register(stack, "acme/named")).jobId);
  const body = await get("overview", { repository: "acme/named" });
  const symbols = body["most_referenced_symbols"] as {
    name: string;
    path: string;
    references: number;
  }[];
  expect(symbols.map(({ name, path, references }) => `${name} ${path} ${references}`)).toEqual([
    "pool src/b.ts 2",
    "boil src/f.ts 1",
    "putAside src/d.ts 1",
  ]);
});

test("an overview names the modules that a pyproject.toml has scripts in", async () => {
  const python = await Clone.create(stack, "acme/scripts");
  await python.write(
    "pyproject.toml",
    '[project]\nname = "till"\n[project.scripts]\ntill = "till.cli:main"\ngone = "till.gone:main"\n' +
      "\n[tool.poetry.scripts]\n'fill-up' = 'fill:main'\n[tool.other]\nelse = \"kept:main\"\n",
  );
  await python.write("src/till/cli.py", "def main():\n    pass\n");
  await python.write("fill/__init__.py", "def main():\n    pass\n");
  await python.write("kept.py", "def main():\n    pass\n");
  await python.commitAndPush();
  await ended(stack, (await register(stack, "acme/scripts")).jobId);
  expect((await get("overview", { repository: "acme/scripts" }))["entry_points"]).toEqual([
    { path: "fill/__init__.py", line: 1, why: "pyproject.toml script" },
    { path: "src/till/cli.py", line: 1, why: "pyproject.toml script" },
  ]);
});

test("an overview that was kept is shown of its generation alone, by the name of today", async () => {
  const asked = { repository: "acme/kept" };
  const kept = await Clone.create(stack, "acme/kept");
  await kept.write("one.ts", "export function one() {}\n");
  await kept.commitAndPush();
  await ended(stack, (await register(stack, "acme/kept")).jobId);
  const first = await get("overview", asked);
  await kept.write("two.ts", 'import { one } from "./one.ts";\none();\n');
  await kept.commitAndPush();
  const second = await until("the overview of the second commit", async () => {
    const body = await get("overview", asked);
    return body["commit_oid"] !== first["commit_oid"] && body;
  });
  expect(second).toMatchObject({ files: 2, most_imported_files: [{ path: "one.ts", imports: 1 }] });
  const keep = (generation: number, tenant: string) =>
    stack.sql`
    select api.keep_overview(${tenant}, 'acme/kept', null, 1, ${generation}, ${
      stack.sql.json({ files: 99 })
    })`;
  const [tree] = await stack.sql<{ generation: number; tenant: string }[]>`
    select t.generation::int as generation, r.tenant_id as tenant
    from quarry.trees t join quarry.repositories r on r.id = t.repository_id
    where r.full_name = 'acme/kept'`;
  const { generation, tenant } = tree ?? { generation: 0, tenant: "" };
  // What was put together while another generation was published, and what is not one's own.
  await keep(generation - 1, tenant);
  await keep(generation, "00000000-0000-4000-8000-000000000000");
  expect(await get("overview", asked)).toEqual(second);
  await stack.sql`
    update quarry.repositories set full_name = 'acme/renamed' where full_name = 'acme/kept'`;
  expect(await get("overview", { repository: "acme/renamed" }))
    .toEqual({ ...second, repository: "acme/renamed" });
  await kept[Symbol.asyncDispose]();
});

test("of more calls than an answer holds the first are told, and that there are more", async () => {
  const repository = "acme/loud";
  await using loud = await Clone.create(stack, repository);
  // More than a function takes as arguments.
  await loud.write("calls.ts", `export function aye() {}\n${"aye();\n".repeat(130_000)}`);
  await loud.commitAndPush();
  await ended(stack, (await register(stack, repository)).jobId);
  for (const [route, name] of [["callers", "aye"], ["references", "aye"]] as const) {
    const body = await get(route, { repository, name });
    expect(body, route).toMatchObject({ complete: false });
    const told = body[route === "callers" ? "calls" : "references"];
    expect((told as unknown[]).length, route).toBeLessThanOrEqual(1_000);
  }
});

test("of more unused names than a page counts the first are told, and that there are more", async () => {
  const repository = "acme/idle";
  await using idle = await Clone.create(stack, repository);
  const lines = Array.from({ length: 5_000 }, (_, number) => `const idle${number} = ${number};\n`);
  await idle.write("constants.ts", lines.join(""));
  await idle.commitAndPush();
  await ended(stack, (await register(stack, repository)).jobId);
  const body = await get("unused", { repository });
  expect(body).toMatchObject({ complete: false, incomplete_reason: "work_budget" });
  expect(body["definitions"]).toHaveLength(4_000);
});

test("a folder lists what lies directly in it, page by page", async () => {
  const root = await get("tree", {});
  const items = root["items"] as { name: string; kind: string; files: number }[];
  expect(items.map(({ name }) => name)).toEqual(
    [...new Set(Object.keys(files).map((file) => file.split("/")[0] ?? ""))].sort(),
  );
  expect(items.find(({ name }) => name === "packages")).toMatchObject({ kind: "folder", files: 5 });
  const folder = await get("tree", { path: "packages/ui/", limit: "1" });
  expect(folder).toMatchObject({
    path: "packages/ui",
    items: [{ name: "package.json", path: "packages/ui/package.json", kind: "file", files: 1 }],
  });
  const cursor = String(folder["next_cursor"]);
  expect(await get("tree", { path: "packages/ui", limit: "9", cursor })).toMatchObject({
    items: [{ name: "src", kind: "folder", files: 4 }],
    next_cursor: null,
  });
  expect((await get("tree", { path: "gone" }))["code"]).toBe("file_not_found");
});

test("an agent sees the repository from afar, traces calls and asks what a change reaches", async () => {
  const client = await connectMcp(stack.functionsUrl, stack.apiKey);
  const call = async (name: string, parameters: Record<string, unknown>) => {
    const answer = await client.callTool({
      name,
      arguments: { repository: "acme/graph", ...parameters },
    });
    const [text = "", ...rest] = ((answer.content as { text: string }[])[0]?.text ?? "").split(
      "\n",
    );
    expect(text).toMatch(/^acme\/graph at [0-9a-f]{12}/);
    return rest;
  };
  const overview = await call("overview_repository", {});
  expect(overview).toContain("entry  packages/ui/src/cli.ts:1  package.json bin");
  expect(overview.at(-1)).toMatch(
    /^Uses counted by name, whichever definition they mean, in (\d+) of \1 source files\.$/,
  );
  expect(await call("trace_calls", { name: "start", path: "web/app.ts", depth: 2 })).toEqual([
    "1 more of this name, not followed: jvm/core/src/main/java/com/acme/core/Engine.java:4",
    "web/app.ts",
    "9: boot",
    "2 steps away:",
    "web/app.test.ts  calls boot",
    "2: top level",
    "2 calls.",
  ]);
  expect(await call("impact_of_change", { path: "web/tools/log.ts", name: "log" })).toEqual([
    "web/app.ts:5",
    "test  web/app.test.ts:1  via web/app.ts, 2 away",
    "2 files.",
  ]);
  const down = { path: "packages/ui/src/index.ts" };
  expect(await call("track_imports", down)).toEqual([
    "line 1 imports packages/ui/src/button.ts",
    "1 import.",
  ]);
  expect(await call("track_imports", { ...down, direction: "dependents" })).toEqual([
    "packages/ui/src/cli.ts:1 imports it",
    "web/app.ts:1 imports it",
    "2 imports.",
  ]);
  expect(await call("find_definitions", { name: "paint" })).toEqual([
    "acme/graph packages/ui/src/paint.ts",
    "2: function  export function paint()",
    "Names like it: repaint",
    "1 definition.",
  ]);
  await client.close();
});

/** Everything that the imports of a repository's files lead to, by what the routes answer. */
async function graphOf(repository: string, paths: Iterable<string>) {
  const { repository: _name, commit_oid: _commit, ...overview } = await get("overview", {
    repository,
  });
  const answers: unknown[] = [overview];
  for (const file of [...paths].sort()) {
    for (const route of ["dependencies", "dependents"]) {
      const body = await get(route, { repository, path: file, depth: "2" });
      answers.push([route, file, body["edges"], body["external"], body["unresolved"]]);
    }
  }
  return answers;
}

test(
  "after moves of unchanged files and changed settings, imports mean what a fresh index says",
  async () => {
    const source = new Map(
      Object.entries(files).filter(([file]) =>
        /^(?:packages|web|py|tsconfig|package\.json)/.test(file)
      ),
    );
    const moved = await Clone.create(stack, "acme/moved");
    for (const [file, text] of source) await moved.write(file, text);
    await moved.commitAndPush();
    const first = await register(stack, "acme/moved");
    await ended(stack, first.jobId);
    const folders = ["web", "web/tools", "packages/ui/src", "py/src/shop", "py/tests", "py"];
    const move = fc.tuple(fc.nat(), fc.constantFrom(...folders));
    let round = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(move, { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        async (moves, alias) => {
          for (const [index, folder] of moves) {
            const from = [...source.keys()].sort()[index % source.size] ?? "";
            const to = `${folder}/${path.basename(from)}`;
            if (source.has(to)) continue;
            source.set(to, source.get(from) ?? "");
            source.delete(from);
            await rm(path.join(moved.directory, from));
            await moved.write(to, source.get(to) ?? "");
          }
          const settings = alias ? "web/*" : "packages/*";
          if (source.has("tsconfig.base.json")) {
            const text = `{"compilerOptions": {"paths": {"@/*": ["${settings}"]}}}\n`;
            source.set("tsconfig.base.json", text);
            await moved.write("tsconfig.base.json", text);
          }
          await moved.commitAndPush();
          await settled(stack);
          const name = `acme/fresh-${round += 1}`;
          const fresh = await Clone.create(stack, name);
          for (const [file, text] of source) await fresh.write(file, text);
          await fresh.commitAndPush();
          const { jobId } = await register(stack, name);
          await ended(stack, jobId);
          expect(await graphOf("acme/moved", source.keys())).toEqual(
            await graphOf(name, source.keys()),
          );
          await fresh[Symbol.asyncDispose]();
        },
      ),
      { numRuns: 3, endOnFailure: true },
    );
    await moved[Symbol.asyncDispose]();
  },
  120_000,
);
