/**
 * What is known of a blob besides its text: definitions, imports and references, packed into one
 * value. The indexer writes it once; whoever navigates reads it whole. Pure: compressing, storing and
 * finding it are elsewhere.
 *
 * The packed form is columns (`columns.ts`): lines are differences from the entry before, columns of
 * references from the one before in the same line.
 */
import { ColumnReader, ColumnWriter } from "./columns.ts";
import {
  type Outline,
  type OutlineDefinition,
  type OutlineImport,
  type OutlineReference,
} from "./outline_entries.ts";
import {
  readDefinitions,
  readImports,
  readReferences,
  skipDefinitions,
  skipImports,
  skipReferences,
} from "./outline_lists.ts";

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
  const readSome = reader.later((names: ReadonlySet<string> | null, withBefore: boolean) =>
    readReferences(reader, referenceCount, names, withBefore)
  );
  const references = once(() => readSome(null, false));
  skipReferences(reader, referenceCount);
  const defines = reader.later((name: string) => reader.hasText(definitionCount, name));
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
  selective.set(outline, {
    referencesTo: lastOnce((names) => readSome(names, false)),
    withBefore: (names) => readSome(names, true),
    defines,
  });
  return outline;
}

/** What makes a part of the lists of an outline. */
interface Selective {
  readonly referencesTo: (names: ReadonlySet<string>) => readonly OutlineReference[];
  /** Those and the one before each. */
  readonly withBefore: (names: ReadonlySet<string>) => readonly OutlineReference[];
  readonly defines: (name: string) => boolean;
}

/** Of outlines that were unpacked. */
const selective = new WeakMap<Outline, Selective>();

/** The references to these names: of a file that has thousands the others are not made. */
export function referencesTo(
  outline: Outline,
  names: ReadonlySet<string>,
): readonly OutlineReference[] {
  const read = selective.get(outline);
  return read === undefined
    ? outline.references.filter(({ name }) => names.has(name))
    : read.referencesTo(names);
}

/** A reference, and the one before it in the source. */
export interface NeighbouringReferences {
  readonly reference: OutlineReference;
  readonly before: OutlineReference;
}

/** The references to these names that have one before them, with that. */
export function referencesBehindOthers(
  outline: Outline,
  names: ReadonlySet<string>,
): NeighbouringReferences[] {
  const all = selective.get(outline)?.withBefore(names) ?? outline.references;
  return all.flatMap((reference, index) => {
    const before = all[index - 1];
    return before === undefined || !names.has(reference.name) ? [] : [{ reference, before }];
  });
}

/** The definitions of a name: of a file that has none of it no definition is made. */
export function definitionsOf(outline: Outline, name: string): readonly OutlineDefinition[] {
  const isThere = selective.get(outline)?.defines(name) ?? true;
  return isThere ? outline.definitions.filter((each) => each.name === name) : [];
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
