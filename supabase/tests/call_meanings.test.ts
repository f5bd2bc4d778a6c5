// What calls and constants mean where several definitions may be meant, or none: over HTTP, from a real
// push.

import { afterAll, beforeAll, expect, test } from "vitest";
import { type Body, IndexedRepository } from "./support/indexed_repository.ts";
import { connectMcp } from "./support/mcp_client.ts";

/** More definitions of one name than are told of several. */
const COMMON_FILES = 130;

const files: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Array.from({ length: COMMON_FILES }, (_, n) => [
      `common/c${n}.ts`,
      "export function afar() {}\n",
    ]),
  ),
  "src/work.ts": 'import { tally } from "./tally.ts";\n' +
    "export function work(box: Map<string, number>) {\n" +
    '  afar();\n  box.fetch("a");\n  tally();\n  nowhere();\n}\n',
  "src/tally.ts": "export function tally() {}\n",
  "elsewhere/shelf.ts":
    "export class Shelf {\n  fetch(key: string) {\n    return lend(key);\n  }\n}\n" +
    "function lend(key: string) {\n  return key;\n}\n",
  // Two methods of one name in one file, and who calls them.
  "src/pair.ts": "export class Left {\n  turn() {}\n  both() {\n    this.turn();\n  }\n}\n" +
    "export class Right {\n  turn() {}\n  alone() {\n    this.turn();\n  }\n}\n",
  "src/turner.ts": 'import { Right } from "./pair.ts";\n' +
    "export function turner(right: Right) {\n  right.turn();\n}\n",
  // Of one name in two files, and in more than are followed.
  "dup/one.ts": "export function same() {\n  tally();\n}\n",
  "dup/two.ts": "export function same() {\n  afar();\n}\n",
  "dup/use_one.ts": 'import { same } from "./one.ts";\nexport function first() {\n  same();\n}\n',
  "dup/use_two.ts": 'import { same } from "./two.ts";\nexport function second() {\n  same();\n}\n',
  // Called by who imports its class, and by who merely has the name.
  "yard/crane.ts": "export class Crane {\n  hoist() {}\n}\n",
  "yard/lift.ts": 'import { Crane } from "./crane.ts";\n' +
    "export function lift(crane: Crane) {\n  crane.hoist();\n}\n",
  "any/flag.ts": "export function raise(flag: Flag) {\n  flag.hoist();\n}\n",
  // One function of several signatures.
  "src/loaded.ts": "export function load(name: string): void;\n" +
    "export function load(name: number): void;\nexport function load(name: unknown) {}\n",
  "src/loader.ts":
    'import { load } from "./loaded.ts";\nexport function loader() {\n  load("");\n}\n',
  // Two functions of one name, each of its own trait's impl.
  "rust/error.rs": "pub struct E;\nimpl From<u8> for E {\n    fn from(_: u8) -> E { E }\n}\n" +
    "impl From<u16> for E {\n    fn from(_: u16) -> E { E }\n}\n" +
    "pub fn fail() -> E {\n    E::from(1u8)\n}\n",
  "src/twice.ts": "function again() {}\nagain();\nfunction again() {}\n",
  // Constants that are loaded by their names.
  "app/models/order.rb":
    "module Shop\n  class Order\n    def total\n      1\n    end\n  end\nend\n",
  "app/models/cart.rb": "class Cart\n  LIMIT = 3\nend\n",
  "app/jobs/bill.rb": "class Bill\n  def run\n    Shop::Order.new.total\n  end\nend\n",
  "app/jobs/other.rb":
    "module Bank\n  class Transfer\n    def run\n      Order.new.total\n    end\n  end\nend\n",
  "app/jobs/inner.rb":
    "module Shop\n  class Audit\n    def run\n      Order.new\n    end\n  end\nend\n",
  "app/jobs/count.rb": "class Count\n  def run\n    Cart::LIMIT\n  end\nend\n",
  // Of one name in several languages.
  "mill/a.go": "package mill\n\nfunc Grind() { husk() }\n",
  "mill/b.go": "package mill\n\nfunc husk() {}\n",
  "mill/husk.ts": "export const husk = () => 1;\n",
  "web/husk.ts": "export function husk() {}\n",
  "mill/c.ts": "export function peel() {\n  shell();\n}\n",
  "mill/d.go": "package mill\n\nfunc shell() {}\n",
  // A function that a file keeps to itself, and a method of that name beside it.
  "kept/chest.ts": "function stow() {}\nexport function fill() {\n  stow();\n}\n",
  "kept/ship.ts": "export function load_ship(ship: Ship) {\n  ship.stow();\n}\n",
  // A function that is handed on, and called by nobody.
  "kept/brew.ts": "export function brew() {}\n",
  "kept/menu.ts": 'import { brew } from "./brew.ts";\nserve("/tea", brew);\n',
  // Names of style sheets, of which one is a function's as well.
  "style/page.css": ".flow {\n  color: red;\n}\n.drop {\n  color: red;\n}\n",
  "style/page.ts": 'import "./page.css";\nexport function pour() {\n  flow();\n  drop();\n}\n',
  "afar/drop.ts": "export function drop() {}\n",
  "scala/Main.scala": "package s\n\nobject Main {\n  def main(): Int = Hid.strew()\n}\n",
  "scala/Hid.scala": "package s\n\nprivate[s] object Hid {\n  private[s] def strew(): Int = 1\n}\n",
  "lib/strew.ex": "defmodule Sower do\n  def strew, do: 1\nend\n",
  // Names of data alone.
  "log/settings.json": '{ "dependencies": { "debug": { "version": "1" } } }\n',
  "log/config.py": "def add_value(logger):\n    logger.debug('x')\n",
  // A language that imports nothing.
  "db/jobs.sql": "create schema app;\ncreate function app.note(id int) returns void language sql " +
    "as $$ select 1 $$;\n",
  "db/lock/lock.sql": "create function app.lock_job(id int) returns void language plpgsql as $$\n" +
    "begin\n  perform app.note(id);\nend\n$$;\n" +
    "comment on function app.lock_job(int) is 'Locks.';\ngrant execute on function app.note(int), " +
    "app.lock_job(int) to clerk;\n",
  "db/work/claims.sql":
    "create function app.claim_job() returns void language plpgsql as $$\nbegin\n" +
    "  perform app.lock_job(1);\nend\n$$;\n",
  // Of one package in two folders, and of another one.
  "jvm/src/main/java/grain/Mill.java": "package grain;\n\npublic class Mill {\n" +
    "  public int bruise() { return sift(); }\n}\n",
  "jvm/src/test/java/grain/MillTest.java": "package grain;\n\nclass MillTest {\n" +
    "  int check() { return new Mill().bruise(); }\n  int sift() { return 1; }\n}\n",
  "jvm/it/src/test/java/grain/MillIt.java": "package grain;\n\nclass MillIt {\n" +
    "  int all() { return given.sift(); }\n}\n",
  "jvm/src/main/java/bread/Oven.java": "package bread;\n\npublic class Oven {\n" +
    "  public int bruise() { return 2; }\n  public int sift() { return 3; }\n}\n",
  // Called on a class from outside, beside a class that has the name.
  "jvm/src/main/java/bread/Rack.java": "package bread;\n\nimport java.util.List;\n\n" +
    "class Rack {\n  int all() { return List.sift(); }\n}\n",
  // A namespace sees that which it is in.
  "net/Loom/Loom.cs": "namespace Acme.Cloth;\n\npublic class Loom {\n" +
    "  public int Weave() { return 1; }\n}\n",
  "net/Other/Mat.cs": "namespace Acme.Rush;\n\npublic class Mat {\n" +
    "  public int Weave() { return 2; }\n}\n",
  "net/Tests/LoomTests.cs": "namespace Acme.Cloth.Tests;\n\npublic class LoomTests {\n" +
    "  public int Check() { return new Loom().Weave(); }\n}\n",
  "lib/tax.ex": "defmodule Ledger.Tax do\n  def rate, do: 1\nend\n",
  "lib/bill.ex": "defmodule Report do\n  def sum, do: Ledger.Tax.rate()\nend\n",
  // Called on what an import brings: of a package, of another one, of what is from outside.
  "yarn/go.mod": "module acme.dev/yarn\n\ngo 1.22\n",
  "yarn/spin/spin.go": "package spin\n\nfunc Twist() {}\n",
  "yarn/ply/ply.go": "package ply\n\nfunc Twist() {}\n\nfunc Turn() {}\n",
  "yarn/main.go": 'package main\n\nimport (\n\t"flag"\n\n\t"acme.dev/yarn/ply"\n' +
    '\t"acme.dev/yarn/spin"\n)\n\nfunc knit() {\n\tflag.Twist()\n\tspin.Twist()\n\tspin.Turn()\n' +
    "\tply.Turn()\n}\n",
  // A method that an interface declares, what implements it, and what does not.
  "ports/port.ts": "export interface Port {\n  berth(): void;\n}\n",
  "ports/quay.ts": 'import { type Port } from "./port.ts";\nexport class Quay implements Port {\n' +
    "  berth() {\n    moor();\n  }\n}\nfunction moor() {}\n",
  "ports/dock.ts": "export class Dock {\n  berth() {\n    tie();\n  }\n}\nfunction tie() {}\n",
  "ports/ship.ts": 'import { type Port } from "./port.ts";\nexport function land(port: Port) {\n' +
    "  port.berth();\n}\n",
  // An argument before a call, and none of what that is a member of.
  "hem/hem.ts": 'import * as fs from "node:fs";\nexport function sew() {\n' +
    "  return pin(fs, fold());\n}\nfunction pin(on: unknown, at: number) {\n  return at;\n}\n" +
    "function fold() {\n  return 1;\n}\n",
  "yarn/knit.py":
    "import json\nfrom .wool import load_all\n\ndef card(f):\n    json.load_all(f)\n" +
    "    load_all(f)\n    comb(json, load_all)\n",
  "yarn/wool.py": "def load_all(f):\n    pass\n",
  // Methods of one name in files that are as near, and calls on a value, a class, what a class holds.
  "relay/one.ts": "export class One {\n  static weigh() {}\n}\n",
  "relay/two.ts": "export class Two {\n  static weigh() {}\n}\n",
  "relay/use.ts": 'import { One } from "./one.ts";\nimport { Two } from "./two.ts";\n' +
    "export function weighing(any: One | Two) {\n  any.weigh();\n}\n" +
    "export function second() {\n  Two.weigh();\n}\n",
  "relay/sender.ts": "export interface Sender {\n  dispatch(text: string): void;\n}\n",
  "relay/logged.ts": 'import { type Sender } from "./sender.ts";\nexport class Logged {\n' +
    "  constructor(private inner: Sender) {}\n  dispatch(text: string) {\n" +
    "    this.inner.dispatch(text);\n  }\n}\n",
  // A class that only the types of variables name, beside others that are nearer.
  "jvm/src/main/java/smith/Maker.java":
    "package smith;\n\npublic interface Maker {\n  int make(int of);\n}\n",
  "jvm/src/main/java/smith/Plan.java":
    "package smith;\n\npublic class Plan {\n  public Forge make() { return null; }\n}\n",
  "jvm/src/main/java/smith/tool/Anvil.java": "package smith.tool;\n\n" +
    "public class Anvil implements smith.Maker {\n  public int make(int of) { return of; }\n}\n",
  "jvm/src/main/java/smith/Forge.java": "package smith;\n\nimport smith.tool.Anvil;\n\n" +
    "public class Forge {\n  private Anvil anvil;\n\n  int heat(Iterable<Maker> makers) {\n" +
    "    for (Maker maker : makers) maker.make(1);\n    return 1;\n  }\n\n" +
    "  Forge plan() {\n    return new Plan().make();\n  }\n}\n",
  // Passed on by a file that is imported, beside a method of that name.
  "src/kilns/__init__.py": "from .glaze import fire as fire\n",
  "src/kilns/app.py": "class Kiln:\n    def fire(self):\n        pass\n",
  "src/kilns/glaze.py": "def fire():\n    pass\n",
  "pots/sell.py": "from kilns import fire\n\n\ndef sell():\n    fire()\n",
  // A class of another language that has the name of one that is named.
  "loft/ladder.py": "class Ladder:\n    def climb(self):\n        pass\n",
  "loft/attic.ts": "export class Rope {\n  climb() {}\n}\n" +
    "export function over(on: Ladder) {\n  on.climb();\n}\n",
  "lib/tax_less.ex": "defmodule Free do\n  def sum, do: Other.Tax.rate()\nend\n",
};

