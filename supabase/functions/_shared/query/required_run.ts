/**
 * A run of characters that every text holds which a regular expression matches, as an expression for the
 * platform's own engine: each of its characters is one of a set, none is repeated, so that it never goes
 * back and takes linear time. It leads to the lines on which it is worth running the engine that
 * decides. Reads RE2's syntax only as far as it is sure of it. Pure.
 */

/** A run of characters. */
export interface RequiredRun {
  /** Finds the run, and perhaps more; global, so that it goes on from `lastIndex`. */
  readonly expression: RegExp;
  /** The run itself where each of its characters is one; null where one may be several. */
  readonly literal: string | null;
}

/** What a single character may be. */
interface OneCharacter {
  readonly source: string;
  /** How much of text it leaves out: the binary logarithm. */
  readonly bits: number;
  readonly literal: string | null;
}

type CharacterRange = readonly [first: number, last: number];

/** A character that is written often; sets are measured by how many of these they have. */
const COMMON_CHARACTERS = 96;
/** A run that leaves out less is not worth a look of its own. */
const BITS_MIN = 6;
/** More of one repetition are not asked for. */
const REPEATED_MAX = 12;

/** Nothing goes on beyond its line. */
const ANY: OneCharacter = { source: "[^\\n]", bits: 0, literal: null };
const DIGITS: readonly CharacterRange[] = [[0x30, 0x39]];
const WORD: readonly CharacterRange[] = [...DIGITS, [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]];
const SPACE: readonly CharacterRange[] = [[0x9, 0x9], [0xc, 0xd], [0x20, 0x20]];
const SETS: Readonly<Record<string, readonly CharacterRange[]>> = { d: DIGITS, w: WORD, s: SPACE };

