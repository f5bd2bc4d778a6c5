/**
 * How good a file is as an answer to a query, and which of its lines come first. A score is a sum of
 * named parts, so that it can be explained; the same file and query always give the same. Knows
 * nothing of other files, and so nothing of how rare a word is.
 */
import { fold } from "../text/fold.ts";
import { type CompiledQuery } from "./condition.ts";
import { type LeafRange, type MatchedLine } from "./file_search.ts";
import { FILE_MARKS, type FileMarks } from "../text/path_marks.ts";

/** A part of a score. */
export interface ScorePart {
  readonly name: string;
  readonly score: number;
}

/** A score with its parts. */
export interface Score {
  readonly total: number;
  readonly parts: readonly ScorePart[];
}

/** What is ranked. */
export interface RankedFile {
  readonly path: string;
  readonly marks: FileMarks;
  readonly lines: readonly MatchedLine[];
  /** The leaves whose literal is the name of a definition of this file. */
  readonly definedLeaves: ReadonlySet<number>;
}

/** Points, of which a query of several words shares out those that are for each word. */
const POINTS = {
  definition: 40,
  definitionExact: 10,
  definitionOfType: 10,
  nameIsWord: 40,
  nameIsAllWords: 30,
  nameHasWord: 20,
  folderIsWord: 10,
  pathHasWord: 5,
  wholeTerm: 10,
  exactCase: 4,
  sameLine: 30,
  proximity: 10,
  manyLines: 1,
  manyLinesMax: 6,
  depth: -0.5,
  depthMax: 8,
};
const MARK_POINTS: readonly (readonly [mark: number, name: string, points: number])[] = [
  [FILE_MARKS.vendored, "vendored", -40],
  [FILE_MARKS.test, "test", -30],
  [FILE_MARKS.generated, "generated", -30],
  [FILE_MARKS.minified, "minified", -40],
  [FILE_MARKS.lock, "lock", -40],
  [FILE_MARKS.documentation, "documentation", -25],
];
const TYPE_KINDS = new Set(["class", "interface", "struct", "trait", "enum", "type", "module"]);
const WORD_CHARACTER = /[\p{L}\p{N}_$]/u;

interface Term {
  readonly leaf: number;
  readonly text: string;
}

/** Ranks files by a query. */
export class Ranking {
  readonly #terms: readonly Term[];

