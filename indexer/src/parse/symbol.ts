/**
 * What a symbol is, and how a declaration found in a syntax tree becomes one: name, range,
 * container and signature, bounded and free of control characters. Knows no language's grammar.
 */
import type { Node } from "web-tree-sitter";

/** The words of LSP and SCIP, in lower case. */
export type SymbolKind =
  | "class"
  | "constant"
  | "constructor"
  | "enum"
  | "enum_member"
  | "field"
  | "function"
  | "interface"
  | "method"
  | "module"
  | "namespace"
  | "property"
  | "struct"
  | "type"
  | "variable";

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
  /** Where the whole definition ends, just after its last character. */
  readonly endLine: number;
  readonly endColumn: number;
  /** The enclosing definitions, `Outer.Inner`; null at the top of a file. */
  readonly container: string | null;
  /** The declaration up to its body, in one line of at most SIGNATURE_UNITS_MAX units. */
  readonly signature: string;
}

/** Longer names exist in generated code alone, and a name must fit into an index row. */
export const NAME_CODE_POINTS_MAX = 255;

export const SIGNATURE_UNITS_MAX = 200;

/** Deeper nesting than this is not code that anybody navigates; it bounds the walk's recursion. */
const SCOPE_DEPTH_MAX = 32;

/** Enough source for a signature even where most of it is white space that collapses. */
const SIGNATURE_SOURCE_UNITS_MAX = 2000;

/** A place in which declarations are found. */
export interface Scope {
  readonly path: string | null;
  readonly depth: number;
}

/** A declaration in a syntax tree. */
export interface Declaration {
  readonly kind: SymbolKind;
  /** The node of the name; a string literal counts without its quotes. */
  readonly name: Node;
  /** The whole declaration. */
  readonly node: Node;
  /** What the source says before `node`, or would if it were not in a group: `export const `. */
  readonly prefix?: string;
  /** The index in the source at which the signature ends. */
  readonly signatureEnd: number;
}

/** Where a language's walk puts what it finds. */
export interface SymbolCollector {
  readonly text: string;
  readonly symbols: readonly ExtractedSymbol[];
  /** Adds a symbol and answers with the scope of its members. */
  declare(scope: Scope, declaration: Declaration): Scope;
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

// Controls too: the index uses some as marks, and they have no place in a listing.
const BLANKS = /[\s\p{Cc}]+/gu;

function inOneLine(text: string): string {
  return text.replace(BLANKS, " ").trim();
}

/** Cuts a text to a number of UTF-16 units without leaving half of a surrogate pair. */
export function cutUnits(text: string, unitsMax: number): string {
  if (text.length <= unitsMax) return text;
  const last = text.charCodeAt(unitsMax - 1);
  const isHalf = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, isHalf ? unitsMax - 1 : unitsMax);
}

function cutCodePoints(text: string, codePointsMax: number): string {
  if (text.length <= codePointsMax) return text;
  return Array.from(text).slice(0, codePointsMax).join("");
}

function signatureOf(text: string, declaration: Declaration): string {
  const { node, signatureEnd, prefix = "" } = declaration;
  let start = node.startIndex;
  if (text.charCodeAt(start) === 0x40) {
    // The declaration's own words begin after its decorators.
    const first = node.children.find((child) =>
      child.type !== "decorator" && child.type !== "comment"
    );
    start = first?.startIndex ?? start;
  }
  const end = Math.min(signatureEnd, start + SIGNATURE_SOURCE_UNITS_MAX);
  const line = inOneLine(prefix + text.slice(start, end))
    .replace(/\s*[{:;]$/, "")
    // What joining the lines of a parameter list leaves at its ends.
    .replaceAll("( ", "(")
    .replaceAll(/,? \)/g, ")");
  return cutUnits(line, SIGNATURE_UNITS_MAX);
}

/** Collects the symbols of one file. */
export function createSymbolCollector(text: string): SymbolCollector {
  const symbols: ExtractedSymbol[] = [];
  return {
    text,
    symbols,
    declare(scope, declaration) {
      const { node } = declaration;
      const quote = declaration.name.type === "string" ? 1 : 0;
      const nameStart = declaration.name.startIndex + quote;
      const nameEnd = declaration.name.endIndex - quote;
      const name = cutCodePoints(inOneLine(text.slice(nameStart, nameEnd)), NAME_CODE_POINTS_MAX);
      // The parser invents a name of no length where it recovers from an error.
      if (name === "") return deeper(scope);
      const start = declaration.name.startPosition;
      const end = node.endPosition;
      symbols.push({
        name,
        kind: declaration.kind,
        startLine: start.row + 1,
        startColumn: start.column + 1 + quote,
        endLine: end.row + 1,
        endColumn: end.column + 1,
        container: scope.path,
        signature: signatureOf(text, declaration),
      });
      return inside(scope, name);
    },
  };
}
