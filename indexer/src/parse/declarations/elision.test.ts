import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { elideBodies } from "./elision.ts";
import { loadLanguages } from "../languages/registry.ts";
import { Lexer } from "../tokens/lexer.ts";

const supportedLanguages = await loadLanguages();

function elisionOf(language: string): (text: string) => string | null {
  const support = supportedLanguages.get(language);
  const rules = support?.grammar === null ? null : support?.references;
  if (!rules?.elision) throw new Error(`no elision of ${language}`);
  const lexer = new Lexer(rules.lexis);
  const { elision } = rules;
  return (text) => elideBodies(text, lexer.lex(text), lexer.identifiers, elision);
}

/** What is left, in one line. */
function left(language: string, text: string): string | null {
  return elisionOf(language)(text)?.replaceAll(/\s+/g, " ") ?? null;
}

const BODY = "{ some(longer, body); }";

describe("bodies that hold no definitions are blanked", () => {
  test.each([
    ["Go", `func a() ${BODY}`, "func a() { }"],
    ["Go", "var a = map[string]int{ one: 1, two: 2, three: 3 }", "var a = map[string]int{ }"],
    ["TypeScript", `class A { b(): C ${BODY} }`, "class A { b(): C { } }"],
    ["TypeScript", `const a = () => ${BODY};`, "const a = () => { };"],
    [
      "Java",
      `class A extends B { void c() throws D ${BODY} }`,
      "class A extends B { void c() throws D { } }",
    ],
    ["C", `struct a *b(int c) ${BODY}`, "struct a *b(int c) { }"],
    ["C", "int a[] = { 1, 2, 3, 4, 5, 6, 7, 8 };", "int a[] = { };"],
    ["C++", `namespace a { int b() const ${BODY} }`, "namespace a { int b() const { } }"],
    ["C++", `extern "C" { int b() ${BODY} }`, 'extern "C" { int b() { } }'],
    ["C#", `class A { int B(int c) ${BODY} }`, "class A { int B(int c) { } }"],
    ["Rust", `impl A for B { fn c(&self) -> D ${BODY} }`, "impl A for B { fn c(&self) -> D { } }"],
    ["PHP", `<?php class A { function b() ${BODY} }`, "<?php class A { function b() { } }"],
    ["Kotlin", `class A(val b: C) { fun d() ${BODY} }`, "class A(val b: C) { fun d() { } }"],
    ["Scala", `class A(b: C) { def d = ${BODY} }`, "class A(b: C) { def d = { } }"],
    ["Zig", `const A = struct { fn b() void ${BODY} };`, "const A = struct { fn b() void { } };"],
  ])("%s: %s", (language, text, kept) => {
    expect(left(language, text)).toBe(kept);
  });
});

describe("bodies with definitions stay", () => {
  test.each([
    ["TypeScript", "class A extends mixin(B) { field = 1; other = 2 }"],
    ["TypeScript", "const a: (b: C) => D = { method() {}, other() {} };"],
    ["Java", "enum A { B(1) { void method() {} }, C(2); }"],
    ["C", "struct __attribute__((packed)) { int field; int other; };"],
    ["C++", "template <class T = int> struct A { int field; int other; };"],
    ["Kotlin", "class Point(val x: Int) { val field = 1; val y = 2 }"],
    ["Rust", "trait A: B<Item = C> { type D; const E: usize; }"],
    ["Zig", "fn A(comptime B: type) type { return struct { c: B }; }"],
  ])("%s: %s", (language, text) => {
    expect(elisionOf(language)(text)).toBeNull();
  });

  test("where braces do not fit together", () => {
    expect(elisionOf("Go")(`func a() ${BODY}\nfunc b() {`)).toBeNull();
    expect(elisionOf("Go")(`func a() ${BODY} }`)).toBeNull();
  });

  test("but the branches of a preprocessor count once", () => {
    const text = `int a(void) {\n#if B\nif (c) {\n#else\nif (d) {\n#endif\n  e(); } }\nint f;`;
    expect(left("C", text)).toBe("int a(void) { } int f;");
  });
});

describe.each(
  Array.from(supportedLanguages).flatMap(([language, support]) =>
    support.grammar !== null && support.references?.elision ? [language] : []
  ),
)("what is left of any text of %s", (language) => {
  const elide = elisionOf(language);

  test("stands where it stood", () => {
    const parts = fc.constantFrom(
      ..."(){}[];=,\n",
      "class A ",
      "fn f",
      "func f",
      "enum ",
      " word ",
      '"text"',
      "=> ",
      "#if A\n",
      "#else\n",
      "#endif\n",
      BODY,
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 40 }), (texts) => {
        const text = texts.join("");
        const elided = elide(text);
        if (elided === null) return;
        expect(elided).toHaveLength(text.length);
        for (let index = 0; index < text.length; index++) {
          expect([text[index], text[index] === "\n" ? "\n" : " "]).toContain(elided[index]);
        }
      }),
    );
  });
});
