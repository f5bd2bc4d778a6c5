/**
 * Shows the lines that a search found: flat, or grouped by file with ranges, context and the
 * definition around each.
 */
import { MATCH_TEXT_UNITS_MAX } from "../../_shared/contracts/limits.ts";
import {
  cutAround,
  cutText,
  type LinePart,
  type Match,
  type SearchFile,
} from "../../_shared/contracts/search.ts";
import { type ChunkText } from "../../_shared/search/chunk_text.ts";
import { type LeafRange } from "../../_shared/search/file_search.ts";
import { type OutlineDefinition } from "../../_shared/segment/outline_entries.ts";
import { isAround } from "../files/position.ts";
import { type FoundFile, type FoundLine } from "./ranked_batch.ts";

type FileMatch = SearchFile["matches"][number];

const utf8 = new TextEncoder();

/** The flat view. */
export function showLines(lines: readonly FoundLine[], explains: boolean): Match[] {
  return lines.map(({ file, match }) => {
    const [first] = match.ranges;
    return {
      repository: file.repository,
      ref: file.ref,
      commit_oid: file.commitOid,
      path: file.path,
      line: match.line,
      column: (first?.start ?? 0) + 1,
      length: first?.length ?? 0,
      text: cutText(match.text),
      ...(explains ? { score: file.score.total, explain: file.score.parts } : {}),
    };
  });
}

/** The view by file; a page may end within one. */
export function showFiles(
  lines: readonly FoundLine[],
  { contextLines, explains }: { readonly contextLines: number; readonly explains: boolean },
): SearchFile[] {
  const byFile = Map.groupBy(lines, ({ file }) => file);
  return [...byFile].map(([file, found]) => ({
    repository: file.repository,
    ref: file.ref,
    commit_oid: file.commitOid,
    path: file.path,
    language: file.language,
    score: file.score.total,
    ...(explains ? { explain: file.score.parts } : {}),
    matches: found.map((line) => showMatch(line, contextLines)),
  }));
}

function showMatch({ file, match }: FoundLine, contextLines: number): FileMatch {
  const ranges = apart(match.ranges);
  const part = cutAround(match.text, ranges[0] ?? null, MATCH_TEXT_UNITS_MAX);
  return {
    line: match.line,
    ranges: showRanges(match.text, ranges, part),
    text: part.text,
    text_column: part.start + 1,
    before: linesBetween(file.chunks, match.line - contextLines, match.line - 1),
    after: linesBetween(file.chunks, match.line + 1, match.line + contextLines),
    enclosing: enclosing(file, match),
  };
}

/** The ranges that begin in the part that is shown. What is before it is counted once: it may be long. */
function showRanges(
  text: string,
  ranges: readonly LeafRange[],
  part: LinePart,
): FileMatch["ranges"] {
  const bytesBefore = bytesOf(text.slice(0, part.start));
  const end = part.start + part.text.length;
  const isShown = ({ start }: LeafRange) =>
    start >= part.start && (start < end || end === text.length);
  return ranges.filter(isShown).map(({ start, length }) => ({
    column: start + 1,
    length,
    byte_column: bytesBefore + bytesOf(text.slice(part.start, start)) + 1,
    byte_length: bytesOf(text.slice(start, start + length)),
  }));
}

function bytesOf(text: string): number {
  return utf8.encode(text).length;
}

/** Of places that overlap, as those of two words can, one: what to highlight. */
function apart(ranges: readonly LeafRange[]): readonly LeafRange[] {
  const joined: LeafRange[] = [];
  for (const range of ranges) {
    const last = joined.at(-1);
    if (last === undefined || range.start >= last.start + last.length) {
      joined.push(range);
      continue;
    }
    const end = Math.max(last.start + last.length, range.start + range.length);
    joined[joined.length - 1] = { ...last, length: end - last.start };
  }
  return joined;
}

/** The lines of a file from one number to another, as far as they were read. */
function linesBetween(chunks: readonly ChunkText[], first: number, last: number): string[] {
  const lines: string[] = [];
  for (const [index, chunk] of chunks.entries()) {
    // The text of others stays packed.
    const next = chunks[index + 1];
    if (chunk.firstLine > last || (next !== undefined && next.firstLine <= first)) continue;
    const end = Math.min(last, chunk.firstLine + chunk.lineCount - 1);
    for (let line = Math.max(first, chunk.firstLine); line <= end; line += 1) {
      lines.push(cutText(chunk.line(line - chunk.firstLine)));
    }
  }
  return lines;
}

/** Definitions with bodies: what stands behind the name of one is in it. */
const HAS_BODY =
  /^(?:class|constructor|enum|function|interface|method|module|namespace|object|struct|trait)$/;

/** Whether all of a definition is on a line, and a place of it behind the name. */
function isInBody(definition: OutlineDefinition, line: number, column: number): boolean {
  const { kind, name, rangeLine, endLine, startColumn } = definition;
  return rangeLine === line && endLine === line && HAS_BODY.test(kind) &&
    column >= startColumn + name.length;
}

/** Whether two are of one declaration, as the names are that it takes apart: neither is in the other. */
function isBeside(one: OutlineDefinition, other: OutlineDefinition): boolean {
  return one.rangeLine === other.rangeLine && one.rangeColumn === other.rangeColumn &&
    one.endLine === other.endLine && one.endColumn === other.endColumn;
}

/**
 * The innermost definition around a match, which is not the line's own, nor beside one of these: of several
 * that a line has, the one that the match is in.
 */
function enclosing(
  { outline: { definitions } }: FoundFile,
  { line, ranges }: FoundLine["match"],
): FileMatch["enclosing"] {
  const column = (ranges[0]?.start ?? 0) + 1;
  const own = definitions.filter(({ startLine }) => startLine === line);
  let innermost: OutlineDefinition | null = null;
  for (const definition of definitions) {
    const isOwn = definition.startLine === line;
    if (!isAround(definition, line, column)) continue;
    if (isOwn && !(own.length > 1 && isInBody(definition, line, column))) continue;
    if (!isOwn && own.some((each) => isBeside(each, definition))) continue;
    if (innermost === null || definition.rangeLine >= innermost.rangeLine) innermost = definition;
  }
  return innermost === null
    ? null
    : { name: innermost.name, kind: innermost.kind, line: innermost.startLine };
}
