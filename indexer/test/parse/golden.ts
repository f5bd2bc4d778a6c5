/**
 * The golden format: a source with its symbols drawn below each line. A source line stands after
 * two spaces; a line that begins with `//` points at the name of a symbol and says what it is:
 *
 *       close(): void {
 *     //^^^^^ method container=Reader end=3:4 signature="close(): void"
 *
 * The carets keep the units of the line (a character outside the basic plane takes two), so the
 * column is checked exactly. Files end in `.txt` so that no tool takes them for code.
 */
import type { ExtractedSymbol } from "../../src/parse/symbol.ts";

const SOURCE_MARK = "  ";
const NOTE_MARK = "//";

/** The source in a golden text. */
export function sourceOfGolden(golden: string): string {
  return golden
    .split("\n")
    .filter((line) => !line.startsWith(NOTE_MARK))
    .map((line) => line.slice(SOURCE_MARK.length))
    .join("\n");
}

function note(line: string, symbol: ExtractedSymbol): string {
  const indent = line.slice(0, symbol.startColumn - 1).replaceAll(/[^\t]/g, " ");
  const carets = "^".repeat(symbol.name.length);
  const container = symbol.container === null ? "" : ` container=${symbol.container}`;
  const end = `end=${symbol.endLine}:${symbol.endColumn}`;
  const signature = `signature=${JSON.stringify(symbol.signature)}`;
  return `${NOTE_MARK}${indent}${carets} ${symbol.kind}${container} ${end} ${signature}`;
}

/** Draws the symbols into their source. */
export function drawGolden(source: string, symbols: readonly ExtractedSymbol[]): string {
  const drawn = source.split("\n").flatMap((line, index) => {
    const here = symbols.filter((symbol) => symbol.startLine === index + 1);
    const marked = line === "" ? "" : SOURCE_MARK + line;
    return [marked, ...here.map((symbol) => note(line, symbol))];
  });
  return drawn.join("\n");
}
