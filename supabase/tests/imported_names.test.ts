// Names that imports bring under another one: what is under a position of them, and their uses; over
// HTTP, from a real push, through the real indexer.

import { afterAll, beforeAll, expect, test } from "vitest";
import { type Body, IndexedRepository } from "./support/indexed_repository.ts";

let indexed: IndexedRepository;

const files: Readonly<Record<string, string>> = {
  "ts/paint.ts": "export function paint() {}\nexport function wash() {}\n",
  // Of the same name as what is meant, and of the name that the import gives.
  "ts/other.ts": "export function paint() {}\nexport function colour() {}\n",
  "ts/wall.ts": 'import { paint as colour } from "./paint.ts";\n' +
    "export function wall(brush: Brush) {\n  colour();\n  brush.colour();\n}\n",
  "ts/both.ts": 'import { wash } from "./paint.ts";\nimport { paint } from "./other.ts";\n' +
    "paint();\nwash();\n",
  "ts/whole.ts": 'import * as tools from "./paint.ts";\nimport "./other.ts";\ntools.paint();\n',
  "ts/barrel.ts": 'export { paint as tint, wash as rinse } from "./paint.ts";\n' +
    'export { default as Shed } from "./shelter.ts";\nexport * from "./house.ts";\n',
  "ts/visit.ts":
    'import { tint, Shed, House } from "./barrel.ts";\ntint();\nnew Shed();\nnew House();\n' +
    'import { away } from "elsewhere";\nexport function visit() {\n  tint();\n  away();\n}\n',
  "ts/house.ts": "export class House {}\n",
  "ts/shelter.ts": "export default class Shelter {}\n",
  "ts/stay.ts": 'import Hut, { Nothing } from "./shelter.ts";\nimport react from "react";\n' +
    "new Hut();\nreact();\n",
  "ts/late.ts": "function hidden() {}\nfunction inner() {}\n" +
    "export { inner as outer };\nexport default hidden;\n",
  "ts/early.ts": 'import shown, { outer } from "./late.ts";\nshown();\nouter();\n',
  "js/tool.js": "function tool() {}\nmodule.exports = tool;\n",
  "js/use.js": 'const hammer = require("./tool");\nfunction go() {\n  hammer();\n}\n',
  "js/kit.js": "function inner() {}\nmodule.exports = { other: inner, kept: 1 };\n",
  "js/member.js": 'const kit = require("./kit");\nfunction work(box) {\n' +
    "  kit.other();\n  box.other();\n}\n",
  "ts/spaces.ts":
    'import * as late from "./late.ts";\nexport function space() {\n  late.outer();\n}\n',
  "py/shop/__init__.py": "from .price import total as total_of\n",
  "py/shop/price.py": "def total():\n    return 1\n",
  "py/shop/cart.py": "from .price import total as whole\nimport shop.price as prices\n\n\n" +
    "def pay():\n    prices.total()\n    return whole()\n",
  "py/main.py": "from shop import total_of\n\ntotal_of()\n",
  "rs/Cargo.toml": '[package]\nname = "wheels"\n',
  "rs/src/lib.rs": "mod wheel;\nuse crate::wheel::spin as turn;\npub fn go() { turn(); }\n",
  "rs/src/wheel.rs": "pub fn spin() {}\n",
  "crates/Cargo.toml": '[workspace]\nmembers = ["car", "motor", "drive"]\n',
  "crates/motor/Cargo.toml": '[package]\nname = "motor"\n',
  "crates/motor/src/lib.rs": "pub mod gear;\npub use gear::cog::Cog;\npub fn start() {}\n" +
    "pub trait Tool {}\n",
  "crates/motor/src/gear.rs": "pub mod cog;\npub fn shift() {}\n",
  "crates/motor/src/gear/cog.rs": "pub struct Cog;\npub fn shift() {}\n",
  "crates/car/Cargo.toml":
    '[package]\nname = "car"\n[dependencies]\nmotor = { path = "../motor" }\n',
  "crates/car/src/lib.rs":
    "pub use motor::*;\npub use motor as engine;\npub extern crate motor;\n" +
    "pub use parts::{Tool};\npub mod parts;\n",
  "crates/car/src/parts.rs": "pub use motor::gear as wheels;\npub fn start() {}\n",
  "crates/drive/Cargo.toml":
    '[package]\nname = "drive"\n[dependencies]\ncar = { path = "../car" }\n',
  "crates/drive/src/lib.rs": "use car::gear::shift;\nuse car::engine::gear::cog::Cog;\n" +
    "use car::motor::start;\nuse car::parts::wheels::cog::shift as turn;\nuse car::engine::nothing::shift as none;\n" +
    "use car::Tool;\npub fn drive(cog: Cog) {\n  shift();\n  start();\n  turn();\n  none();\n}\n",
  "go/go.mod": "module example.org/app\n",
  "go/store/store.go": "package store\n\nfunc Open() {}\n",
  "go/vault/vault.go": "package vault\n\nfunc Open() {}\n",
  "go/main.go": 'package main\n\nimport (\n\tkeep "example.org/app/store"\n' +
    '\t"example.org/app/vault"\n)\n\nfunc main() {\n\tkeep.Open()\n\tvault.Open()\n}\n',
  "jvm/com/acme/Util.java":
    "package com.acme;\n\npublic class Util {\n  public static int join() { return 1; }\n}\n",
  "jvm/com/acme/Odd.java":
    "package com.acme;\n\npublic class Odd {\n  public static int join() { return 2; }\n}\n",
  "jvm/com/app/Main.java":
    "package com.app;\n\nimport static com.acme.Util.join;\nimport com.acme.Odd;\n\n" +
    "class Main {\n  int run() { return join() + Odd.join(); }\n}\n",
  "php/Shop/Item.php": "<?php\nnamespace Shop;\nclass Item {}\n",
  "php/Bank/Item.php": "<?php\nnamespace Bank;\nclass Item {}\n",
  "php/App/Till.php": "<?php\nnamespace App;\nuse Shop\\Item;\nfunction pay(Item $a) {\n" +
    "  return new \\Bank\\Item($a);\n}\n",
  "kt/Run.kt": "import com.acme.Util as Tool\n\nfun run(tool: Tool) = Tool.join()\n",
};

