/**
 * Verifies one file against a query: whether it satisfies it, and which of its lines say so. Pure.
 */
import { type Outline, type OutlineDefinition } from "../segment/outline_entries.ts";
import { type ChunkText } from "./chunk_text.ts";
import { type CompiledQuery, type Condition, type FileFacts, type Leaf } from "./condition.ts";
import { type Range } from "./line_finder.ts";
import { type TimeLimit } from "./time_limit.ts";

/** A chunk of a file; bit i of the mask: leaf i may match in it. */
export type CandidateChunk = readonly [chunk: ChunkText, mask: number];

/** What is known of a file's text and definitions. */
export interface FileText {
  readonly chunks: readonly CandidateChunk[];
  readonly outline: Outline;
}

/** A place in a line, and the leaf that matches there. */
export interface LeafRange extends Range {
  readonly leaf: number;
}

/** A line that matches. */
export interface MatchedLine {
  readonly line: number;
  readonly text: string;
  /** By place; empty where the file matches and no line of it does. */
  readonly ranges: readonly LeafRange[];
  /** The definitions that are named in it and that the query looks for. */
  readonly definitions: readonly OutlineDefinition[];
}

interface FoundLine {
  readonly chunk: ChunkText;
  readonly index: number;
  readonly ranges: LeafRange[];
}

/** All lines that a leaf matches, by number. */
type LeafLines = ReadonlyMap<number, FoundLine>;

/** A blob's text, verified leaf by leaf; its files differ in what they are only. */
export class FileSearch {
  readonly #query: CompiledQuery;
  readonly #chunks: readonly CandidateChunk[];
  readonly #outline: Outline;
  readonly #limit: TimeLimit;
  readonly #lines = new Map<number, LeafLines>();
  readonly #isIn = new Map<number, boolean>();
  #definitionsByLine: ReadonlyMap<number, readonly OutlineDefinition[]> | null = null;

  constructor(query: CompiledQuery, { chunks, outline }: FileText, limit: TimeLimit) {
    this.#limit = limit;
    this.#query = query;
    this.#chunks = chunks;
    this.#outline = outline;
  }

  get chunks(): readonly ChunkText[] {
    return this.#chunks.map(([chunk]) => chunk);
  }

  /** The lines that match; null when the file does not satisfy the query. Throws as finders do. */
  matchedLines(file: FileFacts): readonly MatchedLine[] | null {
    const leaves = new Set<number>();
    if (!this.#holds(this.#query.condition, file, leaves)) return null;
    const lines = new Map<number, FoundLine>();
    for (const leafNo of leaves) {
      for (const [line, found] of this.#linesOf(leafNo)) {
        const known = lines.get(line);
        if (known === undefined) lines.set(line, { ...found, ranges: [...found.ranges] });
        else known.ranges.push(...found.ranges);
      }
    }
    if (lines.size === 0) return [this.#firstLine()];
    return [...lines].toSorted(([a], [b]) => a - b).map(([line, found]) => this.#line(line, found));
  }

  /** Whether a condition holds; adds the leaves that make it so. `leaves` null: nobody will see their lines. */
  #holds(condition: Condition, file: FileFacts, leaves: Set<number> | null): boolean {
    switch (condition.kind) {
      case "leaf":
        if (leaves === null) return this.#hasLeaf(condition.leaf);
        if (this.#linesOf(condition.leaf).size === 0) return false;
        leaves.add(condition.leaf);
        return true;
      case "file":
        return condition.holds(file);
      case "not":
        return !this.#holds(condition.operand, file, null);
      case "and":
        return condition.operands.every((each) => this.#holds(each, file, leaves));
      case "or": {
        if (leaves === null) {
          return condition.operands.some((each) => this.#holds(each, file, null));
        }
        // All of them, so that the lines of each are shown.
        const held = condition.operands.map((each) => {
          const own = new Set<number>();
          const isHeld = this.#holds(each, file, own);
          if (isHeld) { for (const leaf of own) leaves.add(leaf); }
          return isHeld;
        });
        return held.includes(true);
      }
    }
  }

  #hasLeaf(leafNo: number): boolean {
    const leaf = this.#query.leaves[leafNo];
    if (leaf?.kind !== "text") return this.#linesOf(leafNo).size > 0;
    const known = this.#isIn.get(leafNo);
    if (known !== undefined) return known;
    const isIn = this.#chunks.some(([chunk, mask]) => {
      if (!hasLeaf(mask, leafNo) || !chunk.mayHold(leaf.finder.grams)) return false;
      this.#limit();
      return leaf.finder.isIn(chunk, this.#limit);
    });
    this.#isIn.set(leafNo, isIn);
    return isIn;
  }

  #linesOf(leafNo: number): LeafLines {
    const known = this.#lines.get(leafNo);
    if (known !== undefined) return known;
    const leaf = this.#query.leaves[leafNo];
    const lines = leaf === undefined ? new Map<number, FoundLine>() : this.#find(leaf, leafNo);
    this.#lines.set(leafNo, lines);
    return lines;
  }

  #find(leaf: Leaf, leafNo: number): Map<number, FoundLine> {
    const lines = new Map<number, FoundLine>();
    if (leaf.kind === "symbol") {
      for (const definition of this.#outline.definitions) {
        this.#limit();
        if (!leaf.isNamed(definition.name) || !leaf.isOfKind(definition.kind)) continue;
        const { startLine: line, startColumn, name } = definition;
        const range = { start: startColumn - 1, length: name.length, leaf: leafNo };
        const known = lines.get(line);
        if (known !== undefined) known.ranges.push(range);
        else {
          const place = this.#place(line);
          if (place !== null) lines.set(line, { ...place, ranges: [range] });
        }
      }
      return lines;
    }
    for (const [chunk, mask] of this.#chunks) {
      if (!hasLeaf(mask, leafNo) || !chunk.mayHold(leaf.finder.grams)) continue;
      this.#limit();
      for (const { index, ranges } of leaf.finder.find(chunk, this.#limit)) {
        const found = ranges.map((range) => ({ ...range, leaf: leafNo }));
        lines.set(chunk.firstLine + index, { chunk, index, ranges: found });
      }
    }
    return lines;
  }

  #place(line: number): { readonly chunk: ChunkText; readonly index: number } | null {
    const chunk = this.#chunks.findLast(([each]) => each.firstLine <= line)?.[0];
    if (chunk === undefined) return null;
    const index = line - chunk.firstLine;
    return index < chunk.lineCount ? { chunk, index } : null;
  }

  #line(line: number, { chunk, index, ranges }: FoundLine): MatchedLine {
    return {
      line,
      text: chunk.line(index),
      ranges: ranges.toSorted((a, b) => a.start - b.start || a.leaf - b.leaf),
      definitions: this.#definitionsOf(line),
    };
  }

  #definitionsOf(line: number): readonly OutlineDefinition[] {
    this.#definitionsByLine ??= Map.groupBy(
      this.#outline.definitions,
      ({ startLine }) => startLine,
    );
    return this.#definitionsByLine.get(line) ?? [];
  }

  /** What stands for a file that matches as a whole. */
  #firstLine(): MatchedLine {
    const text = this.#place(1)?.chunk.line(0) ?? "";
    return { line: 1, text, ranges: [], definitions: [] };
  }
}

function hasLeaf(mask: number, leafNo: number): boolean {
  return Math.floor(mask / 2 ** leafNo) % 2 !== 0;
}
