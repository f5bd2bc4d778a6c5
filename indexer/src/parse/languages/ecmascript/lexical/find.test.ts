import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { createSymbolCollector } from "../../../declarations/collector.ts";
import { ImportTokens } from "../../../declarations/import_tokens.ts";
import { Lexer } from "../../../tokens/lexer.ts";
import { createSymbolParser } from "../../../parser.ts";
import { loadLanguages } from "../../registry.ts";

const supportedLanguages = await loadLanguages();

const byGrammar = createSymbolParser({ now: () => performance.now(), grammarsOnly: true });
afterAll(() => byGrammar.close());

/** What the tokens say; null where they do not say enough. */
function found(language: string, text: string) {
  const support = supportedLanguages.get(language);
  if (!support?.grammar || support.find === undefined || support.references === null) {
    throw new Error(`${language} is not found by tokens`);
  }
  const lexer = new Lexer(support.references.lexis);
  const collector = createSymbolCollector(text, support.comments);
  if (!support.find(lexer.lex(text), lexer.identifiers, collector)) return null;
  support.findImports?.(new ImportTokens(lexer.tokens, lexer.identifiers, collector));
  return { symbols: collector.symbols, imports: collector.imports };
}

async function parsed(language: string, text: string) {
  const outcome = await byGrammar.parse({ language, text, sizeBytes: text.length });
  if ("skip" in outcome) throw new Error(outcome.skip);
  return { symbols: outcome.symbols, imports: outcome.imports };
}

const BOTH = [
  "function a(b, c = { d: 1 }) { return b }\nasync function* e() {}",
  "const a = () => 1, b = async c => { await c }, d = function () {}, e = (function f() {})",
  "const a = b\n  .c()\n  .d\nlet e = 1\nvar f",
  "const { a, b: c, d: { e = 1 }, ...f } = g, [h, , [i] = []] = j",
  "const a = `${b + `${c}`}\n`\nconst d = 1",
  "const a = require('a')\nconst { b } = require('b').c\nconst d = require('d').e.f",
  "a.b = function () {}\na.b.prototype.c = async () => {}\nthis.d = e.f = function () {}",
  "module.exports = { a() {}, b: () => 1, 'c': function () {}, d, ...e, [f]: (g) => g, h: 1 }",
  "module.exports = class A { b() {} }\nexports.c = class { d = 1 }",
  "exports.a = function a() {}.bind(b)\nexports.c = (function () { return d })()",
  "if (a) { function b() {} } else if (c) d()\nelse { e() }\nfunction f() {}",
  "for (const a of b) c(a)\nwhile (a) { b++ }\ndo a--; while (b)\nfunction c() {}",
  "try { a() } catch { b() } finally { c() }\nswitch (a) { case 1: break }\na: for (;;) {}\nlet b",
  "class A extends (b, C) { static #d = 1; get e() { return 1 } set e(f) {} *g() {} async h() {} }",
  'class A { static { b() } "c d" = 1; ["e"]() {}; [f.g]() {} 1() {} static = 2; get = 3 }',
  "export default function () {}\nexport { a as b, c }\nconst a = 1, c = 2, d = 3",
  "export default class extends A { b() {} }",
  "export default { a() {}, b: () => {} };",
  "export default async (a) => a\nexport const b = 1",
  'import a, { b as c, default as d } from "e"\nimport * as f from "f"\nimport "g"\nimport("h")',
  'export * from "a"; export * as b from "b"; export { c as d } from "e"',
  "a\n++b\nlet c = a\n/ 1 / b\nconst d = e ? f : g",
  "function a(b) { return (b << 1) | 1 << b }\nconst c = (d) << 1, e = f < g",
  "const b = c.default < d, e = f.case > g\nwhile (a++ < b && c-- < d) {}",
  "$: a = b\n$: ({ c, d: e } = f);\n$: [g] = h;\n$: if (a) i = j\n$: k.l = 1\n$: { m = n }\n$: o = () => { p }",
  '"use strict"\n;(function () {})()\n!function () {}()\nfunction a() {}',
];

