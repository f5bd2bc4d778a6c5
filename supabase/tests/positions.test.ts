// What stands on one line, and files that are more than an answer holds: positions told by their column,
// reserved words, and outlines page by page; over HTTP, from a real push, through the real indexer.

import { afterAll, beforeAll, expect, test } from "vitest";
import { OUTLINE_ENTRIES_MAX } from "../functions/_shared/contracts/limits.ts";
import { type Body, IndexedRepository } from "./support/indexed_repository.ts";
import { connectMcp } from "./support/mcp_client.ts";

let indexed: IndexedRepository;

const CONSTANTS = 2 * OUTLINE_ENTRIES_MAX + 500;
const LINES = [
  "export function first() { return 1; } export function second() { return first(); }",
  "class Pair { left() { return needle; } right() { return other; } }",
  "delete cache.delete;",
  "second();",
  "  return needle;",
];
const PAIR = [
  '#include "swap.h"',
  '#include "pair.h"',
  "int first_of(struct pair *p) { int flags = p->flags; return flags + swap; }",
];
const LOCALS = [
  "export function walk(count: number) {",
  "  const needlework = count + first;",
  "  const step = () => needlework;",
  "  return step() + nowhere.needlework + parseInt(1);",
  "}",
  "export const top = 1;",
  "export const other = top;",
];
/** Minified code: one line, with what is looked for at its end, behind what has other numbers in bytes. */
const FAR = `${"q".repeat(900_000)}${"ü".repeat(600)}needleL(1);needleL(2);`;
const files: Readonly<Record<string, string>> = {
  "c/pair.h": "struct pair { int flags; };\nstruct a { int flags; };\nstruct b { int flags; };\n" +
    "struct c { int flags; };\nint first_of(struct pair *p);\nint swap;\n",
  "c/pair.c": `${PAIR.join("\n")}\n`,
  "c/swap.h": "struct other { int swap; };\n",
  "src/lines.ts": `${LINES.join("\n")}\n`,
  // What a reserved word is taken for, if it is taken for a name.
  "src/keys.ts": "export const remove = { delete() {}, return() {} };\n",
  "src/locals.ts": `${LOCALS.join("\n")}\n`,
  "far.txt": `${FAR}\n`,
  "src/bound.ts":
    "export function load() {\n  return 1;\n}\nexport const {\n  boundLeft,\n  boundRight,\n} = load();\n",
  "src/main.go": "package main\n\nfunc (s *Server) Serve() error {\n\treturn nil\n}\n",
  "src/big.ts": 'import "./lines.ts";\n' +
    Array.from({ length: CONSTANTS }, (_, number) => `export const c${number} = ${number};\n`)
      .join(""),
};

beforeAll(async () => {
  indexed = await IndexedRepository.create("acme/places", files);
});
afterAll(() => indexed[Symbol.asyncDispose]());

function get(route: string, parameters: Record<string, string>): Promise<Body> {
  return indexed.get(route, parameters);
}

/** What is at the first character of a word of a line, the one so many words further on. */
async function at(line: number, word: string, route = "definitions/at", skip = 0): Promise<Body> {
  const text = LINES[line - 1] ?? "";
  let column = text.indexOf(word);
  for (let count = 0; count < skip; count++) column = text.indexOf(word, column + 1);
  return await get(route, { path: "src/lines.ts", line: `${line}`, column: `${column + 1}` });
}

test("of two definitions on a line the column tells which is around a position", async () => {
  expect((await at(1, "return 1"))["enclosing"]).toBe("first");
  expect((await at(1, "first();"))["enclosing"]).toBe("second");
  expect((await at(2, "needle"))["enclosing"]).toBe("Pair.left");
  expect((await at(2, "other"))["enclosing"]).toBe("Pair.right");
  // Without a column the whole line is meant.
  expect((await get("definitions/at", { path: "src/lines.ts", line: "4" }))["enclosing"])
    .toBeNull();
});

test("a line that is found is told with the one of its definitions that the match is in", async () => {
  const enclosing = async (q: string) => {
    const { files: found } = await get("search", { q: `${q} path:lines`, view: "files" });
    return (found as { matches: { enclosing: { name: string } | null }[] }[])[0]?.matches[0]
      ?.enclosing;
  };
  expect(await enclosing("needle")).toMatchObject({ name: "left" });
  expect(await enclosing("other")).toMatchObject({ name: "right" });
  expect(await enclosing("cache.delete")).toBeNull();
});

test("what a line defines is in no other definition of the same declaration", async () => {
  const { files: found } = await get("search", { q: "boundLeft", view: "files" });
  expect(found).toMatchObject([{ path: "src/bound.ts", matches: [{ line: 5, enclosing: null }] }]);
});

