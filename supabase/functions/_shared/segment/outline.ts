/**
 * What is known of a blob besides its text: definitions, imports and references, packed into one
 * value. The indexer writes it once; whoever navigates reads it whole. Pure: compressing, storing and
 * finding it are elsewhere.
 *
 * The packed form is columns (`columns.ts`): lines are differences from the entry before, columns of
 * references from the one before in the same line.
 */
import { ColumnReader, ColumnWriter, malformed, times } from "./columns.ts";
import { signedOf } from "./numbers.ts";

/** A definition. Lines and columns are 1-based, columns in UTF-16 units. */
export interface OutlineDefinition {
  readonly name: string;
  readonly kind: string;
  /** Where the name begins. */
  readonly startLine: number;
  readonly startColumn: number;
  /** The whole definition, from its first character to just after its last. */
  readonly rangeLine: number;
  readonly rangeColumn: number;
  readonly endLine: number;
  readonly endColumn: number;
  /** The enclosing definitions, `Outer.Inner`; null at the top. */
  readonly container: string | null;
  readonly signature: string;
  readonly doc: string | null;
  /** Whether other files can name it. */
  readonly exported: boolean;
}

/** An import as it is written. */
export interface OutlineImport {
  readonly specifier: string;
  readonly line: number;
  /** module, file, include, system_include or name. */
  readonly kind: string;
  readonly names: readonly { readonly name: string; readonly alias: string | null }[];
  readonly typeOnly: boolean;
}

/** A use of a name. */
export interface OutlineReference {
  readonly name: string;
  readonly line: number;
  readonly column: number;
  /** call, type, import, inherit, read or write. */
  readonly role: string;
  /** The index of the innermost definition around it; null at the top. */
  readonly enclosing: number | null;
}

/** All of a blob, each list in the order of the source. */
export interface Outline {
  readonly definitions: readonly OutlineDefinition[];
  readonly imports: readonly OutlineImport[];
  readonly references: readonly OutlineReference[];
}

/**
 * 1: JSON of numbers and strings. Not read any more: its segments had other tables too.
 * 2: columns of bytes.
 */
const VERSION = 2;

/** The packed outline; null when there is nothing in it. */
export function packOutline(outline: Outline): Uint8Array<ArrayBuffer> | null {
  const { definitions, imports, references } = outline;
  if (definitions.length + imports.length + references.length === 0) return null;
  const writer = new ColumnWriter();
  for (const list of [definitions, imports, references]) writer.columns.unsigned(list.length);
  writeReferences(writer, references);
  writeDefinitions(writer, definitions);
  writeImports(writer, imports);
  return writer.finish(VERSION);
}

function writeReferences(writer: ColumnWriter, references: readonly OutlineReference[]): void {
  writer.texts(references, (each) => each.name);
  writer.texts(references, (each) => each.role);
  writer.differences(references, (each) => each.line);
  let line = 0;
  let column = 0;
  for (const each of references) {
    writer.columns.signed(each.line === line ? each.column - column : each.column);
    ({ line, column } = each);
  }
  writer.differences(references, (each) => each.enclosing === null ? 0 : each.enclosing + 1);
}

function writeDefinitions(writer: ColumnWriter, definitions: readonly OutlineDefinition[]): void {
  writer.texts(definitions, (each) => each.name);
  writer.texts(definitions, (each) => each.kind);
  writer.textsOrNull(definitions, (each) => each.container);
  writer.texts(definitions, (each) => each.signature);
  writer.textsOrNull(definitions, (each) => each.doc);
  writer.unsigned(definitions, (each) => each.exported ? 1 : 0);
  writer.differences(definitions, (each) => each.startLine);
  for (const each of definitions) writer.columns.signed(each.startLine - each.rangeLine);
  for (const each of definitions) writer.columns.signed(each.endLine - each.startLine);
  writer.unsigned(definitions, (each) => each.rangeColumn);
  for (const each of definitions) writer.columns.signed(each.startColumn - each.rangeColumn);
  writer.unsigned(definitions, (each) => each.endColumn);
}