let indexed: IndexedRepository;
beforeAll(async () => {
  indexed = await IndexedRepository.create("acme/meanings", files);
});
afterAll(() => indexed[Symbol.asyncDispose]());

function get(route: string, parameters: Record<string, string>): Promise<Body> {
  return indexed.get(route, parameters);
}

interface CallView {
  readonly from: { readonly name: string | null; readonly path: string };
  readonly to: { readonly name: string | null; readonly path: string; readonly line: number };
  readonly certainty: string;
  readonly candidates: number;
  readonly depth: number;
}

function callsOf(body: Body): string[] {
  return (body["calls"] as CallView[]).map(({ from, to, certainty, depth }) =>
    `${depth} ${from.name ?? from.path} > ${to.name} ${certainty}`
  );
}

test("a name with many definitions takes no other's place", async () => {
  const body = await get("callees", { name: "work" });
  expect(callsOf(body)).toContain("1 work > tally likely");
  expect(body["outside"]).toEqual(["nowhere"]);
});

test("a call is only possible where nothing ties its file to the definition, and is not followed", async () => {
  const body = await get("callees", { name: "work", depth: "3" });
  expect(callsOf(body)).toEqual([
    "1 work > afar possible",
    "1 work > Shelf.fetch possible",
    "1 work > tally likely",
  ]);
  const up = await get("callers", { name: "lend", depth: "3" });
  expect(callsOf(up)).toEqual(["1 Shelf.fetch > lend likely", "2 work > Shelf.fetch possible"]);
});

