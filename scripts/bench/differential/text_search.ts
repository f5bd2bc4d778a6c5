// Finds lines by the indexer's own dictionary, chunk by chunk as a segment has them, and compares them
// with what git grep finds in the same commit.

import { readFile } from "node:fs/promises";
import path from "node:path";
import { fold } from "../../../supabase/functions/_shared/text/fold.ts";
import { planLiteral, satisfies } from "../../../supabase/functions/_shared/text/literal.ts";
import { visitChunks } from "../../../indexer/src/segment/chunks.ts";
import { decode } from "../../../indexer/src/segment/decode.ts";
import { PostingsBuilder } from "../../../indexer/src/segment/postings.ts";
import { git } from "../command.ts";
import type { Checkout } from "./checkout.ts";

/** One literal's lines, as `path:line`. */
export interface TextComparison {
  readonly literal: string;
  readonly agreed: number;
  /** What git grep alone has, in files whose text is in the index. */
  readonly theirs: readonly string[];
  /** What git grep alone has, in files that the index leaves out and says why. */
  readonly skipped: number;
  readonly ours: readonly string[];
}

interface Chunk {
  readonly file: string;
  readonly firstLine: number;
  readonly text: string;
}

/** A segment takes no more, and so does its dictionary here. */
const GROUP_UNITS_MAX = 16 * 1024 * 1024;

/** The lines in some chunks that a literal is in, where the dictionary leads to them. */
function searchGroup(chunks: readonly Chunk[], literals: readonly string[]): string[][] {
  const postings = new PostingsBuilder();
  for (const [chunkNo, { text }] of chunks.entries()) {
    postings.addChunk(chunkNo, text, 0, text.length);
  }
  const { entries, starts, ends, numbers } = postings.finish();
  return literals.map((literal) => {
    const plan = planLiteral(literal);
    let candidates = new Set(chunks.keys());
    for (const constraint of plan.constraints) {
      const found = new Set<number>();
      for (const [index, term] of entries.entries()) {
        if (!satisfies(term, constraint)) continue;
        for (const chunkNo of numbers.subarray(starts[index], ends[index])) found.add(chunkNo);
      }
      candidates = new Set([...candidates].filter((chunkNo) => found.has(chunkNo)));
    }
    return [...candidates].flatMap((chunkNo) => linesOf(chunks[chunkNo], plan));
  });
}

function linesOf(
  chunk: Chunk | undefined,
  { needle, caseSensitive }: { readonly needle: string; readonly caseSensitive: boolean },
): string[] {
  if (chunk === undefined) return [];
  return chunk.text.split("\n").flatMap((line, index) => {
    const isMatch = caseSensitive ? line.includes(needle) : fold(line).includes(needle);
    return isMatch ? [`${chunk.file}:${chunk.firstLine + index}`] : [];
  });
}

async function grep(repository: string, literal: string, signal: AbortSignal): Promise<string[]> {
  const isFolded = literal === fold(literal);
  const options = ["grep", "-n", "-I", "-F", "-z", ...(isFolded ? ["-i"] : []), "-e", literal];
  const output = await git(repository, [...options, "HEAD"], { signal, exitCodes: [0, 1] });
  return output.split("\n").flatMap((line) => {
    const [file = "", number = ""] = line.split("\0");
    return /^\d+$/.test(number) ? [`${file.slice("HEAD:".length)}:${number}`] : [];
  });
}

/** Compares the lines of some literals over all files of a commit. */
export async function compareText(
  repository: string,
  { folder, paths }: Checkout,
  literals: readonly string[],
  signal: AbortSignal,
): Promise<TextComparison[]> {
  const ours = literals.map(() => new Set<string>());
  const indexed = new Set<string>();
  let chunks: Chunk[] = [];
  let units = 0;
  const flush = () => {
    for (const [index, lines] of searchGroup(chunks, literals).entries()) {
      for (const line of lines) ours[index]?.add(line);
    }
    chunks = [];
    units = 0;
  };
  for (const file of paths) {
    signal.throwIfAborted();
    const bytes = await readFile(path.join(folder, file)).catch(() => null);
    const decoded = bytes === null ? null : decode(bytes);
    if (decoded?.kind !== "text") continue;
    indexed.add(file);
    visitChunks(decoded.text, (firstLine, start, end) => {
      chunks.push({ file, firstLine, text: decoded.text.slice(start, end) });
    });
    units += decoded.text.length;
    if (units >= GROUP_UNITS_MAX) flush();
  }
  flush();
  const comparisons: TextComparison[] = [];
  for (const [index, literal] of literals.entries()) {
    const found = ours[index] ?? new Set();
    const theirs = new Set(await grep(repository, literal, signal));
    const missed = [...theirs].filter((line) => !found.has(line));
    const isIndexed = (line: string) => indexed.has(line.slice(0, line.lastIndexOf(":")));
    comparisons.push({
      literal,
      agreed: [...theirs].filter((line) => found.has(line)).length,
      theirs: missed.filter(isIndexed),
      skipped: missed.filter((line) => !isIndexed(line)).length,
      ours: [...found].filter((line) => !theirs.has(line)),
    });
  }
  return comparisons;
}
