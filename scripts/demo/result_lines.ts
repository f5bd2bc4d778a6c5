// Search results as aligned lines: where on the left, the line of source with its match marked on
// the right. Pure: from what the API answered to spans.

import { type Span, span, spansWidth } from "./spans.ts";
import { cutEnd, cutStart, padEnd, printable, textWidth } from "./text_width.ts";

/** A line and a place in it; columns are 1-based and in UTF-16 units, as the API has them. */
export interface MarkedLine {
  readonly column: number;
  readonly length: number;
  readonly text: string;
}

/** What is needed of a match. */
export interface MatchLine extends MarkedLine {
  readonly path: string;
  readonly line: number;
}

/** What is needed of a matching line of a file; ranges do not overlap and are in order. */
export interface FileLine {
  readonly line: number;
  readonly text: string;
  /** Where the text begins in the line, to which the columns of ranges belong. */
  readonly text_column: number;
  readonly ranges: readonly { readonly column: number; readonly length: number }[];
  readonly enclosing: { readonly name: string } | null;
}

/** What is needed of a definition. */
export interface SymbolLine {
  readonly name: string;
  readonly kind: string;
  readonly repository: string;
  readonly path: string;
  readonly line: number;
  readonly signature: string;
}

const GAP = "  ";
/** Of a line, at most this share is for the place. */
const PLACE_SHARE_MAX = 0.45;
/** Columns of text that stay visible before a match that is far to the right. */
const CONTEXT_COLUMNS = 16;

/**
 * Up to `count` results in the order of the answer: one of each file, from files spread over the
 * whole answer; where there are fewer files than that, the next results fill up.
 */
export function pickSpread<Item extends { readonly path: string }>(
  items: readonly Item[],
  count: number,
): Item[] {
  const firsts = [...Map.groupBy(items, ({ path }) => path).values()].flatMap(([first]) =>
    first === undefined ? [] : [first]
  );
  const step = Math.max(1, firsts.length / count);
  const chosen = new Set(
    firsts.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step)),
  );
  for (const item of items) {
    if (chosen.size >= count) break;
    chosen.add(item);
  }
  return items.filter((item) => chosen.has(item));
}

/** One line a match: `path:line`, then the text around the match. */
export function matchLines(matches: readonly MatchLine[], columns: number): Span[][] {
  const places = matches.map(({ path, line }) => `${printable(path)}:${line}`);
  const placeColumns = columnsFor(places, columns * PLACE_SHARE_MAX);
  return matches.map((match, index) => [
    span("faint", padEnd(cutStart(places[index] ?? "", placeColumns), placeColumns)),
    GAP,
    ...matchText(match, columns - placeColumns - GAP.length),
  ]);
}

/** One line a match of one file: its number, its text with every matched place marked, and what it is in. */
export function fileLines(matches: readonly FileLine[], columns: number): Span[][] {
  const numberColumns = columnsFor(matches.map(({ line }) => String(line)), columns);
  return matches.map(({ line, text, text_column: from, ranges: places, enclosing }) => {
    const number = String(line).padStart(numberColumns);
    const room = columns - numberColumns - GAP.length;
    const ranges = places.map((place) => ({ ...place, column: place.column - from + 1 }));
    const marked = markRanges(text, ranges, room);
    const around = enclosing === null ? "" : `${GAP}in ${printable(enclosing.name)}`;
    const shownAround = spansWidth(marked) + textWidth(around) <= room ? around : "";
    return [span("faint", number), GAP, ...marked, span("faint", shownAround)];
  });
}

/** The text with all its places marked; where it is too long, around the first of them. */
function markRanges(text: string, ranges: FileLine["ranges"], columns: number): Span[] {
  const [first] = ranges;
  if (first === undefined) return [cutEnd(printable(text).trim(), columns)];
  const pieces: Span[] = [];
  let end = 0;
  for (const { column, length } of ranges) {
    const start = column - 1;
    const before = printable(text.slice(end, start));
    end = start + length;
    pieces.push(pieces.length === 0 ? before.trimStart() : before);
    pieces.push(span("match", printable(text.slice(start, end))));
  }
  pieces.push(printable(text.slice(end)).trimEnd());
  return spansWidth(pieces) <= columns ? pieces : matchText({ ...first, text }, columns);
}

/**
 * One line a definition: kind, name with the asked word marked, and where it is; with its repository where
 * there are several.
 */
export function symbolLines(
  symbols: readonly SymbolLine[],
  word: string,
  columns: number,
): Span[][] {
  const kindColumns = columnsFor(symbols.map(({ kind }) => kind), columns / 5);
  const nameColumns = columnsFor(symbols.map(({ name }) => printable(name)), columns * 0.4);
  const placeColumns = columns - kindColumns - nameColumns - 2 * GAP.length;
  const hasSeveral = new Set(symbols.map(({ repository }) => repository)).size > 1;
  return symbols.map(({ kind, name, repository, path, line }) => {
    const place = `${printable(hasSeveral ? `${repository} ${path}` : path)}:${line}`;
    const marked = markWord(cutEnd(printable(name), nameColumns), word);
    return [
      span("faint", padEnd(printable(kind), kindColumns)),
      GAP,
      ...marked,
      " ".repeat(nameColumns - spansWidth(marked)),
      GAP,
      span("faint", cutStart(place, placeColumns)),
    ];
  });
}

/** The text with its match marked, the match visible, and nothing wider than `columns`. */
export function matchText(match: MarkedLine, columns: number): Span[] {
  const start = match.column - 1;
  const before = printable(match.text.slice(0, start)).trimStart();
  const hit = cutEnd(printable(match.text.slice(start, start + match.length)), columns);
  const after = printable(match.text.slice(start + match.length)).trimEnd();
  const room = columns - textWidth(hit);
  const isWhole = textWidth(before) + textWidth(after) <= room;
  const beforeRoom = isWhole
    ? room
    : Math.max(Math.min(CONTEXT_COLUMNS, room), room - textWidth(after));
  const shownBefore = cutStart(before, beforeRoom);
  return [shownBefore, span("match", hit), cutEnd(after, room - textWidth(shownBefore))];
}

function markWord(name: string, word: string): Span[] {
  const at = name.toLowerCase().indexOf(word.toLowerCase());
  if (at === -1) return [name];
  const end = at + word.length;
  return [name.slice(0, at), span("match", name.slice(at, end)), name.slice(end)];
}

function columnsFor(texts: readonly string[], columnsMax: number): number {
  return Math.min(Math.floor(columnsMax), Math.max(0, ...texts.map(textWidth)));
}