test("of definitions in one file each has the calls that may mean it", async () => {
  const left = await get("callers", { path: "src/pair.ts", line: "2", column: "3" });
  expect(callsOf(left))
    .toEqual(["1 Left.both > Left.turn likely", "1 turner > Left.turn possible"]);
  const right = await get("callers", { path: "src/pair.ts", line: "8", column: "3" });
  expect(callsOf(right)).toEqual([
    "1 Right.alone > Right.turn likely",
    "1 turner > Right.turn likely",
  ]);
  expect((right["calls"] as CallView[]).map(({ candidates }) => candidates)).toEqual([1, 2]);
  const down = await get("callees", { path: "src/pair.ts", line: "9", column: "3" });
  expect(callsOf(down)).toEqual(["1 Right.alone > Right.turn likely"]);
});

test("a call on what an import brings means what is there, and nothing here where that is outside", async () => {
  const placesOf = ({ calls }: Body) =>
    (calls as (CallView & { line: number })[]).map(({ line, to, candidates }) =>
      `${line} > ${to.path} of ${candidates}`
    );
  const down = await get("callees", { name: "knit" });
  expect(placesOf(down)).toEqual(["12 > yarn/spin/spin.go of 1", "14 > yarn/ply/ply.go of 1"]);
  expect(down["outside"]).toEqual(["Turn", "Twist"]);
  const asked = [["Twist", "yarn/spin/spin.go"], ["Twist", "yarn/ply/ply.go"], [
    "Turn",
    "yarn/ply/ply.go",
  ]];
  const up = asked.map(([name = "", path = ""]) => get("callers", { name, path }));
  expect((await Promise.all(up)).map(placesOf))
    .toEqual([["12 > yarn/spin/spin.go of 1"], [], ["14 > yarn/ply/ply.go of 1"]]);
  expect(placesOf(await get("callers", { name: "load_all" }))).toEqual(["6 > yarn/wool.py of 1"]);
});

