/**
 * What is known of a blob besides its text: definitions, imports and references, packed into one
 * value. The indexer writes it once; whoever navigates reads it whole. Pure: compressing, storing and
 * finding it are elsewhere.
 *
 * The packed form is JSON of numbers and one list of strings that they point into, which deflate then
 * makes small: version 1 is `[1, strings, definitions, imports, references]`, each of the last three a
 * flat list of as many numbers an entry as its writer below writes. Lines of references are written as
 * differences.
 */

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

const VERSION = 1;
/** In place of an index where there is nothing. */
const NONE = -1;

/** The packed outline; null when there is nothing in it. */
export function packOutline({ definitions, imports, references }: Outline): string | null {
  if (definitions.length + imports.length + references.length === 0) return null;
  const strings = new Map<string, number>();
  const indexOf = (text: string): number => {
    const known = strings.get(text);
    if (known !== undefined) return known;
    strings.set(text, strings.size);
    return strings.size - 1;
  };
  const indexOrNone = (text: string | null) => text === null ? NONE : indexOf(text);
  const packedDefinitions = definitions.flatMap((each) => [
    indexOf(each.name),
    indexOf(each.kind),
    each.startLine,
    each.startColumn,
    each.rangeLine,
    each.rangeColumn,
    each.endLine,
    each.endColumn,
    indexOrNone(each.container),
    indexOf(each.signature),
    indexOrNone(each.doc),
    each.exported ? 1 : 0,
  ]);
  const packedImports = imports.flatMap((each) => [
    indexOf(each.specifier),
    each.line,
    indexOf(each.kind),
    each.typeOnly ? 1 : 0,
    each.names.length,
    ...each.names.flatMap(({ name, alias }) => [indexOf(name), indexOrNone(alias)]),
  ]);
  const packedReferences: number[] = [];
  let line = 0;
  for (const each of references) {
    const lineDelta = each.line - line;
    line = each.line;
    packedReferences.push(indexOf(each.name), lineDelta, each.column, indexOf(each.role));
    packedReferences.push(each.enclosing ?? NONE);
  }
  const lists = [packedDefinitions, packedImports, packedReferences];
  return JSON.stringify([VERSION, [...strings.keys()], ...lists]);
}

/** Reads the numbers of a list in turn. */
class Reader {
  readonly #strings: readonly unknown[];
  readonly #numbers: readonly unknown[];
  #next = 0;

  constructor(strings: readonly unknown[], numbers: unknown) {
    this.#strings = strings;
    this.#numbers = asList(numbers);
  }

  get hasMore(): boolean {
    return this.#next < this.#numbers.length;
  }

  number(): number {
    const value = this.#numbers[this.#next++];
    if (typeof value !== "number") throw malformed();
    return value;
  }

  textOrNull(): string | null {
    const index = this.number();
    if (index === NONE) return null;
    const value = this.#strings[index];
    if (typeof value !== "string") throw malformed();
    return value;
  }

  text(): string {
    const value = this.textOrNull();
    if (value === null) throw malformed();
    return value;
  }
}

function malformed(): Error {
  return new Error("a packed outline is malformed or of another version");
}

function asList(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw malformed();
  return value;
}

/** The outline that packOutline made; throws for anything else. */
export function unpackOutline(packed: string): Outline {
  const [version, strings, definitions, imports, references] = asList(JSON.parse(packed));
  if (version !== VERSION || !Array.isArray(strings)) throw malformed();
  return {
    definitions: readAll(new Reader(strings, definitions), readDefinition),
    imports: readAll(new Reader(strings, imports), readImport),
    references: readReferences(new Reader(strings, references)),
  };
}

function readAll<Entry>(reader: Reader, read: (reader: Reader) => Entry): Entry[] {
  const entries: Entry[] = [];
  while (reader.hasMore) entries.push(read(reader));
  return entries;
}

// Properties are evaluated in the order in which they stand: that of packOutline.
function readDefinition(reader: Reader): OutlineDefinition {
  return {
    name: reader.text(),
    kind: reader.text(),
    startLine: reader.number(),
    startColumn: reader.number(),
    rangeLine: reader.number(),
    rangeColumn: reader.number(),
    endLine: reader.number(),
    endColumn: reader.number(),
    container: reader.textOrNull(),
    signature: reader.text(),
    doc: reader.textOrNull(),
    exported: reader.number() === 1,
  };
}

function readImport(reader: Reader): OutlineImport {
  const specifier = reader.text();
  const line = reader.number();
  const kind = reader.text();
  const typeOnly = reader.number() === 1;
  const names = Array.from({ length: reader.number() }, () => ({
    name: reader.text(),
    alias: reader.textOrNull(),
  }));
  return { specifier, line, kind, names, typeOnly };
}

function readReferences(reader: Reader): OutlineReference[] {
  let line = 0;
  return readAll(reader, () => {
    const name = reader.text();
    line += reader.number();
    const column = reader.number();
    const role = reader.text();
    const enclosing = reader.number();
    return { name, line, column, role, enclosing: enclosing === NONE ? null : enclosing };
  });
}