const TYPED = [
  "function a(b: string): { c: number };\nfunction a(b: any): any { return b }",
  "const a = new Map<string, number>(), b = c < d, e: (f: g) => h = i\nlet j!: K<L, M>",
  "const a = <T,>(b: T): b is C => true, d = async <T>(e: T) => e, f = (g): h => g",
  "const a = { b: 1 } as const\nconst c = (() => 1) satisfies D\nconst e = f as G<H>[]",
  "export interface A<B = {}> extends C<B>, D { e?: string; readonly f: G\n h(): void, new (i: J): K;\n" +
  "  (l: M): N; [o: string]: P; get q(): R; 's-t': U }",
  "export type A<B> = { [C in keyof B]?: B[C] }\ntype D = | 'e' | `f${G}`\ntype H = { i: J; k(): L };",
  "type A<B> = B extends (infer C)[]\n  ? C\n  : never\ntype D = new () => E",
  "export abstract class A<B> extends C<{ d: E }> implements F, G {\n  protected abstract h(): void;\n" +
  "  constructor(private readonly i: J, public k = 1, l?: M) { super() }\n" +
  "  static async *n<O>(): AsyncIterable<O> {}\n  declare p: Q;\n  override r = (s: T): U => s;\n}",
  "enum A { B, C = 1 << 2, 'D' = B | C }\ndeclare const enum E { F }\nexport enum G {}",
  "declare global { interface A { b: C } var d: E }\ndeclare module 'f' { export function g(): void }",
  "namespace A.B { export const c = 1; const d = 2; namespace E { function f() {} } }",
  "declare namespace A { const b: C; function d(): E; class F { g(): H; i: J } }",
  "@A()\n@B.c({ d: 1 })\nexport class E { f = 1 }\n@G class H {}",
  'import type { A } from "a"\nimport { type B, C } from "b"\nimport d = require("d")\nexport type { E } from "e"',
  "const a = { b: 1 } satisfies C<D, E>\nconst f = (g) as H<I<J>>\nlet k = l as M<N>\n  .o()\ntype P = Q",
  "export const a = b(\n  c,\n) as D<E>\n\nexport interface F { g: H }\nconst i = j as K<L>\n;(m)",
  "export = a\nexport as namespace B;",
  "import a = require('a')\nexport import B = a.B;\nexport import c = a\nexport const d = 1",
  "declare global { namespace A { export import b = globalThis.b; const c: D } }",
  "export default interface A { b: C }\nexport declare function d<E extends F>(g: E): asserts g is H;",
  "let a: typeof b.c, d: keyof typeof e, f: unique symbol, g: readonly string[]",
];

describe("tokens say what the grammar says", () => {
  test.each(BOTH)("JavaScript: %s", async (text) => {
    expect(found("JavaScript", text)).toEqual(await parsed("JavaScript", text));
  });

  test.each([...BOTH, ...TYPED])("TypeScript: %s", async (text) => {
    expect(found("TypeScript", text)).toEqual(await parsed("TypeScript", text));
  });
});

describe("what the tokens cannot tell is left to the grammar", () => {
  test.each([
    ["JavaScript", "const a = <div>it's</div>"],
    ["JavaScript", "function a() { return <B /> }"],
    ["JavaScript", "function a( { }"],
    ["JavaScript", "const a = 'no end\nfunction b() {}"],
    ["JavaScript", "enum A { B }"],
    ["TypeScript", "class A { @B<C>() d: E }"],
    ["TypeScript", "const a = (b): (c) => d => e"],
    ["TypeScript", "class { a() {} }"],
    ["TypeScript", "const a = b\nas C"],
    ["TypeScript", "export class A { good(): void {} bad(: { }"],
  ])("%s: %s", (language, text) => {
    expect(found(language, text)).toBeNull();
  });
});

describe("where the grammar errs the tokens do not", () => {
  test.each([
    ["interface A { b: C\n[d: string]: E\n(f: G): H\n<I>(j: I): K\nl: M }", ["A", "b", "l"]],
    ["interface A { abstract: boolean; b: C }", ["A", "abstract", "b"]],
    ["declare class A { b(): import('c').D<E>;\n f(): G; }", ["A", "b", "f"]],
  ])("%s", (text, names) => {
    expect(found("TypeScript", text)?.symbols.map(({ name }) => name)).toEqual(names);
  });

  test("a comment behind a method or a type is no part of it", () => {
    const symbols = found("TypeScript", "class A {\n  b() {} // c\n}\ntype D = E // f\n")?.symbols;
    expect(symbols?.map(({ name, endColumn }) => [name, endColumn])).toEqual(
      [["A", 2], ["b", 9], ["D", 11]],
    );
  });

  test("types are imported by every form of the word", () => {
    const text = 'export type * from "a"\nimport type * as b from "c"';
    const imports = found("TypeScript", text)?.imports;
    expect(imports?.map(({ specifier, typeOnly }) => [specifier, typeOnly])).toEqual(
      [["a", true], ["c", true]],
    );
  });
});

test("any splice of sources is found or left alone, within its text", () => {
  const sources = [...BOTH, ...TYPED];
  const piece = fc.record({ at: fc.nat(sources.length - 1), from: fc.nat(200), to: fc.nat(200) });
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 4 }), (pieces) => {
      const text = pieces.map(({ at, from, to }) => sources[at]?.slice(from, to)).join("");
      for (const language of ["JavaScript", "TypeScript"]) {
        const lines = text.split("\n");
        for (const symbol of found(language, text)?.symbols ?? []) {
          const line = lines[symbol.startLine - 1] ?? "";
          expect(line.slice(symbol.startColumn - 1)).toContain(symbol.name.split(" ")[0]);
        }
      }
    }),
    { numRuns: 2000 },
  );
});