test("what is called on a class that the tree has not is from outside", async () => {
  const down = await get("callees", { name: "Rack.all" });
  expect(down).toMatchObject({ calls: [], outside: ["sift"] });
  const up = await get("callers", { name: "Oven.sift" });
  expect(callsOf(up)).not.toContain("1 Rack.all > Oven.sift likely");
  const path = "jvm/src/main/java/bread/Oven.java";
  const { references } = await get("references", { name: "sift", defined_in: path });
  expect(references).not.toContainEqual(expect.objectContaining({ enclosing: "Rack.all" }));
  const at = { path: "jvm/src/main/java/bread/Rack.java", line: "6", column: "28" };
  expect(await get("definitions/at", at)).toMatchObject({
    name: "sift",
    imported: { specifier: "java.util.List", paths: [] },
    definitions: [],
  });
});

test("what a method of an interface calls is what those call that implement it", async () => {
  expect(callsOf(await get("callees", { name: "Port.berth" })))
    .toEqual(["1 Quay.berth > moor likely"]);
  expect(callsOf(await get("callees", { name: "land", depth: "2" })))
    .toEqual(["1 land > Port.berth likely", "2 Quay.berth > moor likely"]);
});

test("what stands before a call as an argument is not what that is a member of", async () => {
  const down = await get("callees", { name: "sew" });
  expect(callsOf(down)).toEqual(["1 sew > pin likely", "1 sew > fold likely"]);
  expect(down["outside"]).toEqual([]);
});