function writeImports(writer: ColumnWriter, imports: readonly OutlineImport[]): void {
  writer.texts(imports, (each) => each.specifier);
  writer.texts(imports, (each) => each.kind);
  writer.differences(imports, (each) => each.line);
  writer.unsigned(imports, (each) => each.typeOnly ? 1 : 0);
  writer.unsigned(imports, (each) => each.names.length);
  const names = imports.flatMap((each) => each.names);
  writer.texts(names, (each) => each.name);
  writer.textsOrNull(names, (each) => each.alias);
}

/**
 * The outline that packOutline made; throws for anything else. Each list is made when it is first asked
 * for: most readers want one of the three.
 */
export function unpackOutline(packed: Uint8Array): Outline {
  const reader = new ColumnReader(packed, VERSION);
  const [definitionCount, importCount, referenceCount] = [
    reader.count(),
    reader.count(),
    reader.count(),
  ];
  const readSome = reader.later((names: ReadonlySet<string> | null) =>
    readReferences(reader, referenceCount, names)
  );
  const references = once(() => readSome(null));
  const referencesOf = lastOnce(readSome);
  skipReferences(reader, referenceCount);
  const definitions = once(reader.later(() => readDefinitions(reader, definitionCount)));
  skipDefinitions(reader, definitionCount);
  const imports = once(reader.later(() => readImports(reader, importCount)));
  skipImports(reader, importCount);
  reader.end();
  const outline = {
    get definitions() {
      return definitions();
    },
    get imports() {
      return imports();
    },
    get references() {
      return references();
    },
  };
  selective.set(outline, referencesOf);
  return outline;
}

type ReadReferences = (names: ReadonlySet<string>) => readonly OutlineReference[];

/** Of outlines that were unpacked, what makes a part of their references. */
const selective = new WeakMap<Outline, ReadReferences>();

/** The references to these names: of a file that has thousands the others are not made. */
export function referencesTo(
  outline: Outline,
  names: ReadonlySet<string>,
): readonly OutlineReference[] {
  const read = selective.get(outline);
  return read === undefined
    ? outline.references.filter(({ name }) => names.has(name))
    : read(names);
}

function once<Value>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => made ??= make();
}

/** What was made of the last argument is not made of it again. */
function lastOnce<Argument, Value>(make: (argument: Argument) => Value) {
  let last: { readonly argument: Argument; readonly value: Value } | null = null;
  return (argument: Argument): Value => {
    if (last?.argument !== argument) last = { argument, value: make(argument) };
    return last.value;
  };
}

/** The number at an index of a column that was read with the length of its list. */
function at<Value>(column: ArrayLike<Value>, index: number): Value {
  const value = column[index];
  if (value === undefined) throw malformed();
  return value;
}

function skipReferences(reader: ColumnReader, count: number): void {
  reader.skipTexts(count, 0);
  reader.skipTexts(count, 0);
  reader.skip(3 * count);
}

/** All references, or those to some names: of a file that has thousands nothing is made of the others. */
function readReferences(
  reader: ColumnReader,
  count: number,
  wanted: ReadonlySet<string> | null,
): OutlineReference[] {
  const { places, texts: names } = reader.textsAmong(count, wanted);
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

function skipDefinitions(reader: ColumnReader, count: number): void {
  reader.skipTexts(count, 0);
  reader.skipTexts(count, 0);
  reader.skipTexts(count, 1);
  reader.skipTexts(count, 0);
  reader.skipTexts(count, 1);
  reader.skip(7 * count);
}

function readDefinitions(reader: ColumnReader, count: number): OutlineDefinition[] {
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

function skipImports(reader: ColumnReader, count: number): void {
  reader.skip(4 * count);
  let names = 0;
  for (const each of reader.unsigned(count)) names += each;
  reader.skip(2 * names);
}

function readImports(reader: ColumnReader, count: number): OutlineImport[] {
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
