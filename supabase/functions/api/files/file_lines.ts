/**
 * Lines out of the chunks that hold them: whole lines, none twice, within the bounds of an answer. Pure.
 */
import { FILE_TEXT_UNITS_MAX } from "../../_shared/contracts/limits.ts";

/** Consecutive whole lines of a file, without the line feed of the last one. */
export interface Chunk {
  /** 1-based. */
  readonly first_line: number;
  readonly content: string;
}

/** A run of lines. */
export interface Lines {
  /** Joined by line feeds. */
  readonly text: string;
  /** Of the last line; one before the first line when there is none. */
  readonly endLine: number;
  /** Whether the first line is cut. */
  readonly isTruncated: boolean;
}

/**
 * The lines from `firstLine` to `lastLine` that the chunks have, as many as an answer may hold; a first
 * line longer than that is cut.
 */
export function linesBetween(
  chunks: readonly Chunk[],
  firstLine: number,
  lastLine: number,
): Lines {
  const lines: string[] = [];
  let units = 0;
  let isTruncated = false;
  for (const chunk of chunks) {
    for (const [index, line] of chunk.content.split("\n").entries()) {
      const number = chunk.first_line + index;
      if (number < firstLine || number > lastLine) continue;
      if (lines.length > 0 && units + line.length + 1 > FILE_TEXT_UNITS_MAX) {
        return { text: lines.join("\n"), endLine: number - 1, isTruncated };
      }
      lines.push(line.slice(0, FILE_TEXT_UNITS_MAX).toWellFormed());
      isTruncated ||= line.length > FILE_TEXT_UNITS_MAX;
      units += line.length + 1;
    }
  }
  return { text: lines.join("\n"), endLine: firstLine + lines.length - 1, isTruncated };
}

/** The number of the last line of a chunk. */
export function lastLineOf({ first_line: firstLine, content }: Chunk): number {
  return firstLine + content.split("\n").length - 1;
}

/** Reads single lines, each chunk taken apart once however many are asked for; null where none has it. */
export function lineReader(chunks: readonly Chunk[]): (line: number) => string | null {
  const linesOf = new Map<Chunk, readonly string[]>();
  return (line) => {
    const chunk = chunks.findLast(({ first_line: firstLine }) => firstLine <= line);
    if (chunk === undefined) return null;
    const lines = linesOf.get(chunk) ?? chunk.content.split("\n");
    linesOf.set(chunk, lines);
    return lines[line - chunk.first_line] ?? null;
  };
}