test("a long line is shown around its first match, and told where that is in both units", async () => {
  const { files: found } = await get("search", { q: "needleL", view: "files" });
  const [match] = (found as { matches: Record<string, unknown>[] }[])[0]?.matches ?? [];
  const column = FAR.indexOf("needleL") + 1;
  const byteColumn = new TextEncoder().encode(FAR.slice(0, column - 1)).length + 1;
  expect(match?.["ranges"]).toEqual([
    { column, length: 7, byte_column: byteColumn, byte_length: 7 },
    { column: column + 11, length: 7, byte_column: byteColumn + 11, byte_length: 7 },
  ]);
  const from = Number(match?.["text_column"]) - 1;
  expect(FAR.slice(from, from + 1000)).toBe(match?.["text"]);
  expect(match?.["text"]).toContain("needleL(2)");
});

test("an agent is shown a long line around its match, with the column of it", async () => {
  const client = await connectMcp(indexed.stack.functionsUrl, indexed.stack.apiKey);
  const answer = await client.callTool({ name: "search_code", arguments: { query: "needleL" } });
  await client.close();
  const [{ text } = { text: "" }] = answer.content as { text: string }[];
  const column = FAR.indexOf("needleL") + 1;
  expect(text).toMatch(new RegExp(`^1:${column}: …ü+needleL\\(1\\);needleL\\(2\\);$`, "m"));
});

test("an agent asks for the definition under a position, by the tool that knows names", async () => {
  const client = await connectMcp(indexed.stack.functionsUrl, indexed.stack.apiKey);
  const ask = async (parameters: Record<string, unknown>) => {
    const where = { repository: "acme/places", path: "src/lines.ts", ...parameters };
    const answer = await client.callTool({ name: "find_definitions", arguments: where });
    return (answer.content as { text: string }[])[0]?.text;
  };
  const column = (LINES[0] ?? "").indexOf("first();") + 1;
  expect(await ask({ line: 1, column })).toMatch(
    /^At src\/lines\.ts:1: first  call  in second\nacme\/places at \w+\nacme\/places src\/lines\.ts\n1: function  .*first\(\).*\n1 definition\.$/,
  );
  expect(await ask({ path: "src/locals.ts", line: 3, column: 22 }))
    .toMatch(
      /needlework  in walk\nIt may be a name of a function alone.*\nNo definition\.$/,
    );
  // Of many members that such a name hardly means some are enough.
  expect(await ask({ path: "c/pair.c", line: 3, column: (PAIR[2] ?? "").indexOf("flags +") + 1 }))
    .toMatch(/\n3 definitions\. Not complete \(more_results\)/);
  expect(await ask({ line: 3, column: 1 })).toMatch(/a keyword of the language\nNo definition\.$/);
  expect(await ask({ name: "first", line: 1 })).toMatch(/^invalid_parameter: name: goes with no/);
  expect(await ask({ column: 3 })).toMatch(/^invalid_parameter: line: is missing/);
  expect(await ask({})).toMatch(/^invalid_parameter: name: is missing/);
  await client.close();
});

test("a reserved word is said to be one, and is no name of a definition", async () => {
  for (const [line, word] of [[3, "delete"], [1, "return"], [2, "return"]] as const) {
    expect(await at(line, word), word).toMatchObject({
      name: null,
      role: "keyword",
      definitions: [],
      complete: true,
    });
  }
  // As a member it is a name like any other.
  expect(await at(3, "delete;")).toMatchObject({
    name: "delete",
    definitions: [{ path: "src/keys.ts", name: "delete" }],
  });
});

test("a reserved word that begins a definition stands for it", async () => {
  const named = async (line: number, word: string, skip = 0) => {
    const { name, role } = await at(line, word, "definitions/at", skip);
    return [name, role];
  };
  expect(await named(1, "export")).toEqual(["first", "definition"]);
  expect(await named(1, "export", 1)).toEqual(["second", "definition"]);
  expect(await named(1, "function", 1)).toEqual(["second", "definition"]);
  expect(await named(2, "class")).toEqual(["Pair", "definition"]);
  expect(await get("definitions/at", { path: "src/main.go", line: "3" }))
    .toMatchObject({ name: "Serve", role: "definition" });
});

test("without a column a position is the first name of its line, whatever stands before it", async () => {
  expect(await get("definitions/at", { path: "src/lines.ts", line: "5" }))
    .toMatchObject({ name: "needle" });
  expect(await get("definitions/at", { path: "src/lines.ts", line: "3" }))
    .toMatchObject({ name: "cache" });
});