/** Who calls, how surely, and of how many that may be meant. */
function doubtsOf(body: Body): string[] {
  return (body["calls"] as CallView[]).map(({ from, certainty, candidates }) =>
    `${from.name} ${certainty} of ${candidates}`
  );
}

test("what is a member of another thing is no use of a definition, seen from its file", async () => {
  const uses = async (name: string, definedIn: string) => {
    const { references } = await get("references", { name, defined_in: definedIn });
    return (references as { path: string; line: number }[]).map((each) =>
      `${each.path}:${each.line}`
    );
  };
  expect(await uses("Twist", "yarn/spin/spin.go")).toEqual(["yarn/main.go:12"]);
  expect(await uses("Twist", "yarn/ply/ply.go")).toEqual([]);
  // A name from outside that stands beside another is not its owner.
  expect(await uses("load_all", "yarn/wool.py"))
    .toEqual(["yarn/knit.py:2", "yarn/knit.py:6", "yarn/knit.py:7"]);
  expect(await uses("weigh", "relay/one.ts")).toEqual(["relay/use.ts:4"]);
  expect(await uses("weigh", "relay/two.ts")).toEqual(["relay/use.ts:4", "relay/use.ts:7"]);
});

test("at a position a member of what is from outside is no definition of its name", async () => {
  const at = (line: string, column: string) =>
    get("definitions/at", { path: "yarn/main.go", line, column });
  expect(await at("11", "7")).toMatchObject({
    name: "Twist",
    imported: { specifier: "flag", line: 4, paths: [] },
    may_be_local: false,
    definitions: [],
  });
  expect(await at("12", "7")).toMatchObject({
    imported: null,
    definitions: [{ path: "yarn/spin/spin.go" }, { path: "yarn/ply/ply.go" }],
  });
  expect(await at("13", "7")).toMatchObject({
    imported: { specifier: "acme.dev/yarn/spin", paths: ["yarn/spin/spin.go"] },
    definitions: [],
  });
});

test("a method that is as near as the nearest may be called, and a class before the call says which is", async () => {
  expect(doubtsOf(await get("callers", { name: "One.weigh" }))).toEqual(["weighing likely of 2"]);
  expect(doubtsOf(await get("callers", { name: "Two.weigh" })))
    .toEqual(["second likely of 1", "weighing possible of 2"]);
});

test("a class that is named around a call tells whose method is meant, however near others are", async () => {
  expect(callsOf(await get("callers", { name: "Maker.make" })))
    .toEqual(["1 Forge.heat > Maker.make likely"]);
  expect(callsOf(await get("callers", { name: "Plan.make" })))
    .toEqual(["1 Forge.plan > Plan.make likely"]);
  expect(callsOf(await get("callees", { name: "Forge.heat" })))
    .toEqual(["1 Forge.heat > Maker.make likely"]);
  expect(callsOf(await get("callers", { name: "Anvil.make" })))
    .toEqual(["1 Forge.heat > Anvil.make possible", "1 Forge.plan > Anvil.make possible"]);
});

test("a class of a language that the file cannot name is not the one that is named", async () => {
  expect(callsOf(await get("callees", { name: "over" }))).toEqual(["1 over > Rope.climb likely"]);
  expect(callsOf(await get("callers", { name: "Ladder.climb" }))).toEqual([]);
});

test("what an import brings by its name is no method", async () => {
  expect(callsOf(await get("callees", { name: "sell" }))).toEqual(["1 sell > fire likely"]);
  expect(callsOf(await get("callers", { name: "Kiln.fire" })))
    .toEqual(["1 sell > Kiln.fire possible"]);
});

test("a method that calls its own name may hand the call on to any class that it knows", async () => {
  expect(doubtsOf(await get("callers", { name: "Logged.dispatch" })))
    .toEqual(["Logged.dispatch likely of 2"]);
  expect(doubtsOf(await get("callers", { name: "Sender.dispatch" })))
    .toEqual(["Logged.dispatch possible of 2"]);
});

test("callers that surely mean a definition come before those that may", async () => {
  expect(callsOf(await get("callers", { name: "hoist" })))
    .toEqual(["1 lift > Crane.hoist likely", "1 raise > Crane.hoist possible"]);
});

