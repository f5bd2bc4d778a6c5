/**
 * Blanks out what holds no definitions, function bodies above all, before a source is parsed: that is
 * most of it, and parsing is most of the work. Every character that is kept stays at its index and on
 * its line. Where braces do not fit together nothing is blanked. Knows tokens and a language's words.
 */
import type { Identifiers } from "../tokens/identifiers.ts";
import type { NumberSet } from "../tokens/number_set.ts";
import type { ElisionRules } from "../reference_rules.ts";
import { FORK, TOKEN, type Tokens } from "../tokens/tokens.ts";
import {
  CLOSE,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COMMA,
  EQUALS,
  GREATER,
  OPEN,
  OPEN_BRACE,
  OPEN_BRACKET,
  SEMICOLON,
} from "../tokens/signs.ts";

/** Blanking less than this is not worth the copy. */
const BODY_UNITS_MIN = 16;

/** What the words so far make of the next brace, on one level of brackets. */
interface Level {
  readonly close: number;
  /** The token that opened it. */
  readonly open: number;
  last: "container" | "function" | null;
  hasParentheses: boolean;
  isAssigned: boolean;
  /** The token that opened the parentheses just before. */
  parenthesesOpen: number;
  /** Whether entries with parentheses may have definitions in braces, as in an enum of Java. */
  isEnum: boolean;
  nextIsEnum: boolean;
}

function levelOf(close: number, open: number, isEnum: boolean): Level {
  return {
    close,
    open,
    last: null,
    hasParentheses: false,
    isAssigned: false,
    parenthesesOpen: -1,
    isEnum,
    nextIsEnum: false,
  };
}

function restart(level: Level): void {
  level.last = null;
  level.hasParentheses = false;
  level.isAssigned = false;
  level.nextIsEnum = false;
}

/** Words of a language, by their numbers. */
interface Words {
  readonly containers: NumberSet;
  readonly functions: NumberSet;
  readonly starts: NumberSet;
  readonly attributes: NumberSet;
  readonly enum: number;
  readonly for: number;
}

class BodyFinder {
  readonly #rules: ElisionRules;
  readonly #tokens: Tokens;
  readonly #words: Words;
  readonly #levels: Level[] = [levelOf(0, -1, false)];
  /** How many levels there were at each fork of the preprocessor that is open. */
  readonly #forks: number[] = [];
  /** Starts and ends of what can be blanked. */
  readonly bodies: number[] = [];