const PIECE =
  /\\(?<set>[dDsSwW])|\\(?<escaped>[!-/:-@[-`{-~])|(?<empty>\\[bBAz]|[$^])|(?<any>\.)|\[(?<negated>\^?)(?<members>\]?(?:\\[^]|\[:\^?[a-z]+:\]|[^\]\\])*)\]|(?<group>\((?:\?:|\?P?<[A-Za-z_]\w*>)?(?!\?))|(?<plain>[^\\()[\]{}|*+?^$.])/uy;
const REPETITION = /(?:(?<sign>[*+?])|\{(?<least>\d+)(?<open>,\d*)?\})\??/uy;
const MEMBER = /\\(?<set>[dws])|\\(?<escaped>[!-/:-@[-`{-~])|(?<plain>[^\\])/uy;

/** The run that leaves out most; null where none is certain, or worth a look. */
export function requiredRun(source: string, ignoresCase: boolean): RequiredRun | null {
  const best = new Reader(source, ignoresCase).runs()
    .map((run) => ({ run, bits: run.reduce((sum, { bits }) => sum + bits, 0) }))
    .toSorted((a, b) => b.bits - a.bits)[0];
  if (best === undefined || best.bits < BITS_MIN) return null;
  const isLiteral = best.run.every(({ literal }) => literal !== null);
  const flags = ignoresCase ? "giu" : "gu";
  return {
    expression: new RegExp(best.run.map((each) => each.source).join(""), flags),
    literal: isLiteral ? best.run.map(({ literal }) => literal).join("") : null,
  };
}

class Reader {
  readonly #source: string;
  readonly #ignoresCase: boolean;
  #at = 0;

  constructor(source: string, ignoresCase: boolean) {
    this.#source = source;
    this.#ignoresCase = ignoresCase;
  }

  /** Every run; none where something is not understood, or there are alternatives. */
  runs(): readonly (readonly OneCharacter[])[] {
    const runs: OneCharacter[][] = [[]];
    while (this.#at < this.#source.length) {
      const piece = this.#next(PIECE);
      if (piece === null) return [];
      const isGroup = piece["group"] !== undefined;
      if (isGroup && !this.#skipGroup()) return [];
      const repetition = this.#next(REPETITION);
      if (piece["empty"] !== undefined) {
        if (repetition !== null) return [];
        continue;
      }
      if (isGroup) {
        runs.push([]);
        continue;
      }
      const { count, isExact } = timesOf(repetition);
      const repeated = Array<OneCharacter>(count).fill(this.#character(piece));
      runs.at(-1)?.push(...repeated);
      // The last of them stand before what follows.
      if (!isExact) runs.push(repeated);
    }
    return runs;
  }

  #next(pattern: RegExp): Partial<Record<string, string>> | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source);
    if (found === null) return null;
    this.#at += found[0].length;
    return found.groups ?? {};
  }

  /** Moves behind the end of a group that was opened. */
  #skipGroup(): boolean {
    for (let depth = 1; depth > 0;) {
      const character = this.#source[this.#at];
      if (character === ")" || character === "|") {
        this.#at += 1;
        if (character === ")") depth -= 1;
        continue;
      }
      const piece = this.#next(REPETITION) ?? this.#next(PIECE);
      if (piece === null) return false;
      if (piece["group"] !== undefined) depth += 1;
    }
    return true;
  }

  #character(piece: Partial<Record<string, string>>): OneCharacter {
    const { set, escaped, plain, members, negated } = piece;
    const literal = escaped ?? plain;
    if (literal !== undefined) return literalOf(literal);
    if (set !== undefined) {
      const ranges = SETS[set.toLowerCase()];
      return ranges === undefined ? ANY : this.#oneOf(ranges, set !== set.toLowerCase());
    }
    const ranges = members === undefined ? null : rangesOf(members);
    return ranges === null ? ANY : this.#oneOf(ranges, negated === "^");
  }

  #oneOf(ranges: readonly CharacterRange[], isNegated: boolean): OneCharacter {
    // What is left out without case is more than what is written.
    if (isNegated && this.#ignoresCase) return ANY;
    const members = ranges.map(([first, last]) => `${escape(first)}-${escape(last)}`).join("");
    const size = ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
    const left = isNegated ? COMMON_CHARACTERS - size : size;
    const bits = Math.max(0, Math.log2(COMMON_CHARACTERS / Math.max(1, left)));
    return { source: `[${isNegated ? "^\\n" : ""}${members}]`, bits, literal: null };
  }
}

/** How often something is there at least, as far as it is asked for, and whether never more often. */
function timesOf(repetition: Partial<Record<string, string>> | null) {
  if (repetition === null) return { count: 1, isExact: true };
  const { sign, least, open } = repetition;
  const count = sign === undefined ? Number(least) : sign === "+" ? 1 : 0;
  const isExact = sign === undefined && open === undefined && count <= REPEATED_MAX;
  return { count: Math.min(count, REPEATED_MAX), isExact };
}

function literalOf(literal: string): OneCharacter {
  const source = escape(literal.codePointAt(0) ?? 0);
  return { source, bits: Math.log2(COMMON_CHARACTERS), literal };
}

function escape(codePoint: number): string {
  return `\\u{${codePoint.toString(16)}}`;
}

function codePointOf(member: Partial<Record<string, string>> | null): number | null {
  return (member?.["escaped"] ?? member?.["plain"])?.codePointAt(0) ?? null;
}

/** The members of a class in brackets; null where one is not understood. */
function rangesOf(members: string): readonly CharacterRange[] | null {
  const ranges: CharacterRange[] = [];
  let at = 0;
  const next = () => {
    // Named classes.
    if (members.startsWith("[:", at)) return null;
    MEMBER.lastIndex = at;
    const found = MEMBER.exec(members);
    at += found?.[0].length ?? 0;
    return found?.groups ?? null;
  };
  while (at < members.length) {
    const member: Partial<Record<string, string>> | null = next();
    if (member === null) return null;
    const set = SETS[member["set"] ?? ""];
    if (set !== undefined) {
      ranges.push(...set);
      continue;
    }
    const first = codePointOf(member) ?? 0;
    let last: number | null = first;
    if (members[at] === "-" && at + 1 < members.length) {
      at += 1;
      const end: Partial<Record<string, string>> | null = next();
      last = codePointOf(end);
    }
    if (last === null || last < first) return null;
    ranges.push([first, last]);
  }
  return ranges.length === 0 ? null : ranges;
}
