/**
 * The golden format: a source with what extraction finds drawn below each line. A source line stands
 * after two spaces; a line that begins with `//` says what is found in the line above. For a
 * definition it points at the name:
 *
 *       close(): void {
 *     //^^^^^ method private container=Reader range=1:3-3:4 signature="close(): void" doc="Ends."
 *
 * and for an import it gives kind, specifier and names:
 *
 *       import { a as b } from "m";
 *     //import module "m" names=a:b
 *
 * References stand behind the definition that they are in, each with its column:
 *
 *       return open(path);
 *     //in read: call open 10
 *
 * The carets keep the units of the line (a character outside the basic plane takes two), so the
 * column is checked exactly. Files end in `.txt` so that no tool takes them for code.
 */
import type {
  ExtractedImport,
  ExtractedReference,
  ExtractedSymbol,
} from "../../src/parse/symbol.ts";

const SOURCE_MARK = "  ";
const NOTE_MARK = "//";

/** What is drawn into a source. */
export interface Extracted {
  readonly symbols: readonly ExtractedSymbol[];
  readonly imports: readonly ExtractedImport[];
  readonly references: readonly ExtractedReference[];
}

/** The source in a golden text. */
export function sourceOfGolden(golden: string): string {
  return golden
    .split("\n")
    .filter((line) => !line.startsWith(NOTE_MARK))
    .map((line) => line.slice(SOURCE_MARK.length))
    .join("\n");
}

function symbolNote(line: string, symbol: ExtractedSymbol): string {
  const indent = line.slice(0, symbol.startColumn - 1).replaceAll(/[^\t]/g, " ");
  const { rangeLine, rangeColumn, endLine, endColumn } = symbol;
  const words = [
    indent + "^".repeat(symbol.name.length),
    symbol.kind,
    symbol.exported ? [] : "private",
    symbol.container === null ? [] : `container=${symbol.container}`,
    `range=${rangeLine}:${rangeColumn}-${endLine}:${endColumn}`,
    `signature=${JSON.stringify(symbol.signature)}`,
    symbol.doc === null ? [] : `doc=${JSON.stringify(symbol.doc)}`,
  ];
  return NOTE_MARK + words.flat().join(" ");
}

function importNote({ specifier, kind, names, typeOnly }: ExtractedImport): string {
  const list = names.map(({ name, alias }) => alias === null ? name : `${name}:${alias}`);
  const words = [
    `import ${kind} ${JSON.stringify(specifier)}`,
    names.length === 0 ? [] : `names=${list.join(",")}`,
    typeOnly ? "type" : [],
  ];
  return NOTE_MARK + words.flat().join(" ");
}

/** The notes on the references of each line, by its number. */
function referenceNotes({ symbols, references }: Extracted): ReadonlyMap<number, string[]> {
  const notes = new Map<number, string[]>();
  let last: ExtractedReference | undefined;
  for (const reference of references) {
    const { name, line, column, role, enclosing } = reference;
    const here = notes.get(line) ?? [];
    notes.set(line, here);
    if (enclosing !== last?.enclosing || line !== last.line) {
      const around = enclosing === null ? undefined : symbols[enclosing];
      here.push(`${NOTE_MARK}in ${around?.name ?? "file"}:`);
    }
    here.push(`${here.pop() ?? ""} ${role} ${name} ${column}`);
    last = reference;
  }
  return notes;
}

/** Draws what was found into its source. */
export function drawGolden(source: string, extracted: Extracted): string {
  const { symbols, imports } = extracted;
  const notes = referenceNotes(extracted);
  const drawn = source.split("\n").flatMap((line, index) => {
    const marked = line === "" ? "" : SOURCE_MARK + line;
    const symbolsHere = symbols.filter((symbol) => symbol.startLine === index + 1);
    const importsHere = imports.filter((found) => found.line === index + 1);
    return [
      marked,
      ...symbolsHere.map((symbol) => symbolNote(line, symbol)),
      ...importsHere.map(importNote),
      ...(notes.get(index + 1) ?? []),
    ];
  });
  return drawn.join("\n");
}
