// More imports than are followed: an answer says that it is not whole, and takes nothing that it did not
// look for as missing. Over HTTP, from a real push, through the real indexer.

import { afterAll, beforeAll, expect, test } from "vitest";
import { type Body, IndexedRepository } from "./support/indexed_repository.ts";

const IMPORTERS = 210;
const PASSED_ON = 105;
const SOME = 30;
const MANY = 520;
/** More files than a name may be defined in to be told of a repository, and more names than are looked up. */
const FILES_OF_THEIR_OWN = 5;
const NAMES_OF_THEIR_OWN = 80;
/** More than a name is followed. */
const HOPS = 6;

/** Packages, and modules from outside that each imports: they may be in more places than are looked up. */
const DEEP_FOLDERS = 12;
const OUTER_MODULES = 24;
/** More than a package has names, in most languages. */
const TABLES = 300;
/** More uses of others' names than two pages have. */
const OTHERS_USES = 12;
const OWN_USES = 3;
/** More files of one name than are told of an end of a path. */
const NAMESAKES = 101;

let indexed: IndexedRepository;

/** A file of Go that calls a name of a package from outside again and again, and then its own. */
function callingOthersFirst(): string {
  const calls = [
    ...numbered(OTHERS_USES, () => "\tflag.Scan()\n"),
    ...numbered(OWN_USES, () => "\tscan.Scan()\n"),
  ];
  return 'package main\n\nimport (\n\t"flag"\n\n\t"acme.dev/go/scan"\n)\n\n' +
    `func main() {\n${calls.join("")}}\n`;
}

function numbered<Each>(count: number, each: (index: number) => Each): Each[] {
  return Array.from({ length: count }, (_, index) => each(index));
}

/** A file whose function calls defaults that it imports, each by a name of its own. */
function calling(name: string, count: number, path: (index: number) => string): string {
  const imports = numbered(count, (n) => `import given${n} from "${path(n)}";\n`);
  const calls = numbered(count, (n) => `  given${n}();\n`);
  return `${imports.join("")}export function ${name}() {\n${calls.join("")}  beyond();\n}\n`;
}

/** A schema of many tables, each with an index, one of which has the name of what others import. */
function schema(): string {
  const tables = [...numbered(TABLES, (n) => `table${n}`), "shelter"];
  return tables.map((name) =>
    `create table ${name} (id int);\ncreate index of_${name} on ${name} (id);\n`
  ).join("");
}

/** Files by their paths. */
function files(count: number, pathOf: (index: number) => string, text: (index: number) => string) {
  return Object.fromEntries(numbered(count, (index) => [pathOf(index), text(index)]));
}

/** A file that reads many names, which others define for themselves as well. */
function namesOfItsOwn(): string {
  return numbered(NAMES_OF_THEIR_OWN, (n) => `export const own${n} = 1;\nuse(own${n}, own${n});\n`)
    .join("");
}

/** A module of Python in a package of its own that imports another one, and much from outside. */
function deepModule(index: number): string {
  const next = (index + 1) % DEEP_FOLDERS;
  const outer = numbered(OUTER_MODULES, (n) => `from outer${n}.deep import one, other\n`);
  return `from snake.part${next}.core import turn\n${outer.join("")}def turn(): pass\n`;
}

beforeAll(async () => {
  const importing = 'import Hut from "../shelter.ts";\nnew Hut();\n';
  const passing = numbered(PASSED_ON, (n) => `export * from "./parts/part${n}.ts";\n`);
  const last = `part${PASSED_ON - 1}`;
  indexed = await IndexedRepository.create("acme/crowd", {
    "shelter.ts": "export default class Shelter {}\n",
    ...files(IMPORTERS, (n) => `huts/hut${n}.ts`, () => importing),
    "parts.ts": passing.join(""),
    ...files(PASSED_ON, (n) => `parts/part${n}.ts`, (n) => `export function part${n}() {}\n`),
    "use.ts": `import { ${last} as piece } from "./parts.ts";\npiece();\n`,
    ...files(SOME, (n) => `defaults/file${n}.ts`, (n) => `export default function real${n}() {}\n`),
    "some.ts": calling("callsSome", SOME, (n) => `./defaults/file${n}.ts`),
    "many.ts": calling("callsMany", MANY, () => "./shelter.ts"),
    "relay/hop0.ts": "export function carried() {}\n",
    ...files(HOPS, (n) => `relay/hop${n + 1}.ts`, (n) => `export * from "./hop${n}.ts";\n`),
    ...files(FILES_OF_THEIR_OWN, (n) => `own/file${n}.ts`, () => namesOfItsOwn()),
    "go/go.mod": "module acme.dev/go\n\ngo 1.22\n",
    "go/scan/scan.go": "package scan\n\nfunc Scan() {}\n",
    "go/main.go": callingOthersFirst(),
    "tool.ts": "export function tool() {}\n",
    ...files(
      SOME,
      (n) => `uses/file${n}.ts`,
      () => 'import { tool } from "../tool.ts";\ntool();\n',
    ),
    // Of another Hut, by another name, behind all who have the word.
    "another.ts": "export function Hut() {}\n",
    "renamed.ts": 'export { Hut as Cabin } from "./another.ts";\n',
    "cabin.ts": 'import { Cabin } from "./renamed.ts";\nCabin();\n',
    "deep/under/snake/__init__.py": "",
    ...files(DEEP_FOLDERS, (n) => `deep/under/snake/part${n}/core.py`, deepModule),
    ...files(NAMESAKES, (n) => `namesakes/folder${n}/helper.py`, () => "def turn(): pass\n"),
    "near/helper.py": "def turn(): pass\n",
    "near/use.py": "import helper\n",
    "db/schema.sql": schema(),
    "db/report.sql": `select id from table${TABLES - 1};\n`,
    "far.ts": `import { carried as far } from "./relay/hop${HOPS}.ts";\nfar();\n`,
  });
});
afterAll(() => indexed[Symbol.asyncDispose]());