  constructor(rules: ElisionRules, tokens: Tokens, identifiers: Identifiers) {
    this.#rules = rules;
    this.#tokens = tokens;
    this.#words = {
      containers: identifiers.keywords(rules.containers),
      functions: identifiers.keywords(rules.functions),
      starts: identifiers.keywords(rules.starts),
      attributes: identifiers.keywords(rules.attributes),
      enum: identifiers.keyword("enum"),
      for: identifiers.keyword("for"),
    };
  }

  /** Finds the bodies; false where brackets do not fit together. */
  run(): boolean {
    const tokens = this.#tokens;
    for (let index = 0; index < tokens.count; index++) {
      const level = this.#levels.at(-1);
      if (level === undefined) return false;
      const value = tokens.values[index] ?? 0;
      if (tokens.kinds[index] === TOKEN.word) this.#word(index, value, level);
      else if (tokens.kinds[index] === TOKEN.fork) {
        if (!this.#fork(value)) return false;
      } else if (tokens.kinds[index] === TOKEN.sign) {
        const next = this.#sign(index, value, level);
        if (next === -1) return false;
        index = next;
      }
    }
    return this.#levels.length === 1;
  }

  #word(index: number, id: number, level: Level): void {
    // `A.class`
    if (this.#tokens.sign(index - 1) === 0x2e) return;
    const { containers, functions, starts } = this.#words;
    if (starts.has(id)) restart(level);
    if (functions.has(id)) level.last = "function";
    if (!containers.has(id)) return;
    restart(level);
    level.last = "container";
    level.nextIsEnum = id === this.#words.enum;
  }

  /** Of the branches of a fork one counts, so each begins with the levels of the first. */
  #fork(value: number): boolean {
    if (value === FORK.start) this.#forks.push(this.#levels.length);
    else if (value === FORK.end) this.#forks.pop();
    else {
      const count = this.#forks.at(-1) ?? this.#levels.length;
      if (count > this.#levels.length) return false;
      this.#levels.length = count;
    }
    return true;
  }

  /** Takes a sign and answers with the token that was read last; -1 where it fits nothing. */
  #sign(index: number, sign: number, level: Level): number {
    switch (sign) {
      case OPEN:
        this.#levels.push(levelOf(CLOSE, index, false));
        break;
      case OPEN_BRACKET:
        this.#levels.push(levelOf(CLOSE_BRACKET, index, false));
        break;
      case OPEN_BRACE: {
        if (this.#isBody(index, level)) return this.#body(index, level);
        this.#levels.push(levelOf(CLOSE_BRACE, index, level.nextIsEnum));
        break;
      }
      case CLOSE:
      case CLOSE_BRACKET:
      case CLOSE_BRACE:
        return this.#close(sign, level) ? index : -1;
      case SEMICOLON:
        restart(level);
        level.isEnum = false;
        break;
      case COMMA:
        if (!this.#rules.values) level.hasParentheses = false;
        break;
      case EQUALS:
        if (this.#isAssignment(index)) level.isAssigned = true;
        break;
    }
    return index;
  }

  #close(sign: number, level: Level): boolean {
    if (level.close !== sign) return false;
    this.#levels.pop();
    const around = this.#levels.at(-1);
    if (around === undefined) return false;
    if (sign === CLOSE) {
      around.hasParentheses = true;
      around.parenthesesOpen = level.open;
    } else if (sign === CLOSE_BRACE) restart(around);
    return true;
  }

  #isAssignment(index: number): boolean {
    const next = this.#tokens.sign(index + 1);
    const before = this.#tokens.sign(index - 1);
    return next !== EQUALS && next !== GREATER && before !== EQUALS && before !== 0x21;
  }

  #isBody(index: number, level: Level): boolean {
    const { values, parentheses, parenthesesWin } = this.#rules;
    const before = this.#tokens.sign(index - 1);
    // `for { a <- b } yield a` is no statement of Scala without what is in its braces.
    const word = this.#tokens.word(index - 1);
    if (word >= 0 && word === this.#words.for) return false;
    // An object where values are looked into, else data.
    if (before === EQUALS) return values;
    if (parenthesesWin === true && before === CLOSE) {
      const word = this.#tokens.word(level.parenthesesOpen - 1);
      if (!this.#words.attributes.has(word)) return true;
    }
    if (level.last !== null) return level.last === "function";
    if (values && level.isAssigned) return true;
    if (before === GREATER && this.#tokens.sign(index - 2) === EQUALS) return true;
    return parentheses && level.hasParentheses && !level.isEnum;
  }

  /** Notes a body and answers with the token that closes it; -1 where none does. */
  #body(open: number, level: Level): number {
    const tokens = this.#tokens;
    const forks: number[] = [];
    let depth = 0;
    for (let index = open; index < tokens.count; index++) {
      const sign = tokens.sign(index);
      if (sign === OPEN_BRACE) depth += 1;
      else if (sign === CLOSE_BRACE && --depth === 0) {
        const start = tokens.ends[open] ?? 0;
        const end = tokens.starts[index] ?? 0;
        if (end - start >= BODY_UNITS_MIN) this.bodies.push(start, end);
        restart(level);
        return index;
      } else if (tokens.kinds[index] === TOKEN.fork) {
        const value = tokens.values[index];
        if (value === FORK.start) forks.push(depth);
        else if (value === FORK.end) forks.pop();
        else depth = forks.at(-1) ?? depth;
      }
    }
    return -1;
  }
}

/** White space on as many lines, and as long, as a part of a text. */
function blank(text: string, start: number, end: number): string {
  let blanks = "";
  let line = start;
  for (let lineFeed = text.indexOf("\n", line); lineFeed !== -1 && lineFeed < end;) {
    blanks += " ".repeat(lineFeed - line) + "\n";
    line = lineFeed + 1;
    lineFeed = text.indexOf("\n", line);
  }
  return blanks + " ".repeat(end - line);
}

/** The text without bodies; null where there are none or brackets do not fit together. */
export function elideBodies(
  text: string,
  tokens: Tokens,
  identifiers: Identifiers,
  rules: ElisionRules,
): string | null {
  const finder = new BodyFinder(rules, tokens, identifiers);
  if (!finder.run() || finder.bodies.length === 0) return null;
  let elided = "";
  let kept = 0;
  for (let at = 0; at < finder.bodies.length; at += 2) {
    const start = finder.bodies[at] ?? 0;
    const end = finder.bodies[at + 1] ?? 0;
    elided += text.slice(kept, start) + blank(text, start, end);
    kept = end;
  }
  return elided + text.slice(kept);
}