beforeAll(async () => {
  indexed = await IndexedRepository.create("acme/names", files);
});
afterAll(() => indexed[Symbol.asyncDispose]());

function get(route: string, parameters: Record<string, string>): Promise<Body> {
  return indexed.get(route, parameters);
}

/** What is under a word of a file: `path:line word`, its last occurrence in the line. */
async function at(place: string): Promise<Body> {
  const [, path = "", line = "", word = ""] = /^(.+):(\d+) (.+)$/.exec(place) ?? [];
  const text = files[path]?.split("\n")[Number(line) - 1] ?? "";
  const column = text.lastIndexOf(word) + 1;
  return await get("definitions/at", { path, line, column: `${column}` });
}

function firstOf(body: Body): string | null {
  const [first] = body["definitions"] as { path: string; line: number; name: string }[];
  return first === undefined ? null : `${first.path}:${first.line} ${first.name}`;
}

test.each<[of: string, place: string, leadsTo: string]>([
  ["a name that an import renames", "ts/wall.ts:3 colour", "ts/paint.ts:1 paint"],
  ["the new name in the import", "ts/wall.ts:1 colour", "ts/paint.ts:1 paint"],
  ["the old name in the import", "ts/wall.ts:1 paint as", "ts/paint.ts:1 paint"],
  ["a name that two imported files define", "ts/both.ts:3 paint", "ts/other.ts:1 paint"],
  ["a member of a namespace", "ts/whole.ts:3 paint", "ts/paint.ts:1 paint"],
  ["a name that a barrel renames", "ts/visit.ts:2 tint", "ts/paint.ts:1 paint"],
  ["a default that a barrel names", "ts/visit.ts:3 Shed", "ts/shelter.ts:1 Shelter"],
  ["a name that a barrel passes on", "ts/visit.ts:4 House", "ts/house.ts:1 House"],
  ["a default import of a class", "ts/stay.ts:3 Hut", "ts/shelter.ts:1 Shelter"],
  ["a default that is exported below", "ts/early.ts:2 shown", "ts/late.ts:1 hidden"],
  ["a name that a list exports anew", "ts/early.ts:3 outer", "ts/late.ts:2 inner"],
  ["a module that is one function", "js/use.js:3 hammer", "js/tool.js:1 tool"],
  ["from … import … as", "py/shop/cart.py:7 whole", "py/shop/price.py:1 total"],
  ["a member of import … as", "py/shop/cart.py:6 total", "py/shop/price.py:1 total"],
  ["a name that a package renames", "py/main.py:3 total_of", "py/shop/price.py:1 total"],
  ["use … as", "rs/src/lib.rs:3 turn", "rs/src/wheel.rs:1 spin"],
  ["a member of a renamed package", "go/main.go:9 Open", "go/store/store.go:3 Open"],
  ["a member of a package", "go/main.go:10 Open", "go/vault/vault.go:3 Open"],
  ["a static import", "jvm/com/app/Main.java:7 join() +", "jvm/com/acme/Util.java:4 join"],
  ["a member of an imported class", "jvm/com/app/Main.java:7 join", "jvm/com/acme/Odd.java:4 join"],
  ["import … as", "kt/Run.kt:3 Tool", "jvm/com/acme/Util.java:3 Util"],
  ["a name that a use brings", "php/App/Till.php:4 Item", "php/Shop/Item.php:3 Item"],
  ["a name with its path", "php/App/Till.php:5 Item", "php/Bank/Item.php:3 Item"],
])("%s leads to what it names: %s", async (_of, place, leadsTo) => {
  expect(firstOf(await at(place))).toBe(leadsTo);
});

