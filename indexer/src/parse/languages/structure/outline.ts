/**
 * What files that hold data or prose have instead of declarations: entries that contain each other,
 * like the keys of a mapping or the headings of a text. Found by scanning, since a parser would build
 * a tree of a whole data file to have a few of its keys. Bounded in depth and in number.
 */
import {
  FILE_SCOPE,
  inside,
  lineEnd,
  type Scope,
  type Span,
  type SymbolCollector,
  type SymbolKind,
} from "../../symbol.ts";

/** What lies deeper is data rather than structure. */
export const ENTRY_DEPTH_MAX = 4;

/** Nobody navigates more than this; a file with more of them is data. */
export const ENTRIES_MAX = 1000;

export interface Entry {
  readonly kind: SymbolKind;
  /** How many entries it lies in: 0 at the top. */
  readonly depth: number;
  readonly nameStart: number;
  readonly nameEnd: number;
  readonly start: number;
  /** Just after the last character of what the entry contains. */
  end: number;
  /** Where the entry is written to be, in front of its own name: a and b of `a.b.c = 1`. */
  readonly path?: readonly string[];
}

/** Turns ascending indexes of a text into positions; going back costs as much as from the start. */
function createPositions(text: string): (index: number) => { row: number; column: number } {
  let row = 0;
  let lineStart = 0;
  return (index) => {
    if (index < lineStart) {
      row = 0;
      lineStart = 0;
    }
    for (let end = text.indexOf("\n", lineStart); end !== -1 && end < index;) {
      row += 1;
      lineStart = end + 1;
      end = text.indexOf("\n", lineStart);
    }
    return { row, column: index - lineStart };
  };
}

/** Declares entries, each before what it contains. */
export function declareEntries(entries: readonly Entry[], collector: SymbolCollector): void {
  const { text } = collector;
  const startOf = createPositions(text);
  // Ends come in another order than names, so they are brought into their own.
  const endOf = createPositions(text);
  const ends = new Map(
    entries.map(({ end }) => end).toSorted((a, b) => a - b).map((end) => [end, endOf(end)]),
  );
  const scopes: Scope[] = [];
  for (const entry of entries) {
    const { kind, depth, nameStart, nameEnd, start, end, path = [] } = entry;
    const startPosition = startOf(start);
    const name: Span = {
      startIndex: nameStart,
      endIndex: nameEnd,
      startPosition: startOf(nameStart),
    };
    const node = {
      startIndex: start,
      endIndex: end,
      startPosition,
      endPosition: ends.get(end) ?? name.startPosition,
    };
    const scope = path.reduce(inside, (depth === 0 ? undefined : scopes[depth - 1]) ?? FILE_SCOPE);
    const signatureEnd = lineEnd(text, start, end);
    scopes[depth] = collector.declare(scope, { kind, name, node, signatureEnd, exported: true });
    scopes.length = depth + 1;
  }
}
