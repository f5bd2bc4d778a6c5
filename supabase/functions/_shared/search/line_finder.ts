/**
 * Finds the lines of a text that a pattern matches, and where in them: the one place that decides
 * whether text matches. Patterns never match across lines. Pure.
 */
import { RE2JS } from "re2js";
import { type Pattern } from "../query/expression.ts";
import { requiredLiterals } from "../query/required_literals.ts";
import { requiredRun } from "../query/required_run.ts";
import { fold } from "../text/fold.ts";
import { type ChunkText } from "./chunk_text.ts";
import { neededGrams } from "./chunk_grams.ts";
import { LineTooLong, type TimeLimit } from "./time_limit.ts";

/** A place in a line, in UTF-16 units from 0. */
export interface Range {
  readonly start: number;
  readonly length: number;
}

/** A line that matches: its index in the chunk, and all places, ascending and apart. */
export interface LineHit {
  readonly index: number;
  readonly ranges: readonly Range[];
}

/** Looks through a chunk. Both throw OutOfTime, and LineTooLong for a regular expression. */
export interface LineFinder {
  /** All lines that match. */
  readonly find: (chunk: ChunkText, limit: TimeLimit) => readonly LineHit[];
  /** Whether there is one: where in it costs much more for an expression that is found everywhere. */
  readonly isIn: (chunk: ChunkText, limit: TimeLimit) => boolean;
  /** Runs of three that the folded text of every chunk with such a line has: it need not be asked about others. */
  readonly grams: readonly number[];
}

/** More places of one line are not told: a line may be as long as a file. */
const RANGES_MAX = 100;
/** Instructions times UTF-16 units of a line: at worst about 60 ns each, and nothing can stop them. */
const REGEX_LINE_STEPS_MAX = 8_000_000;

/** What counts as a capital in a regular expression: not the letters of its escapes and groups. */
const SYNTAX = /\\(?:[pP](?:\{[^}]*\}|.)|x\{[^}]*\}|Q|[^])|\(\?P?<[^>]*>|\(\?P|\[\[:[a-z]+:\]/g;

/** Whether a pattern is compared as it is written: it has a capital, unless the query says. */
export function isCaseSensitive(pattern: Pattern, wish: boolean | null): boolean {
  if (wish !== null) return wish;
  const text = pattern.kind === "literal" ? pattern.text : pattern.source.replaceAll(SYNTAX, "");
  return fold(text) !== text;
}

/** The finder of a pattern. */
export function lineFinder(pattern: Pattern, caseSensitive: boolean): LineFinder {
  return pattern.kind === "literal"
    ? literalFinder(pattern.text, caseSensitive)
    : regexFinder(pattern.source, caseSensitive);
}

function literalFinder(literal: string, caseSensitive: boolean): LineFinder {
  const needle = caseSensitive ? literal : fold(literal);
  const textOf = (chunk: ChunkText) => caseSensitive ? chunk.text : chunk.folded;
  const find = (chunk: ChunkText) => {
    const text = textOf(chunk);
    const hits: { index: number; ranges: Range[] }[] = [];
    for (let at = text.indexOf(needle); at !== -1;) {
      const index = chunk.lineAt(at);
      const known = hits.at(-1);
      const last = known?.index === index ? known : { index, ranges: [] };
      if (last !== known) hits.push(last);
      last.ranges.push({ start: at - chunk.lineStart(index), length: needle.length });
      const isFull = last.ranges.length >= RANGES_MAX;
      at = text.indexOf(needle, isFull ? chunk.lineEnd(index) : at + needle.length);
    }
    return hits;
  };
  const grams = neededGrams([fold(literal)]);
  return { find, isIn: (chunk) => textOf(chunk).includes(needle), grams };
}

function regexFinder(source: string, caseSensitive: boolean): LineFinder {
  const regex = RE2JS.compile(source, caseSensitive ? 0 : RE2JS.CASE_INSENSITIVE);
  // A line without what every match has needs no look of the slower engine.
  const next = candidateFinder(source, caseSensitive);
  // Without case a literal may match what does not equal it when folded.
  const literals = caseSensitive ? requiredLiterals(source) : [];
  const unitsMax = REGEX_LINE_STEPS_MAX / regex.programSize();
  /** The lines that match, as they are asked for. */
  function* matching(chunk: ChunkText, limit: TimeLimit): Generator<number, void> {
    const matches = (index: number) => {
      limit();
      const line = chunk.line(index);
      if (!literals.every((each) => line.includes(each))) return false;
      if (line.length > unitsMax) throw new LineTooLong(`more than ${unitsMax} units`);
      return regex.test(line);
    };
    if (next === null) {
      for (let index = 0; index < chunk.lineCount; index += 1) if (matches(index)) yield index;
      return;
    }
    for (let at = next(chunk, 0); at !== -1;) {
      const index = chunk.lineAt(at);
      if (matches(index)) yield index;
      at = next(chunk, chunk.lineEnd(index));
    }
  }
  return {
    find: (chunk, limit) =>
      Array.from(matching(chunk, limit), (index) => ({
        index,
        ranges: rangesOf(regex, chunk.line(index), limit),
      })),
    isIn: (chunk, limit) => matching(chunk, limit).next().done !== true,
    grams: neededGrams(partsOf(source, caseSensitive)),
  };
}

/** Without case RE2 takes two signs beyond ASCII for these, and of letters beyond it we cannot say. */
const UNSURE_WITHOUT_CASE = /[sk]|[^\0-\x7f]/;

/** What the folded form of every text that has a match has. */
function partsOf(source: string, caseSensitive: boolean): readonly string[] {
  const literals = requiredLiterals(source).map(fold);
  return caseSensitive ? literals : literals.flatMap((each) => each.split(UNSURE_WITHOUT_CASE));
}

/** The first place at or after another where a match may be; -1 where there is none. */
type CandidateFinder = (chunk: ChunkText, from: number) => number;

/** Finds what leads to the lines of an expression: null where nothing does. */
function candidateFinder(source: string, caseSensitive: boolean): CandidateFinder | null {
  const run = requiredRun(source, !caseSensitive);
  if (run !== null && run.literal === null) {
    return ({ text }, from) => {
      run.expression.lastIndex = from;
      return run.expression.exec(text)?.index ?? -1;
    };
  }
  const [longest] = requiredLiterals(source).toSorted((a, b) => b.length - a.length);
  if (longest === undefined) return null;
  const needle = caseSensitive ? longest : fold(longest);
  return (chunk, from) => (caseSensitive ? chunk.text : chunk.folded).indexOf(needle, from);
}

function rangesOf(regex: RE2JS, line: string, limit: TimeLimit): Range[] {
  const matcher = regex.matcher(line);
  const ranges: Range[] = [];
  while (ranges.length < RANGES_MAX && matcher.find()) {
    ranges.push({ start: matcher.start(), length: matcher.end() - matcher.start() });
    limit();
  }
  return ranges;
}

/** Whether a whole text, such as a path or a name, holds or matches a pattern. */
export function holder(pattern: Pattern, caseSensitive: boolean): (text: string) => boolean {
  if (pattern.kind === "regex") {
    const regex = RE2JS.compile(pattern.source, caseSensitive ? 0 : RE2JS.CASE_INSENSITIVE);
    return (text) => regex.test(text);
  }
  if (caseSensitive) return (text) => text.includes(pattern.text);
  const needle = fold(pattern.text);
  return (text) => fold(text).includes(needle);
}
