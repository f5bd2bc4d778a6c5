import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, expect, test, vi } from "vitest";
import { Parser, type Tree } from "web-tree-sitter";
import { GRAMMAR_FAILURES_MAX } from "./grammars.ts";
import { createSymbolParser } from "../parser.ts";

const METHODS = "fun f(a: Int): Int {\n  return a\n}\n".repeat(300);
/** Parsed twice: the first tree shows the mistake, and the parse of what is repaired is the one to throw. */
const MISTAKEN = `class A {\n${METHODS}val x = = 3\nfun last() {}\n}\n`;

async function collectGarbage(): Promise<void> {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect !== "function") throw new Error("no gc");
  for (let round = 0; round < 3; round++) {
    collect();
    // What finalizers do, they do between turns of the event loop.
    await sleep(0);
  }
}

afterEach(() => vi.restoreAllMocks());

test.each(["Error", "RuntimeError"])(
  "a parser that threw %s and its tree are never freed: a broken grammar may end the process then",
  async (name) => {
    const made: WeakRef<object>[] = [];
    const original: Parser["parse"] = Reflect.get(Parser.prototype, "parse");
    vi.spyOn(Parser.prototype, "parse").mockImplementation(function (this: Parser, ...args) {
      if (made.length > 0) throw Object.assign(new Error("a trap"), { name });
      const tree: Tree | null = original.apply(this, args);
      made.push(new WeakRef(this));
      if (tree !== null) made.push(new WeakRef(tree));
      return tree;
    });
    const parser = createSymbolParser({ now: () => 0 });
    const source = { language: "Kotlin", text: MISTAKEN, sizeBytes: MISTAKEN.length };
    expect(await parser.parse(source)).toEqual({ skip: "parse_failed" });
    vi.restoreAllMocks();
    await collectGarbage();
    expect(made.map((each) => each.deref() !== undefined)).toEqual([true, true]);
    parser.close();
  },
);

test("a grammar that failed too often is given no more files, and the others go on", async () => {
  let isBroken = true;
  const parser = createSymbolParser({
    now: () => {
      if (isBroken) throw new Error("thrown in the midst of a parse");
      return 0;
    },
  });
  const parse = (language: string, text: string) =>
    parser.parse({ language, text, sizeBytes: text.length });
  for (let failures = 0; failures < GRAMMAR_FAILURES_MAX; failures += 1) {
    expect(await parse("Lua", "function f() end")).toEqual({ skip: "parse_failed" });
  }
  isBroken = false;
  expect(await parse("Lua", "function f() end")).toEqual({ skip: "parse_failed" });
  expect(await parse("Ruby", "def f; end")).toMatchObject({ symbols: [{ name: "f" }] });
  parser.close();
});

test("a parser is sound until a file breaks a grammar of it", async () => {
  let isBroken = false;
  const parser = createSymbolParser({
    now: () => {
      if (isBroken) throw new Error("thrown in the midst of a parse");
      return 0;
    },
  });
  const source = { language: "Lua", text: "function f() end", sizeBytes: 16 };
  await parser.parse(source);
  expect(parser.isSound).toBe(true);
  isBroken = true;
  await parser.parse(source);
  expect(parser.isSound).toBe(false);
  parser.close();
});
