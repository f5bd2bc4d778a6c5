/**
 * Cuts a text into chunks of whole lines: what a search reads when it checks a candidate. Knows
 * nothing of terms or blobs.
 */

/**
 * The length of a chunk, unless a single line is longer. Longer ones make the index smaller and cost a
 * search more for each candidate.
 */
export const CHUNK_UNITS_MAX = 6144;

/**
 * Chunks of a segment: their numbers have two bytes. Any two in a row of a blob are together longer
 * than a chunk may be, which bounds them by the length of the text. COPY refuses more.
 */
export const SEGMENT_CHUNKS_MAX = 32_767;

/**
 * What a blob costs besides its content, and without any: so many bytes that a segment of very many
 * small blobs does not have more chunks than can be numbered.
 */
export const BLOB_BYTES = 2048;

/**
 * Receives one chunk: the number of its first line, from 1, and its bounds in the text. It ends
 * before the line feed of its last line.
 */
export type ChunkVisitor = (firstLine: number, start: number, end: number) => void;

/** Visits the chunks of a text in order and returns the number of its lines. */
export function visitChunks(text: string, visit: ChunkVisitor): number {
  let lineCount = 0;
  let firstLine = 1;
  let start = 0;
  let end = 0;
  let position = 0;
  // A line feed at the end of the text ends its last line and begins no other.
  while (position < text.length) {
    const lineFeed = text.indexOf("\n", position);
    const lineEnd = lineFeed === -1 ? text.length : lineFeed;
    const isFirst = position === start;
    if (!isFirst && lineEnd - start > CHUNK_UNITS_MAX) {
      visit(firstLine, start, end);
      start = position;
      firstLine = lineCount + 1;
    }
    end = lineEnd;
    position = lineEnd + 1;
    lineCount++;
  }
  if (lineCount > 0) visit(firstLine, start, end);
  return lineCount;
}
