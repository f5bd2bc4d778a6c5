/**
 * What extraction finds in a file: definitions, imports and references, and the shape in which a
 * language's walk gives a declaration. Knows no language's grammar.
 */
import type { SymbolKind } from "../../../supabase/functions/_shared/segment/symbol_kinds.ts";

export type { SymbolKind };

/** Why a file with text in the index has no symbols. */
export type SymbolsSkipReason =
  | "unknown_language"
  | "too_large_to_parse"
  | "parse_timeout"
  | "parse_failed";

/** One definition. Lines and columns are 1-based, columns in UTF-16 units. */
export interface ExtractedSymbol {
  /** At most NAME_CODE_POINTS_MAX code points, one line. */
  readonly name: string;
  readonly kind: SymbolKind;
  /** Where the name begins. */
  readonly startLine: number;
  readonly startColumn: number;
  /** Where the whole definition begins, its doc comment excluded. */
  readonly rangeLine: number;
  readonly rangeColumn: number;
  /** Where the whole definition ends, just after its last character. */
  readonly endLine: number;
  readonly endColumn: number;
  /** The enclosing definitions, `Outer.Inner`; null at the top of a file. */
  readonly container: string | null;
  /** The declaration up to its body, in one line of at most SIGNATURE_UNITS_MAX units. */
  readonly signature: string;
  /** Its comment or docstring in one line of at most DOC_UNITS_MAX units; null without one. */
  readonly doc: string | null;
  /** Whether other files can name it, by the language's own rule. */
  readonly exported: boolean;
}

/**
 * How an import is looked up: by the module search of the language, as a file's path, by the two
 * rules of `#include`, or as a name in a namespace that any file may be part of. An `export` is none: its
 * names are the file's own, and their aliases what others know them by; `*` is the file as a whole.
 */
export type ImportKind = "module" | "file" | "include" | "system_include" | "name" | "export";

/** One name that an import brings, and what it is called here. */
export interface ImportedName {
  readonly name: string;
  /** Null where it keeps its name. */
  readonly alias: string | null;
}

/** One import, re-export or inclusion. */
export interface ExtractedImport {
  /** As it is written, without quotes: at most SPECIFIER_UNITS_MAX units, one line. */
  readonly specifier: string;
  /** 1-based. */
  readonly line: number;
  readonly kind: ImportKind;
  /** Empty where the language does not list them or all are meant; at most IMPORTED_NAMES_MAX. */
  readonly names: readonly ImportedName[];
  readonly typeOnly: boolean;
}

/** What is done with a name. */
export type ReferenceRole = "call" | "type" | "import" | "inherit" | "read" | "write";

/** One use of a name that is not its definition. */
export interface ExtractedReference {
  /** At most NAME_CODE_POINTS_MAX code points. */
  readonly name: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 units. */
  readonly column: number;
  readonly role: ReferenceRole;
  /** The index of the innermost symbol around it; null outside of all. */
  readonly enclosing: number | null;
}

/** Longer names exist in generated code alone, and a name must fit into an index row. */
export const NAME_CODE_POINTS_MAX = 255;

export const SIGNATURE_UNITS_MAX = 200;

export const DOC_UNITS_MAX = 400;

export const SPECIFIER_UNITS_MAX = 400;

export const IMPORTED_NAMES_MAX = 200;

/** A file with more imports than this is generated. */
export const IMPORTS_MAX = 2000;

/** Deeper nesting than this is not code that anybody navigates; it bounds the walk's recursion. */
const SCOPE_DEPTH_MAX = 32;

/** A place in which declarations are found. */
export interface Scope {
  readonly path: string | null;
  readonly depth: number;
}

interface Position {
  readonly row: number;
  readonly column: number;
}

/** A part of the source; a node of a syntax tree is one. */
export interface Span {
  readonly startIndex: number;
  readonly endIndex: number;
  readonly startPosition: Position;
}

/** A part of the source whose end is known by line too. */
export interface WholeSpan extends Span {
  readonly endPosition: Position;
}

/** A declaration in a source. */
export interface Declaration {
  readonly kind: SymbolKind;
  /** The name alone, without quotes. */
  readonly name: Span;
  /** The whole declaration. */
  readonly node: WholeSpan;
  /** What the source says before `node`, or would if it were not in a group: `export const `. */
  readonly prefix?: string;
  /** Where the declaration's own words begin, behind decorators; without it, where `node` does. */
  readonly signatureStart?: number;
  /** The index in the source at which the signature ends. */
  readonly signatureEnd: number;
  /** True without it. */
  readonly exported?: boolean;
  /** What documents it, where that is not the comment above it. */
  readonly doc?: string;
}

/** An import in a source. */
export interface ImportDeclaration {
  readonly specifier: Span;
  /**
   * The specifier where it is not written as the file means it: `a::b` of `use a::{b, c}`, and a path
   * from a module inside of the file.
   */
  readonly path?: string;
  readonly kind: ImportKind;
  readonly names?: readonly ImportedName[];
  readonly typeOnly?: boolean;
}

/** Where a language's walk puts what it finds. */
export interface SymbolCollector {
  readonly text: string;
  readonly symbols: readonly ExtractedSymbol[];
  /** In the order of the source. */
  readonly imports: readonly ExtractedImport[];
  /** Where the specifiers of `imports` begin. */
  readonly importStarts: readonly number[];
  /** Adds a symbol and answers with the scope of its members. */
  declare(scope: Scope, declaration: Declaration): Scope;
  /** Lets the symbol of this index go on to the end of a node: it is declared in several parts. */
  extend(ordinal: number, node: WholeSpan): void;
  addImport(declaration: ImportDeclaration): void;
}

/** The scope at the top of a file. */
export const FILE_SCOPE: Scope = { path: null, depth: 0 };

/** A scope that keeps the path and counts one more level, for syntax without a name. */
export function deeper(scope: Scope): Scope {
  return { path: scope.path, depth: scope.depth + 1 };
}

/** The scope of what is inside `name`. */
export function inside(scope: Scope, name: string): Scope {
  const path = scope.path === null ? name : `${scope.path}.${name}`;
  return { path, depth: scope.depth + 1 };
}

/** Whether a walk should still look into this scope. */
export function isWalkable(scope: Scope): boolean {
  return scope.depth <= SCOPE_DEPTH_MAX;
}

/** The end of the line on which `index` lies, but not beyond `limit`. */
export function lineEnd(text: string, index: number, limit: number): number {
  const end = text.indexOf("\n", index);
  return end === -1 || end > limit ? limit : end;
}

/** A span without so many units at either end: a string without its quotes. */
export function trimSpan(span: WholeSpan | Span, before: number, after: number): Span {
  const { startIndex, endIndex, startPosition: { row, column } } = span;
  return {
    startIndex: startIndex + before,
    endIndex: Math.max(startIndex + before, endIndex - after),
    startPosition: { row, column: column + before },
  };
}