function get(route: string, parameters: Record<string, string>): Promise<Body> {
  return indexed.get(route, parameters);
}

const WHOLE = { complete: true, incomplete_reason: null };
const CUT = { complete: false, incomplete_reason: "work_budget" };

test("the first references from a definition say that importers were left out", async () => {
  const asked = { name: "Shelter", defined_in: "shelter.ts", role: "call", limit: "200" };
  expect(await get("references", asked)).toMatchObject(CUT);
});

test("a change of a large schema reaches who uses its last table, and nothing is left out", async () => {
  expect(await get("impact", { path: "db/schema.sql", depth: "1" }))
    .toMatchObject({ files: [{ path: "db/report.sql", line: 1 }], ...WHOLE });
});

test("so do the last: what the first page lacks no later one brings", async () => {
  const asked = { name: "Shelter", defined_in: "shelter.ts", role: "call", limit: "200" };
  let page = await get("references", asked);
  for (let cursor = page["next_cursor"]; typeof cursor === "string"; cursor = page["next_cursor"]) {
    page = await get("references", { ...asked, cursor });
  }
  expect(page).toMatchObject(CUT);
});

test("references are not whole where a file that gives another name is not among the first read", async () => {
  const asked = { name: "Hut", defined_in: "another.ts", role: "call", limit: "200" };
  const uses: unknown[] = [];
  let page = await get("references", asked);
  for (let cursor = page["next_cursor"]; typeof cursor === "string"; cursor = page["next_cursor"]) {
    uses.push(...page["references"] as unknown[]);
    page = await get("references", { ...asked, cursor });
  }
  uses.push(...page["references"] as unknown[]);
  expect(uses).toHaveLength(IMPORTERS);
  expect(page).toMatchObject({ renaming_files: ["renamed.ts"], ...CUT });
});

test("a page of uses of a definition is filled behind uses of others, which are none", async () => {
  const asked = { name: "Scan", defined_in: "go/scan/scan.go", role: "call", limit: "5" };
  const page = await get("references", asked);
  expect(page["references"]).toHaveLength(OWN_USES);
  expect(page).toMatchObject({ next_cursor: null, ...WHOLE });
});

test("behind more uses of others than are looked at for a page the next ones go on", async () => {
  const asked = { name: "Scan", defined_in: "go/scan/scan.go", role: "call", limit: "1" };
  const pages = [await get("references", asked)];
  for (let cursor = pages[0]?.["next_cursor"]; typeof cursor === "string";) {
    const page = await get("references", { ...asked, cursor });
    pages.push(page);
    cursor = page["next_cursor"];
  }
  const sizes = pages.map((page) => (page["references"] as unknown[]).length);
  expect(sizes.slice(0, 3)).toEqual([0, 0, 1]);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(OWN_USES);
});

test("what a position means is not whole where more is passed on than is followed", async () => {
  expect(await get("definitions/at", { path: "use.ts", line: "2", column: "1" }))
    .toMatchObject({ name: "piece", ...CUT });
});

test("what a position means is not whole where it is passed on more often than is followed", async () => {
  expect(await get("definitions/at", { path: "far.ts", line: "2", column: "1" }))
    .toMatchObject({ name: "far", ...CUT });
});

test("an overview tells what is used most beside names that files have for their own", async () => {
  const body = await get("overview", {});
  const names = (body["most_referenced_symbols"] as { name: string }[]).map(({ name }) => name);
  expect(names).toContain("tool");
});

test("callees are found through all imports of a function", async () => {
  const body = await get("callees", { name: "callsSome" });
  const calls = body["calls"] as { to: { name: string } }[];
  expect(calls.map(({ to }) => to.name)).toEqual(numbered(SOME, (n) => `real${n}`));
  expect(body).toMatchObject({ outside: ["beyond"], complete: true });
});

test("a name is from outside only if it was looked for", async () => {
  const body = await get("callees", { name: "callsMany" });
  expect(body).toMatchObject({ name: "callsMany", outside: ["beyond"], ...CUT });
  expect((body["calls"] as unknown[]).length).toBeGreaterThan(SOME);
});

test("a circle of Python is whole, however many places its imports may mean", async () => {
  const body = await get("cycles", { prefix: "deep/" });
  const cycles = body["cycles"] as { files: string[] }[];
  expect(cycles.map((each) => each.files.length)).toEqual([DEEP_FOLDERS]);
  expect(body).toMatchObject({ complete: true });
});

test("a module of Python is found beside more of its name than are told", async () => {
  const body = await get("dependencies", { path: "near/use.py" });
  expect(body).toMatchObject({ edges: [{ to: "near/helper.py" }], complete: true });
});
