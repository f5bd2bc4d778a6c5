/**
 * The plan of a literal search: what a single-line needle demands of the term dictionary, and how a
 * candidate line is compared with it. Every line that contains the needle has, for each constraint,
 * a stored term that satisfies it (property-tested); the converse needs the comparison. Knows
 * nothing of SQL, segments or tenants.
 */
import { fold } from "./fold.ts";
import {
  isSpaceUnit,
  splitRun,
  TERM_CODE_POINTS_MAX,
  visitRuns,
  WINDOW_INFIX_MAX,
} from "./terms.ts";

/**
 * A demand on the folded terms of a line: some term equals, begins with, ends with or has `term`.
 */
export interface Constraint {
  readonly kind: "exact" | "prefix" | "suffix" | "infix";
  readonly term: string;
}

/** How to find the lines that contain a needle. */
export interface LiteralPlan {
  readonly needle: string;
  /** Equal to the needle when it has no upper case, else what the dictionary is asked with. */
  readonly foldedNeedle: string;
  /** A needle with an upper-case character is compared as it is, any other under folding. */
  readonly caseSensitive: boolean;
  /** Without duplicates; empty when the needle is white space: then any line may match. */
  readonly constraints: readonly Constraint[];
}

/** Put before the first and after the last character of a term; a run never has them. */
export const TERM_START = "\u0002";
export const TERM_END = "\u0003";

/** The length of a gram. */
export const GRAM_CODE_POINTS = 3;

function firstCodePoints(text: string, count: number): string {
  return Array.from(text).slice(0, count).join("");
}

function lastCodePoints(text: string, count: number): string {
  return Array.from(text).slice(-count).join("");
}

/**
 * The demands of one piece of the needle. `openStart` says that the run in the line may begin
 * before the piece, `openEnd` that it may go on after it.
 */
function pieceConstraints(piece: string, openStart: boolean, openEnd: boolean): Constraint[] {
  const windows = splitRun(piece);
  const isLong = windows.length > 1;
  if (openStart && openEnd) {
    // The run may be long and the piece may straddle two of its windows.
    return [{ kind: "infix", term: firstCodePoints(piece, WINDOW_INFIX_MAX) }];
  }
  if (openStart) {
    if (isLong) return [{ kind: "exact", term: lastCodePoints(piece, TERM_CODE_POINTS_MAX) }];
    return [{ kind: "suffix", term: piece }];
  }
  if (openEnd) {
    if (isLong) return [{ kind: "exact", term: firstCodePoints(piece, TERM_CODE_POINTS_MAX) }];
    return [{ kind: "prefix", term: piece }];
  }
  return windows.map((term) => ({ kind: "exact", term }));
}

function findConstraints(needle: string): Constraint[] {
  const constraints = new Map<string, Constraint>();
  const openAtStart = needle.length > 0 && !isSpaceUnit(needle.charCodeAt(0));
  const openAtEnd = needle.length > 0 && !isSpaceUnit(needle.charCodeAt(needle.length - 1));
  visitRuns(needle, 0, needle.length, (start, end) => {
    const openStart = openAtStart && start === 0;
    const openEnd = openAtEnd && end === needle.length;
    for (const constraint of pieceConstraints(needle.slice(start, end), openStart, openEnd)) {
      constraints.set(`${constraint.kind} ${constraint.term}`, constraint);
    }
  });
  return [...constraints.values()];
}

/** Plans the search for a needle, which must not contain a line feed. */
export function planLiteral(needle: string): LiteralPlan {
  const foldedNeedle = fold(needle);
  const caseSensitive = foldedNeedle !== needle;
  return {
    needle,
    foldedNeedle,
    caseSensitive,
    constraints: findConstraints(foldedNeedle),
  };
}

/** Whether a folded term meets a constraint. */
export function satisfies(term: string, constraint: Constraint): boolean {
  switch (constraint.kind) {
    case "exact":
      return term === constraint.term;
    case "prefix":
      return term.startsWith(constraint.term);
    case "suffix":
      return term.endsWith(constraint.term);
    case "infix":
      return term.includes(constraint.term);
    default:
      return constraint.kind satisfies never;
  }
}

function gramsOf(text: string): string[] {
  const codePoints = Array.from(text);
  const grams = new Set<string>();
  for (let start = 0; start + GRAM_CODE_POINTS <= codePoints.length; start++) {
    grams.add(codePoints.slice(start, start + GRAM_CODE_POINTS).join(""));
  }
  return [...grams];
}

/** The distinct grams of a term with its marks, as the index stores them. */
export function termGrams(term: string): string[] {
  return gramsOf(TERM_START + term + TERM_END);
}

/**
 * The grams that every term which satisfies the constraint has. Empty when the constraint is too
 * short for one (an infix of two characters, say): then the dictionary has to be scanned.
 */
export function constraintGrams(constraint: Constraint): string[] {
  const isAnchoredStart = constraint.kind === "exact" || constraint.kind === "prefix";
  const isAnchoredEnd = constraint.kind === "exact" || constraint.kind === "suffix";
  const start = isAnchoredStart ? TERM_START : "";
  const end = isAnchoredEnd ? TERM_END : "";
  return gramsOf(start + constraint.term + end);
}
