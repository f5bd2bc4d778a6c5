/**
 * Makes symbols and imports of what a language's walk finds: names, ranges, signatures and docs,
 * bounded and free of control characters.
 */
import type { DefinitionSpan } from "./definitions.ts";
import { type CommentMarks, docBefore } from "./doc_comment.ts";
import { cutCodePoints, cutUnits, inOneLine } from "../one_line.ts";
import {
  type Declaration,
  deeper,
  DOC_UNITS_MAX,
  type ExtractedImport,
  type ExtractedSymbol,
  IMPORTED_NAMES_MAX,
  type ImportedName,
  IMPORTS_MAX,
  inside,
  NAME_CODE_POINTS_MAX,
  SIGNATURE_UNITS_MAX,
  SPECIFIER_UNITS_MAX,
  type SymbolCollector,
} from "../symbol.ts";

/** Enough source for a signature even where most of it is white space that collapses. */
const SIGNATURE_SOURCE_UNITS_MAX = 2000;

/** Signs that lead on to a body or a value. */
const LAST_SIGNS = "{:;=";

function nameOf(text: string, start: number, end: number): string {
  return cutCodePoints(inOneLine(text.slice(start, end)), NAME_CODE_POINTS_MAX);
}

function signatureOf(text: string, declaration: Declaration): string {
  const { node, signatureEnd, prefix = "", signatureStart = node.startIndex } = declaration;
  const end = Math.min(signatureEnd, signatureStart + SIGNATURE_SOURCE_UNITS_MAX);
  const written = inOneLine(prefix + text.slice(signatureStart, end));
  const isCut = LAST_SIGNS.includes(written.at(-1) ?? " ");
  const line = isCut ? written.slice(0, written.endsWith("::") ? -2 : -1).trimEnd() : written;
  // What joining the lines of a parameter list leaves at its ends.
  const isJoined = line.includes("( ") || line.includes(" )");
  const joined = isJoined ? line.replaceAll("( ", "(").replaceAll(/,? \)/g, ")") : line;
  return cutUnits(joined, SIGNATURE_UNITS_MAX);
}

function docOf(
  text: string,
  { doc, node }: Declaration,
  marks: CommentMarks | null,
): string | null {
  const source = doc ?? (marks === null ? null : docBefore(text, node.startIndex, marks));
  if (source === null) return null;
  const line = cutUnits(inOneLine(source), DOC_UNITS_MAX);
  return line === "" ? null : line;
}

function specifierOf(written: string): string {
  return cutUnits(inOneLine(written), SPECIFIER_UNITS_MAX);
}

function importedName({ name, alias }: ImportedName): ImportedName {
  return {
    name: nameOf(name, 0, name.length),
    alias: alias === null ? null : nameOf(alias, 0, alias.length),
  };
}

/** A collector that also tells where in the text the definitions are. */
export interface FileCollector extends SymbolCollector {
  /** The places of `symbols`, in the same order. */
  readonly spans: readonly DefinitionSpan[];
}

/** The name of `[a.b]() {}`, and not that of the method `[]` of Ruby. */
const COMPUTED = /^\[(?!\])/;

/** Collects what is in one file; `comments` says which comments may document a declaration. */
export function createSymbolCollector(text: string, comments: CommentMarks | null): FileCollector {
  const spans: DefinitionSpan[] = [];
  const symbols: ExtractedSymbol[] = [];
  const imports: ExtractedImport[] = [];
  const importStarts: number[] = [];
  return {
    text,
    symbols,
    imports,
    importStarts,
    spans,
    declare(scope, declaration) {
      const { node, name: span } = declaration;
      const name = nameOf(text, span.startIndex, span.endIndex);
      // The parser invents a name of no length where it recovers from an error.
      if (name === "") return deeper(scope);
      spans.push({
        kind: declaration.kind,
        nameStart: span.startIndex,
        nameEnd: COMPUTED.test(name) ? span.startIndex + 1 : span.endIndex,
        start: node.startIndex,
        end: node.endIndex,
      });
      symbols.push({
        name,
        kind: declaration.kind,
        startLine: span.startPosition.row + 1,
        startColumn: span.startPosition.column + 1,
        rangeLine: node.startPosition.row + 1,
        rangeColumn: node.startPosition.column + 1,
        endLine: node.endPosition.row + 1,
        endColumn: node.endPosition.column + 1,
        container: scope.path,
        signature: signatureOf(text, declaration),
        doc: docOf(text, declaration, comments),
        exported: declaration.exported ?? true,
      });
      return inside(scope, name);
    },
    extend(ordinal, { endIndex: end, endPosition: { row, column } }) {
      const [span, symbol] = [spans[ordinal], symbols[ordinal]];
      if (span === undefined || symbol === undefined) return;
      spans[ordinal] = { ...span, end };
      symbols[ordinal] = { ...symbol, endLine: row + 1, endColumn: column + 1 };
    },
    addImport({ specifier: span, path, kind, names = [], typeOnly }) {
      const specifier = specifierOf(path ?? text.slice(span.startIndex, span.endIndex));
      if (specifier === "" || imports.length >= IMPORTS_MAX) return;
      let at = imports.length;
      while (at > 0 && (importStarts[at - 1] ?? 0) > span.startIndex) at -= 1;
      importStarts.splice(at, 0, span.startIndex);
      imports.splice(at, 0, {
        specifier,
        line: span.startPosition.row + 1,
        kind,
        names: names.slice(0, IMPORTED_NAMES_MAX).map(importedName),
        typeOnly: typeOnly ?? false,
      });
    },
  };
}
