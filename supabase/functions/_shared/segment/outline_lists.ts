/**
 * Reads the lists of a packed outline out of its columns, or passes over them. Knows how each was written, and
 * not which are wanted.
 */
import { type ColumnReader, malformed, times } from "./columns.ts";
import { signedOf } from "./numbers.ts";
import {
  type OutlineDefinition,
  type OutlineImport,
  type OutlineReference,
} from "./outline_entries.ts";

/** The number at an index of a column that was read with the length of its list. */
function at<Value>(column: ArrayLike<Value>, index: number): Value {
  const value = column[index];
  if (value === undefined) throw malformed();
  return value;
}

/** Passes over all references. */
export function skipReferences(reader: ColumnReader, count: number): void {
  reader.skipTexts(count, 0);
  reader.skipTexts(count, 0);
  reader.skip(3 * count);
}

/**
 * All references, or those to some names: of a file that has thousands nothing is made of the others. `withBefore`:
 * with the one before each.
 */
export function readReferences(
  reader: ColumnReader,
  count: number,
  wanted: ReadonlySet<string> | null,
  withBefore: boolean,
): OutlineReference[] {
  const { places, texts: names } = reader.textsAmong(count, wanted, withBefore);
  if (places.length === 0) return [];
  const roles = reader.textsAt(count, places);
  const lines = reader.unsigned(count);
  const columns = reader.unsigned(count);
  const enclosings = reader.unsigned(count);
  let [line, column, enclosing] = [0, 0, 0];
  let index = 0;
  return places.map((place, number) => {
    for (; index <= place; index++) {
      const down = at(lines, index);
      const right = signedOf(at(columns, index));
      line += signedOf(down);
      column = down === 0 ? column + right : right;
      enclosing += signedOf(at(enclosings, index));
    }
    return {
      name: at(names, number),
      line,
      column,
      role: at(roles, number),
      enclosing: enclosing === 0 ? null : enclosing - 1,
    };
  });
}

/** Passes over all definitions. */
export function skipDefinitions(reader: ColumnReader, count: number): void {
  reader.skipTexts(count, 0);
  reader.skipTexts(count, 0);
  reader.skipTexts(count, 1);
  reader.skipTexts(count, 0);
  reader.skipTexts(count, 1);
  reader.skip(7 * count);
}

/** All definitions. */
export function readDefinitions(reader: ColumnReader, count: number): OutlineDefinition[] {
  const names = reader.texts(count);
  const kinds = reader.texts(count);
  const containers = reader.textsOrNull(count);
  const signatures = reader.texts(count);
  const docs = reader.textsOrNull(count);
  const exported = reader.unsigned(count);
  const startLines = reader.differences(count);
  const linesBefore = reader.signed(count);
  const linesAfter = reader.signed(count);
  const rangeColumns = reader.unsigned(count);
  const columnsBefore = reader.signed(count);
  const endColumns = reader.unsigned(count);
  return names.map((name, index) => ({
    name,
    kind: at(kinds, index),
    startLine: at(startLines, index),
    startColumn: at(rangeColumns, index) + at(columnsBefore, index),
    rangeLine: at(startLines, index) - at(linesBefore, index),
    rangeColumn: at(rangeColumns, index),
    endLine: at(startLines, index) + at(linesAfter, index),
    endColumn: at(endColumns, index),
    container: at(containers, index),
    signature: at(signatures, index),
    doc: at(docs, index),
    exported: at(exported, index) === 1,
  }));
}

/** Passes over all imports. */
export function skipImports(reader: ColumnReader, count: number): void {
  reader.skip(4 * count);
  let names = 0;
  for (const each of reader.unsigned(count)) names += each;
  reader.skip(2 * names);
}

/** All imports. */
export function readImports(reader: ColumnReader, count: number): OutlineImport[] {
  const specifiers = reader.texts(count);
  const kinds = reader.texts(count);
  const lines = reader.differences(count);
  const typeOnly = reader.unsigned(count);
  const nameCounts = reader.unsigned(count);
  let nameCount = 0;
  for (const each of nameCounts) nameCount += each;
  const names = reader.texts(nameCount);
  const aliases = reader.textsOrNull(nameCount);
  let next = 0;
  return specifiers.map((specifier, index) => ({
    specifier,
    line: at(lines, index),
    kind: at(kinds, index),
    names: times(at(nameCounts, index), () => ({
      name: at(names, next),
      alias: at(aliases, next++),
    })),
    typeOnly: at(typeOnly, index) === 1,
  }));
}