test("a name that a function has for itself is said to be one, as far as can be told", async () => {
  const mayBeLocal = async (line: number, word: string) => {
    const column = `${(LOCALS[line - 1] ?? "").indexOf(word) + 1}`;
    const place = { path: "src/locals.ts", line: `${line}`, column };
    return (await get("definitions/at", place))["may_be_local"];
  };
  expect(await mayBeLocal(1, "count")).toBe(true);
  expect(await mayBeLocal(2, "needlework")).toBe(true);
  expect(await mayBeLocal(3, "needlework")).toBe(true);
  expect(await mayBeLocal(4, "step")).toBe(true);
  expect(await get("definitions/at", { path: "far.txt", line: "1" }))
    .toMatchObject({ may_be_local: false });
  // Others: a member, a definition, one that is defined in the same file or beside it.
  expect(await mayBeLocal(4, "needlework")).toBe(false);
  expect(await mayBeLocal(1, "walk")).toBe(false);
  expect(await mayBeLocal(7, "top")).toBe(false);
  expect(await mayBeLocal(2, "first")).toBe(false);
  const callers = await get("callers", { path: "src/locals.ts", line: "4", column: "10" });
  expect(callers).toMatchObject({ code: "definition_not_found" });
  expect(callers["next_step"]).toContain("a function has for itself");
  const uses = { name: "needlework", defined_in: "src/locals.ts" };
  expect(await get("references", uses)).toMatchObject({ defined_there: false });
  expect(await get("references", { ...uses, name: "walk" })).toMatchObject({ defined_there: true });
  expect(await get("references", { name: "walk" })).toMatchObject({ defined_there: null });
});

test("a name without an owner is hardly a member where members are named with theirs", async () => {
  const text = PAIR[2] ?? "";
  const at = async (column: number) =>
    await get("definitions/at", { path: "c/pair.c", line: "3", column: `${column + 1}` });
  expect(await at(text.indexOf("flags;"))).toMatchObject({ may_be_local: false });
  expect(await at(text.indexOf("flags +"))).toMatchObject({ may_be_local: true });
  expect(await at(text.indexOf("swap"))).toMatchObject({
    may_be_local: false,
    definitions: [{ kind: "variable", path: "c/pair.h" }, { kind: "field", path: "c/swap.h" }],
  });
});

test("calls from a reserved word are those of what it begins, or a clear error", async () => {
  expect((await at(1, "export", "callers", 1))["calls"]).toMatchObject([{ line: 4 }]);
  expect(await at(1, "return", "callers")).toMatchObject({
    code: "definition_not_found",
    detail: "return is a word of the language here: give the line and column of a name.",
  });
});

test("an outline of more than an answer holds is told page by page, each entry once", async () => {
  const names: string[] = [];
  let next: number | null = 1;
  let pages = 0;
  while (next !== null) {
    const page = await get("outline", { path: "src/big.ts", start_line: `${next}` });
    const definitions = page["definitions"] as { name: string }[];
    const imports = page["imports"] as unknown[];
    expect(definitions.length + imports.length).toBeLessThanOrEqual(OUTLINE_ENTRIES_MAX);
    expect(imports).toHaveLength(pages === 0 ? 1 : 0);
    expect(page["truncated"]).toBe(page["next_start_line"] !== null);
    names.push(...definitions.map(({ name }) => name));
    next = page["next_start_line"] as number | null;
    pages += 1;
  }
  expect(pages).toBe(3);
  expect(names).toEqual(Array.from({ length: CONSTANTS }, (_, number) => `c${number}`));
  expect(await get("outline", { path: "src/lines.ts" }))
    .toMatchObject({ truncated: false, next_start_line: null });
});

test("an agent is told where to go on with an outline", async () => {
  const client = await connectMcp(indexed.stack.functionsUrl, indexed.stack.apiKey);
  const outline = async (parameters: Record<string, unknown>) => {
    const answer = await client.callTool({
      name: "outline_file",
      arguments: { repository: "acme/places", path: "src/big.ts", ...parameters },
    });
    return (answer.content as { text: string }[])[0]?.text ?? "";
  };
  const first = await outline({ token_budget: 400 });
  const line = /Go on with start_line=(\d+)\.$/.exec(first)?.[1];
  const last = /(\d+)-\d+ constant/g;
  const shown = [...first.matchAll(last)].map((match) => Number(match[1]));
  expect(Number(line)).toBe((shown.at(-1) ?? 0) + 1);
  const second = await outline({ token_budget: 400, start_line: Number(line) });
  expect(Number(/(\d+)-\d+ constant/.exec(second)?.[1])).toBe(Number(line));
  await client.close();
});
