import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, expect, test, vi } from "vitest";
import { Parser, type Tree } from "web-tree-sitter";
import { createSymbolParser } from "./parser.ts";

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