test("signatures of one function are no others that may be meant", async () => {
  const asked = [
    ["callers", { name: "load" }],
    ["callers", { path: "src/loaded.ts", line: "3", column: "17" }],
    ["callees", { name: "loader" }],
  ] as const;
  for (const [route, parameters] of asked) {
    expect((await get(route, parameters))["calls"])
      .toMatchObject([{ path: "src/loader.ts", candidates: 1 }]);
  }
});

test("functions that several impls of Rust give one type are as many that may be meant", async () => {
  expect((await get("callers", { name: "from" }))["calls"])
    .toMatchObject([{ from: { name: "fail" }, candidates: 2 }]);
});

test("each definition of a name has its calls, unless a path says which is meant", async () => {
  const all = await get("callers", { name: "same" });
  expect(all).toMatchObject({ complete: true, followed: 2 });
  expect((all["calls"] as CallView[]).map(({ from, to }) => `${from.name} > ${to.path}`))
    .toEqual(["first > dup/one.ts", "second > dup/two.ts"]);
  expect(callsOf(await get("callees", { name: "same" })))
    .toEqual(["1 same > tally possible", "1 same > afar possible"]);
  const one = await get("callers", { name: "same", path: "dup/two.ts" });
  expect(one).toMatchObject({ complete: true, followed: 1, definitions: [{}, {}] });
  expect(callsOf(one)).toEqual(["1 second > same likely"]);
});

test("of more definitions than are followed an answer is not complete", async () => {
  expect(await get("callers", { name: "afar" }))
    .toMatchObject({ complete: false, incomplete_reason: "work_budget", followed: 20 });
});

/** What an agent is told, below the definition. */
async function told(name: string, parameters: Record<string, string>): Promise<string[]> {
  const client = await connectMcp(indexed.stack.functionsUrl, indexed.stack.apiKey);
  const asked = { name, arguments: { repository: "acme/meanings", ...parameters } };
  const { content } = await client.callTool(asked);
  await client.close();
  return ((content as { text: string }[])[0]?.text ?? "").split("\n").slice(1);
}

test("an agent is told which definition each call is of", async () => {
  expect(await told("trace_calls", { name: "same" })).toEqual([
    "1 more of this name, followed too: dup/two.ts:1",
    "dup/use_one.ts  calls same at dup/one.ts:1",
    "3: first",
    "dup/use_two.ts  calls same at dup/two.ts:1",
    "3: second",
    "2 calls.",
  ]);
});

test("an agent that finds no caller is told where to find who hands a function on", async () => {
  expect(await told("trace_calls", { name: "brew" })).toEqual([
    "No call. Handed on as a value (a handler, a callback) it is not called by name: find_references with " +
    "role=read shows where.",
  ]);
  expect((await told("find_references", { name: "brew", role: "read" })).at(-2))
    .toBe('2: read  serve("/tea", brew);');
  expect(await told("trace_calls", { name: "brew", direction: "callees" })).toEqual(["No call."]);
});

test("the definition at a position is the one that is meant", async () => {
  const at = async (line: string, column: string) =>
    (await get("callers", { path: "src/twice.ts", line, column }))["definitions"];
  expect(await at("1", "10")).toMatchObject([{ line: 1 }, { line: 3 }]);
  expect(await at("3", "10")).toMatchObject([{ line: 3 }, { line: 1 }]);
});

test("a name of the package is meant, whatever other languages export under it", async () => {
  expect(callsOf(await get("callees", { name: "Grind" }))).toEqual(["1 Grind > husk likely"]);
  expect((await get("callees", { name: "Grind" }))["calls"])
    .toMatchObject([{ to: { path: "mill/b.go" }, candidates: 1 }]);
  expect(callsOf(await get("callers", { name: "husk", path: "mill/b.go" })))
    .toEqual(["1 Grind > husk likely"]);
  expect(callsOf(await get("callers", { name: "husk", path: "web/husk.ts" }))).toEqual([]);
  expect((await get("callees", { name: "main", path: "scala/Main.scala" }))["calls"])
    .toMatchObject([{ to: { name: "Hid.strew", path: "scala/Hid.scala" }, certainty: "likely" }]);
});

test("what another language defines alone is only possible", async () => {
  expect(callsOf(await get("callees", { name: "peel" }))).toEqual(["1 peel > shell possible"]);
});

