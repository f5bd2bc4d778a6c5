import fc from "fast-check";
import { expect, test } from "vitest";
import { mayMeanOneOf } from "./meant_among.ts";
import { mayMean } from "./proximity.ts";
import { readSurroundings } from "./surroundings.ts";

const around = readSurroundings([
  { path: "go.mod", text: "module acme.dev/yarn\n" },
  { path: "package.json", text: '{ "name": "yarn" }' },
]);

test("an import may mean one of many files where it may mean one of them by itself", () => {
  const folder = fc.constantFrom("", "a/", "a/b/", "b/");
  const kinds = fc.constantFrom(
    { end: "go", language: "Go" },
    { end: "java", language: "Java" },
    { end: "kt", language: "Kotlin" },
    { end: "cs", language: "C#" },
    { end: "py", language: "Python" },
    { end: "ts", language: "TypeScript" },
    { end: "php", language: "PHP" },
    { end: "rb", language: "Ruby" },
    { end: "h", language: "C" },
  );
  const name = fc.constantFrom("a", "b", "B");
  const container = fc.constantFrom(null, "a", "a.b");
  const definitions = fc.array(
    fc.record({
      name,
      container,
      kind: fc.constantFrom("package", "namespace", "class", "function"),
      signature: fc.constant(""),
    }),
    { maxLength: 3 },
  );
  const file = fc.tuple(folder, name, kinds, definitions).map(([at, stem, kind, defined]) => ({
    ...{ path: `${at}${stem}.${kind.end}`, language: kind.language, definitions: defined },
  }));
  const specifier = fc.tuple(
    fc.constantFrom("", "./", "../", "acme.dev/yarn/"),
    fc.array(name, { minLength: 1, maxLength: 3 }),
    fc.constantFrom("/", ".", "\\"),
  ).map(([start, parts, mark]) => `${start}${parts.join(mark)}`);
  const kind = fc.constantFrom("module", "file", "namespace");
  const meant: boolean[] = [];
  fc.assert(
    fc.property(fc.array(file, { maxLength: 6 }), file, specifier, kind, (all, from, text, as) => {
      const imported = { specifier: text, kind: as, names: [] };
      const isMeant = mayMean(from, imported, around);
      const expected = all.some(isMeant);
      meant.push(expected);
      expect(mayMeanOneOf(all)(from, imported, around)).toBe(expected);
    }),
    { numRuns: 5_000 },
  );
  expect(meant).toContain(true);
});
