import fc from "fast-check";
import { expect, test } from "vitest";
import { NumberReader, NumberWriter } from "./numbers.ts";
import {
  definitionsOf,
  packOutline,
  referencesBehindOthers,
  referencesTo,
  unpackOutline,
} from "./outline.ts";

const EMPTY = { definitions: [], imports: [], references: [] };

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
      const packed = packOutline(outline);
      expect(packed === null ? EMPTY : unpackOutline(packed)).toEqual(outline);
    },
  ));
});

test("references to some names are those of all that have one", () => {
  const names = fc.constantFrom("a", "b", "c", "ab");
  const references = fc.array(reference.chain((each) => names.map((name) => ({ ...each, name }))));
  fc.assert(fc.property(references, fc.array(names), fc.boolean(), (all, some, isWhole) => {
    const outline = { definitions: [], imports: [], references: all };
    const packed = packOutline(outline);
    const unpacked = packed === null ? EMPTY : unpackOutline(packed);
    // Some of them are the same before and after all are made.
    const made = isWhole ? unpacked.references : all;
    expect(made).toEqual(all);
    const wanted = new Set(some);
    const expected = all.filter(({ name }) => wanted.has(name));
    expect(referencesTo(unpacked, wanted)).toEqual(expected);
    expect(referencesTo(unpacked, wanted)).toEqual(expected);
    expect(referencesTo(outline, wanted)).toEqual(expected);
    expect(referencesTo(unpacked, new Set(["a"]))).toEqual(all.filter(({ name }) => name === "a"));
  }));
});

test("references to some names come with the one before each, whatever that is", () => {
  const names = fc.constantFrom("a", "b", "c", "ab");
  const references = fc.array(reference.chain((each) => names.map((name) => ({ ...each, name }))));
  fc.assert(fc.property(references, fc.array(names), (all, some) => {
    const outline = { definitions: [], imports: [], references: all };
    const packed = packOutline(outline);
    const unpacked = packed === null ? EMPTY : unpackOutline(packed);
    const wanted = new Set(some);
    const expected = all.slice(1).map((each, index) => ({ reference: each, before: all[index] }))
      .filter(({ reference: { name } }) => wanted.has(name));
    expect(referencesBehindOthers(unpacked, wanted)).toEqual(expected);
    expect(referencesBehindOthers(outline, wanted)).toEqual(expected);
  }));
});

test("the definitions of a name are those of all that have it", () => {
  const names = fc.constantFrom("a", "b", "c", "ab");
  const definitions = fc.array(
    definition.chain((each) => names.map((name) => ({ ...each, name }))),
  );
  fc.assert(fc.property(definitions, names, (all, name) => {
    const packed = packOutline({ ...EMPTY, definitions: all });
    const unpacked = packed === null ? EMPTY : unpackOutline(packed);
    const expected = all.filter((each) => each.name === name);
    expect(definitionsOf(unpacked, name)).toEqual(expected);
    expect(definitionsOf({ ...EMPTY, definitions: all }, name)).toEqual(expected);
  }));
});

test("nothing packs into nothing", () => {
  expect(packOutline(EMPTY)).toBeNull();
});

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

test("version 2 reads as it was stored", () => {
  const texts = "\x05\x04\x06\x05\x0c\x07\x04\x06\x04closecallReaderclassclass ReaderCloses../io" +
    "moduleopen";
  const references = "\x00\x01\x00\x02\x08\x04\x0a\x02\x02\x01";
  const definitions = "\x00\x00\x00\x00\x01\x01\x06\x00\x0c\x01\x0c\x02";
  const imports = "\x00\x00\x02\x00\x01\x00\x00";
  const stored = `\x02\x095${texts}\x01\x01\x02${references}${definitions}${imports}`;
  expect(unpackOutline(latin1(stored))).toEqual({
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

test("version 1, which was JSON, is refused by name", () => {
  const stored = '[1,["Reader","class","class Reader","close","call","./io","module","open",' +
    '"Closes."],[0,1,3,7,3,1,9,2,-1,2,8,1],[5,1,6,0,1,7,-1],[3,4,5,4,0,3,2,1,4,-1]]';
  expect(() => unpackOutline(latin1(stored))).toThrow("of another version");
});

test("numbers are read as they were written", () => {
  const unsigned = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  const signed = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  fc.assert(fc.property(fc.array(fc.tuple(unsigned, signed)), (pairs) => {
    const writer = new NumberWriter();
    for (const [first, second] of pairs) {
      writer.unsigned(first);
      writer.signed(second);
    }
    const reader = new NumberReader(writer.finish());
    expect(pairs.map(() => [reader.unsigned(), reader.signed()])).toEqual(pairs);
    expect(reader.left).toBe(0);
    expect(() => reader.unsigned()).toThrow(RangeError);
  }));
});

function outcomeOf(read: () => object): object {
  try {
    return read();
  } catch (error) {
    return error instanceof Error ? error : { thrown: error };
  }
}

test("a damaged outline is refused or is another outline, whatever the damage", () => {
  const outline = fc.record({
    definitions: fc.array(definition, { maxLength: 3 }),
    imports: fc.array(imported, { maxLength: 3 }),
    references: fc.array(reference, { maxLength: 3 }),
  });
  fc.assert(fc.property(outline, fc.nat(), fc.nat(255), fc.nat(), (each, place, byte, end) => {
    const packed = packOutline(each);
    if (packed === null) return;
    packed[place % packed.length] = byte;
    const damaged = packed.subarray(0, packed.length - end % 3);
    const outcome = outcomeOf(() => ({ ...unpackOutline(damaged) }));
    expect(outcome instanceof Error || Object.hasOwn(outcome, "definitions")).toBe(true);
  }));
});
