import fc from "fast-check";
import { expect, test } from "vitest";
import { packOutline, unpackOutline } from "./outline.ts";

const line = fc.integer({ min: 1, max: 100_000 });
const column = fc.integer({ min: 1, max: 5000 });
const text = fc.string({ unit: "grapheme", maxLength: 12 });
const textOrNull = fc.option(text);

const definition = fc.record({
  name: text,
  kind: fc.constantFrom("class", "function"),
  startLine: line,
  startColumn: column,
  rangeLine: line,
  rangeColumn: column,
  endLine: line,
  endColumn: column,
  container: textOrNull,
  signature: text,
  doc: textOrNull,
  exported: fc.boolean(),
});
const imported = fc.record({
  specifier: text,
  line,
  kind: fc.constantFrom("module", "file"),
  names: fc.array(fc.record({ name: text, alias: textOrNull }), { maxLength: 4 }),
  typeOnly: fc.boolean(),
});
const reference = fc.record({
  name: text,
  line,
  column,
  role: fc.constantFrom("call", "type"),
  enclosing: fc.option(fc.nat(50)),
});

test("an outline is read as it was written", () => {
  fc.assert(fc.property(
    fc.array(definition),
    fc.array(imported),
    fc.array(reference),
    (definitions, imports, references) => {
      const outline = { definitions, imports, references };
      const packed = packOutline(outline) ?? "[1,[],[],[],[]]";
      expect(unpackOutline(packed)).toEqual(outline);
    },
  ));
});

test("nothing packs into nothing", () => {
  expect(packOutline({ definitions: [], imports: [], references: [] })).toBeNull();
});

test("version 1 reads as it was stored", () => {
  const stored = '[1,["Reader","class","class Reader","close","call","./io","module","open",' +
    '"Closes."],[0,1,3,7,3,1,9,2,-1,2,8,1],[5,1,6,0,1,7,-1],[3,4,5,4,0,3,2,1,4,-1]]';
  expect(unpackOutline(stored)).toEqual({
    definitions: [{
      name: "Reader",
      kind: "class",
      startLine: 3,
      startColumn: 7,
      rangeLine: 3,
      rangeColumn: 1,
      endLine: 9,
      endColumn: 2,
      container: null,
      signature: "class Reader",
      doc: "Closes.",
      exported: true,
    }],
    imports: [{
      specifier: "./io",
      line: 1,
      kind: "module",
      names: [{ name: "open", alias: null }],
      typeOnly: false,
    }],
    references: [
      { name: "close", line: 4, column: 5, role: "call", enclosing: 0 },
      { name: "close", line: 6, column: 1, role: "call", enclosing: null },
    ],
  });
});

test.each(["[]", "[2,[],[],[],[]]", '[1,["a"],[0,0],[],[]]', "[1,[],[9],[],[]]", "{}"])(
  "%s is refused",
  (packed) => expect(() => unpackOutline(packed)).toThrow("malformed"),
);
