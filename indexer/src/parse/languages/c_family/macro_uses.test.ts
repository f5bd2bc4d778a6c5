import { expect, test } from "vitest";
import { declaredIn, MACRO_PARTS_MAX, macroUses, type Part } from "./macro_uses.ts";

function namesUsedIn(text: string): string[] {
  const span = { kind: "macro", nameStart: 8, nameEnd: 9, start: 0, end: text.length } as const;
  return macroUses([])(text, [span]).map(({ name }) => name);
}

/** What the body declares, and how often a part of it was looked at. */
function countedDeclarations(words: readonly string[]) {
  const parts = words.map((text, start): Part => ({ text, start, isWord: /^\w/.test(text) }));
  let reads = 0;
  const counted = new Proxy(parts, {
    get(target, key) {
      if (typeof key === "string" && /^\d+$/.test(key)) reads++;
      return Reflect.get(target, key);
    },
  });
  return { names: declaredIn(counted), reads };
}

test("a macro declares what stands behind a type, or behind a typeof of any depth", () => {
  expect(namesUsedIn("#define X int a = 1; typeof((p)(q)) *b = r; f(s) c; a + b + c")).toEqual(
    ["int", "p", "q", "r", "f", "s", "c", "c"],
  );
});

test("parentheses that close nothing, or are not closed, end no typeof", () => {
  expect(namesUsedIn("#define X ) a; typeof(p) ) b; typeof(q (r) c;")).toEqual(
    ["a", "p", "b", "q", "r", "c"],
  );
});

test.each([[") a ;"], ["( ) a ;"], ["( a ;"], ["* a ="]])(
  "a body of %s over and over costs the same for each of its parts",
  (repeated) => {
    const words = Array.from({ length: 500 }, () => repeated.split(" ")).flat();
    expect(countedDeclarations(words).reads).toBeLessThan(8 * words.length);
  },
);

test("a macro is read no further than its largest number of parts", () => {
  const text = `#define X ${"a ".repeat(MACRO_PARTS_MAX)}`;
  expect(namesUsedIn(`${text}b`)).toHaveLength(MACRO_PARTS_MAX);
});