test.each<[of: string, place: string, leadsTo: string]>([
  ["a module that a crate has all of", "8 shift", "gear.rs:2 shift"],
  ["a module in the import itself", "1 shift", "gear.rs:2 shift"],
  ["a crate by another name", "7 Cog", "gear/cog.rs:1 Cog"],
  ["pub extern crate", "9 start", "lib.rs:3 start"],
  ["a module by another name", "10 turn", "gear/cog.rs:2 shift"],
  ["a macro's name", "6 Tool", "lib.rs:4 Tool"],
])("a path through %s is followed: %s", async (_of, place, leadsTo) => {
  const found = await at(`crates/drive/src/lib.rs:${place}`);
  expect(firstOf(found)).toBe(`crates/motor/src/${leadsTo}`);
  expect(found["definitions"]).toHaveProperty("0.proximity", "imported");
});

test("a path that a module has nothing of leads to no definition", async () => {
  const { definitions } = await at("crates/drive/src/lib.rs:11 none");
  expect(definitions).not.toContainEqual(expect.objectContaining({ proximity: "imported" }));
});

test("a member that is called as an import is, is not what the import brings", async () => {
  expect(firstOf(await at("ts/wall.ts:4 colour"))).toBe("ts/other.ts:2 colour");
});

test("a position says which import brings its name, and from which files", async () => {
  expect((await at("ts/wall.ts:3 colour"))["imported"])
    .toEqual({ name: "paint", specifier: "./paint.ts", line: 1, paths: ["ts/paint.ts"] });
  expect(await at("ts/whole.ts:3 tools")).toMatchObject({
    name: "tools",
    definitions: [],
    imported: { name: "*", specifier: "./paint.ts", line: 1, paths: ["ts/paint.ts"] },
  });
  expect(await at("go/main.go:9 keep")).toMatchObject({
    imported: {
      name: "*",
      specifier: "example.org/app/store",
      line: 4,
      paths: ["go/store/store.go"],
    },
  });
  expect(await at("ts/stay.ts:4 react")).toMatchObject({
    definitions: [],
    imported: { name: "default", specifier: "react", line: 2, paths: [] },
  });
  expect((await at("ts/paint.ts:1 paint"))["imported"]).toBeNull();
});

async function usesOf(parameters: Record<string, string>) {
  const body = await get("references", parameters);
  const references = body["references"] as { path: string; line: number; name: string }[];
  return { body, uses: references.map(({ path, line, name }) => `${path}:${line} ${name}`) };
}