  constructor({ leaves }: CompiledQuery) {
    this.#terms = leaves.flatMap((leaf, leafNo) => {
      const patterns = leaf.kind === "text" ? [leaf.pattern] : leaf.names;
      return patterns.flatMap((pattern) =>
        pattern.kind === "literal" ? [{ leaf: leafNo, text: pattern.text }] : []
      );
    });
  }

  /** The score of a file that matches. */
  score(file: RankedFile): Score {
    const parts = new Map<string, number>();
    const add = (name: string, points: number) => {
      if (points !== 0) parts.set(name, (parts.get(name) ?? 0) + points);
    };
    const matched = new Set(file.lines.flatMap(({ ranges }) => ranges.map(({ leaf }) => leaf)));
    const terms = this.#terms.filter(({ leaf }) => matched.has(leaf));
    for (const term of terms) this.#scoreTerm(term, terms.length, file, add);
    if (terms.length > 1 && bareStem(file.path).includes(bare(terms.map(({ text }) => text)))) {
      add("all_in_file_name", POINTS.nameIsAllWords);
    }
    if (matched.size > 1) {
      const best = bestLine(file.lines, matched.size);
      add("same_line", POINTS.sameLine * best.coverage);
      add("proximity", POINTS.proximity * best.proximity);
    }
    const lines = Math.min(POINTS.manyLinesMax, Math.log2(1 + file.lines.length));
    add("many_lines", POINTS.manyLines * lines);
    for (const [mark, name, points] of MARK_POINTS) {
      if ((file.marks & mark) !== 0) add(name, points);
    }
    add("depth", POINTS.depth * Math.min(POINTS.depthMax, file.path.split("/").length - 1));
    const rounded = [...parts].map(([name, score]) => ({ name, score: round(score) }));
    return { parts: rounded, total: round(rounded.reduce((sum, { score }) => sum + score, 0)) };
  }

  /** The lines of a file: those that define what is looked for, then those with most of it. */
  order(lines: readonly MatchedLine[]): readonly MatchedLine[] {
    const rank = (line: MatchedLine) => {
      const leaves = new Set(line.ranges.map(({ leaf }) => leaf));
      return [this.#defines(line) ? 1 : 0, leaves.size] as const;
    };
    return lines.map((line) => ({ line, rank: rank(line) }))
      .toSorted((a, b) =>
        b.rank[0] - a.rank[0] || b.rank[1] - a.rank[1] || a.line.line - b.line.line
      )
      .map(({ line }) => line);
  }

  #defines({ definitions }: MatchedLine): boolean {
    return definitions.some(({ name }) =>
      this.#terms.some(({ text }) => fold(text) === fold(name))
    );
  }

  #scoreTerm(
    { leaf, text }: Term,
    termCount: number,
    { path, lines, definedLeaves }: RankedFile,
    add: (name: string, points: number) => void,
  ): void {
    const share = (name: string, points: number) => add(name, points / termCount);
    if (definedLeaves.has(leaf)) share("definition", POINTS.definition);
    const definitions = lines.flatMap((line) => line.definitions)
      .filter(({ name }) => fold(name) === fold(text));
    if (definitions.some(({ name }) => name === text)) {
      share("definition_exact", POINTS.definitionExact);
    }
    if (definitions.some(({ kind }) => TYPE_KINDS.has(kind))) {
      share("definition_of_type", POINTS.definitionOfType);
    }
    const [name, points] = pathPoints(path, fold(text));
    share(name, points);
    const places = lines.flatMap((line) =>
      line.ranges.filter((range) => range.leaf === leaf).map((range) => ({ line, range }))
    );
    if (places.some(({ line, range }) => isWholeTerm(line.text, range))) {
      share("whole_term", POINTS.wholeTerm);
    }
    if (places.some(({ line, range }) => textAt(line.text, range) === text)) {
      share("exact_case", POINTS.exactCase);
    }
  }
}

function pathPoints(path: string, word: string): readonly [string, number] {
  const folders = fold(path).split("/");
  const name = folders.pop() ?? "";
  if (name === word || bareStem(path) === bare([word])) return ["file_name", POINTS.nameIsWord];
  if (name.includes(word)) return ["in_file_name", POINTS.nameHasWord];
  if (folders.some((folder) => folder.split(/[-_.]/).includes(word) || folder === word)) {
    return ["folder", POINTS.folderIsWord];
  }
  return ["in_path", folders.some((folder) => folder.includes(word)) ? POINTS.pathHasWord : 0];
}

/** Words as one, without what people put between them. */
function bare(words: readonly string[]): string {
  return fold(words.join("")).replaceAll(/[\s_.-]/g, "");
}

/** A file's name without its extension, as one word. */
function bareStem(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return bare([name.includes(".", 1) ? name.slice(0, name.indexOf(".", 1)) : name]);
}

function textAt(text: string, { start, length }: LeafRange): string {
  return text.slice(start, start + length);
}

/** Whether a word begins and ends where the place does. */
function isWholeTerm(text: string, { start, length }: LeafRange): boolean {
  return !WORD_CHARACTER.test(text.charAt(start - 1)) &&
    !WORD_CHARACTER.test(text.charAt(start + length));
}

/** How much of the query one line has, and how near together: both from 0 to 1. */
function bestLine(lines: readonly MatchedLine[], leafCount: number) {
  let coverage = 0;
  let proximity = 0;
  for (const { ranges } of lines) {
    const leaves = new Set(ranges.map(({ leaf }) => leaf));
    if (leaves.size < 2) continue;
    const share = (leaves.size - 1) / (leafCount - 1);
    const first = ranges[0]?.start ?? 0;
    const end = Math.max(...ranges.map(({ start, length }) => start + length));
    const matched = ranges.reduce((sum, { length }) => sum + length, 0);
    const near = share * Math.min(1, matched / Math.max(1, end - first));
    if (share > coverage || (share === coverage && near > proximity)) {
      coverage = share;
      proximity = near;
    }
  }
  return { coverage, proximity };
}

function round(score: number): number {
  return Math.round(score * 100) / 100;
}