test("what a file keeps to itself is no more than possible beside it", async () => {
  expect(callsOf(await get("callers", { name: "stow" })).toSorted())
    .toEqual(["1 fill > stow likely", "1 load_ship > stow possible"]);
});

test("no call means what a style sheet defines", async () => {
  expect(await get("callees", { name: "pour" })).toMatchObject({
    calls: [{ to: { name: "drop", path: "afar/drop.ts" }, candidates: 1 }],
    outside: ["flow"],
  });
  expect(await get("callers", { name: "flow" })).toMatchObject({ code: "definition_not_found" });
  const at = await get("definitions/at", { path: "style/page.ts", line: "4" });
  expect(at["definitions"]).toMatchObject([{ path: "afar/drop.ts" }]);
  const own = await get("definitions/at", { path: "style/page.css", line: "1", column: "2" });
  expect(own["definitions"]).toMatchObject([{ path: "style/page.css", line: 1 }]);
});

test("calls in SQL are followed by their names, and what speaks of a function calls none", async () => {
  expect(callsOf(await get("callers", { name: "note", depth: "2" })))
    .toEqual(["1 app.lock_job > app.note likely", "2 app.claim_job > app.lock_job likely"]);
  expect(callsOf(await get("callees", { name: "claim_job", depth: "2" })))
    .toEqual(["1 app.claim_job > app.lock_job likely", "2 app.lock_job > app.note likely"]);
});

test("a change in SQL reaches whoever names what it defines", async () => {
  const reached = async (parameters: Record<string, string>) =>
    ((await get("impact", parameters))["files"] as { path: string; depth: number }[])
      .map(({ path, depth }) => `${depth} ${path}`);
  const all = ["1 db/lock/lock.sql", "2 db/work/claims.sql"];
  expect(await reached({ path: "db/jobs.sql" })).toEqual(all);
  expect(await reached({ path: "db/jobs.sql", name: "note" })).toEqual(all);
});

test("a change reaches whoever names a constant of the file, without an import", async () => {
  const reached = async (parameters: Record<string, string>) =>
    ((await get("impact", { depth: "1", ...parameters }))["files"] as { path: string }[])
      .map((each) => each.path);
  expect(await reached({ path: "app/models/order.rb" }))
    .toEqual(["app/jobs/bill.rb", "app/jobs/inner.rb"]);
  expect(await reached({ path: "app/models/cart.rb" })).toEqual(["app/jobs/count.rb"]);
  expect(await reached({ path: "app/models/order.rb", name: "total" }))
    .toEqual(["app/jobs/bill.rb"]);
  expect(await reached({ path: "lib/tax.ex" })).toEqual(["lib/bill.ex"]);
});

test("no code calls a key of data, or means it by a name", async () => {
  const add = { name: "add_value", path: "log/config.py" };
  expect((await indexed.get("callees", add))["calls"]).toEqual([]);
  expect(await indexed.get("callers", { name: "debug" }))
    .toMatchObject({ code: "definition_not_found" });
  const at = { path: "log/config.py", line: "2", column: "12" };
  expect(await indexed.get("definitions/at", at)).toMatchObject({ name: "debug", definitions: [] });
  const key = { path: "log/settings.json", line: "1", column: "22" };
  expect(await indexed.get("definitions/at", key))
    .toMatchObject({ name: "debug", definitions: [{ kind: "key" }] });
});

test("what is of the package of a file is near to it, in whatever folder", async () => {
  const up = await get("callers", { name: "Mill.bruise" });
  expect(up["calls"]).toMatchObject([{
    from: { name: "MillTest.check" },
    certainty: "likely",
    proximity: "same_package",
    candidates: 1,
  }]);
  const net = await get("callers", { name: "Loom.Weave" });
  expect(net["calls"]).toMatchObject([
    {
      from: { name: "Acme.Cloth.Tests.LoomTests.Check" },
      certainty: "likely",
      proximity: "same_package",
    },
  ]);
});

test("a test's own definition is meant by tests of its package alone", async () => {
  const main = await get("callees", { name: "Mill.bruise" });
  expect(main["calls"]).toMatchObject([{ to: { name: "Oven.sift" }, certainty: "possible" }]);
  const other = await get("callees", { name: "MillIt.all" });
  expect(other["calls"]).toMatchObject([{ to: { name: "MillTest.sift" }, certainty: "likely" }]);
});