test("uses of a name are found where an import calls it otherwise", async () => {
  const { uses } = await usesOf({ name: "paint", role: "call" });
  expect(uses).toEqual(["ts/both.ts:3 paint", "ts/wall.ts:3 colour", "ts/whole.ts:3 paint"]);
  const python = await usesOf({ name: "total", role: "call" });
  expect(python.uses).toEqual(["py/shop/cart.py:6 total", "py/shop/cart.py:7 whole"]);
  const rust = await usesOf({ name: "spin", role: "call" });
  expect(rust.uses).toEqual(["rs/src/lib.rs:3 turn"]);
});

test("uses by names that the exporting file gives are found from its definition", async () => {
  const of = async (name: string, definedIn: string) =>
    (await usesOf({ name, defined_in: definedIn, role: "call" })).uses.toSorted();
  expect(await of("Shelter", "ts/shelter.ts")).toEqual(["ts/stay.ts:3 Hut", "ts/visit.ts:3 Shed"]);
  expect(await of("hidden", "ts/late.ts")).toEqual(["ts/early.ts:2 shown"]);
  expect(await of("inner", "ts/late.ts"))
    .toEqual(["ts/early.ts:3 outer", "ts/spaces.ts:3 outer"]);
  expect(await of("inner", "js/kit.js")).toEqual(["js/member.js:3 other"]);
  expect(await of("tool", "js/tool.js")).toEqual(["js/use.js:3 hammer"]);
  expect(await of("paint", "ts/paint.ts")).toContain("ts/visit.ts:2 tint");
  expect(await of("total", "py/shop/price.py")).toContain("py/main.py:3 total_of");
});

test("a page says which files give the name another one, if their importers were not read", async () => {
  expect((await usesOf({ name: "Shelter" })).body["renaming_files"]).toEqual(["ts/shelter.ts"]);
  expect((await usesOf({ name: "paint" })).body["renaming_files"]).toEqual(["ts/barrel.ts"]);
  expect((await usesOf({ name: "Shelter", defined_in: "ts/shelter.ts" })).body["renaming_files"])
    .toEqual([]);
});

test("a change of a definition reaches whoever uses it by another name", async () => {
  const reached = await get("impact", { path: "py/shop/price.py", name: "total", depth: "1" });
  expect((reached["files"] as { path: string }[]).map(({ path }) => path))
    .toContain("py/shop/cart.py");
});

test("calls are followed through names that imports give", async () => {
  const callers = async (name: string, path: string) =>
    ((await get("callers", { name, path }))["calls"] as { path: string; line: number }[])
      .map((each) => `${each.path}:${each.line}`);
  expect(await callers("paint", "ts/paint.ts")).toContain("ts/wall.ts:3");
  expect(await callers("total", "py/shop/price.py")).toEqual([
    "py/shop/cart.py:6",
    "py/shop/cart.py:7",
    "py/main.py:3",
  ]);
  const callees = (await get("callees", { name: "wall" }))["calls"] as { to: Body }[];
  expect(callees[0]).toMatchObject({ to: { name: "paint", path: "ts/paint.ts", line: 1 } });
  // By names that nobody else knows.
  expect(await callers("Shelter", "ts/shelter.ts")).toEqual(["ts/stay.ts:3", "ts/visit.ts:3"]);
  expect(await callers("tool", "js/tool.js")).toEqual(["js/use.js:3"]);
  expect(await get("callees", { name: "visit" })).toMatchObject({
    calls: [{ to: { name: "paint", path: "ts/paint.ts", line: 1 }, certainty: "likely" }],
    outside: ["away"],
  });
  // By the names of files that pass them on, and as members of a file.
  expect(await callers("paint", "ts/paint.ts")).toContain("ts/visit.ts:2");
  expect(await callers("inner", "ts/late.ts")).toEqual(["ts/early.ts:3", "ts/spaces.ts:3"]);
  expect(await callers("inner", "js/kit.js")).toContain("js/member.js:3");
  expect(await get("callees", { name: "go", path: "js/use.js" }))
    .toMatchObject({ calls: [{ to: { name: "tool", path: "js/tool.js" } }], outside: [] });
});
