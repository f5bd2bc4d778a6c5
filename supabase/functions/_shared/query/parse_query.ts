/**
 * Reads a query. The grammar, in which juxtaposition binds tighter than `or`:
 *
 *     query    = either
 *     either   = all { ( "or" | "OR" ) all }
 *     all      = one { one }
 *     one      = "-" one | "(" either ")" | field ":" value | value
 *     value    = word | "\"" phrase "\"" | "/" regex "/"
 *
 * White space, `)` or the end follows the "/" that ends an expression.
 *
 * Every mistake says where it is. Pure; what a query finds is decided elsewhere.
 */
import { SYMBOL_KINDS } from "../segment/symbol_kinds.ts";
import { fold } from "../text/fold.ts";
import { languageNamed, languagesNear } from "../text/languages.ts";
import {
  type Expression,
  filterFields,
  type Pattern,
  type Query,
  type QueryMistake,
  symbolFields,
} from "./expression.ts";
import {
  compiledSize,
  placeOfLineFeed,
  placeOfMistake,
  type RegexMistake,
} from "./regex_mistake.ts";
import { nextToken, signOfPattern, type Token } from "./tokens.ts";

/** Deeper nesting is no query that anybody writes. */
const DEPTH_MAX = 30;
/** Each condition is looked for on its own. */
const CONDITIONS_MAX = 50;
export const COUNT_MAX = 1000;
/** A regular expression, compiled: counted repetitions are written out. */
const REGEX_INSTRUCTIONS_MAX = 2_000;
/** What a mistake quotes of an expression, in UTF-16 units. */
const QUOTED_UNITS_MAX = 40;

const KINDS = new Set<string>(SYMBOL_KINDS);
const NOTHING_BESIDE_OR = "or needs something on both sides";

/** What a query is, or what is wrong with it. */
export type ParsedQuery = { readonly query: Query } | { readonly mistake: QueryMistake };

class Mistake extends Error {
  readonly position: number;

  constructor(position: number, message: string) {
    super(message);
    this.position = position;
  }
}

/** Reads a query. */
export function parseQuery(text: string): ParsedQuery {
  try {
    return { query: new Parser(text).parse() };
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    return { mistake: { position: error.position, message: error.message } };
  }
}

class Parser {
  readonly #text: string;
  #end = 0;
  #token: Token;
  #depth = 0;
  #conditions = 0;
  #caseSensitive: boolean | null = null;
  #count: number | null = null;

  constructor(text: string) {
    this.#text = text;
    this.#token = this.#read(false);
  }

  parse(): Query {
    const expression = this.#either();
    if (this.#token.kind === "close") throw new Mistake(this.#token.at, "this ) has no opening (");
    if (expression === null) {
      throw new Mistake(0, "the query looks for nothing: write a word, a field or a /regex/");
    }
    return { expression, caseSensitive: this.#caseSensitive, count: this.#count };
  }

  #read(isValue: boolean): Token {
    const { token, end } = nextToken(this.#text, this.#end, isValue);
    if (token.kind === "mistake") throw new Mistake(token.mistake.position, token.mistake.message);
    this.#end = end;
    return token;
  }

  #advance(): void {
    this.#token = this.#read(false);
  }

  /** Null where there were options only. */
  #either(): Expression | null {
    const operands = [this.#all()];
    while (this.#token.kind === "or") {
      const { at } = this.#token;
      this.#advance();
      const operand = this.#all();
      // The mistake is where something is missing: before this `or`, or after it.
      if (operands[0] === null) throw new Mistake(at, NOTHING_BESIDE_OR);
      if (operand === null) throw new Mistake(this.#token.at, NOTHING_BESIDE_OR);
      operands.push(operand);
    }
    const known = operands.filter((operand) => operand !== null);
    return known.length > 1 ? { kind: "or", operands: known } : known[0] ?? null;
  }

  #all(): Expression | null {
    const operands: Expression[] = [];
    while (!["or", "close", "end"].includes(this.#token.kind)) {
      const operand = this.#one();
      if (operand !== null) operands.push(operand);
    }
    return operands.length > 1 ? { kind: "and", operands } : operands[0] ?? null;
  }

  #one(): Expression | null {
    const token = this.#token;
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) throw new Mistake(token.at, "the query is nested too deeply");
    try {
      switch (token.kind) {
        case "not":
          return this.#not(token.at);
        case "open":
          return this.#group(token.at);
        case "field":
          return this.#field(token);
        case "word":
        case "regex": {
          const pattern = this.#pattern(token);
          if (token.kind === "regex") this.#demandOneLine(token);
          this.#advance();
          return this.#condition(token.at, { kind: "text", pattern });
        }
        case "or":
        case "close":
        case "end":
          throw new Mistake(token.at, "something to look for is missing here");
      }
    } finally {
      this.#depth -= 1;
    }
  }

  #not(at: number): Expression {
    this.#advance();
    const operand = this.#one();
    if (operand === null) throw new Mistake(at, "case: and count: cannot be negated");
    // Twice is not at all: one way to say each thing.
    return operand.kind === "not" ? operand.operand : { kind: "not", operand };
  }

  #group(at: number): Expression | null {
    this.#advance();
    const inner = this.#either();
    if (this.#token.kind !== "close") throw new Mistake(at, "this ( has no closing )");
    this.#advance();
    if (inner === null) throw new Mistake(at, "there is nothing between these parentheses");
    return inner;
  }

  #field({ name, written, at }: Extract<Token, { kind: "field" }>): Expression | null {
    const value = this.#read(true);
    if (value.kind !== "word" && value.kind !== "regex") {
      throw new Mistake(this.#end, `${written}: needs a value right behind it`);
    }
    this.#advance();
    if (name === "case" || name === "count") {
      this.#option(name, value);
      return null;
    }
    const field = [...filterFields, ...symbolFields].find((each) => each === name);
    if (field === undefined) throw new Mistake(at, `there is no field ${name}`);
    const pattern = this.#pattern(value);
    const isExact = field === "lang" || field === "ref" || field === "kind";
    if (isExact && pattern.kind === "regex") {
      throw new Mistake(value.at, `${written}: takes a word, not a regular expression`);
    }
    if (field === "kind" && pattern.kind === "literal" && !KINDS.has(fold(pattern.text))) {
      throw new Mistake(value.at, `kind: is one of ${SYMBOL_KINDS.join(", ")}`);
    }
    const isName = (field === "path" || field === "repo") && value.kind === "word" && !value.quoted;
    const sign = isName ? signOfPattern(value.text) : -1;
    if (sign !== -1) {
      const advice = `write an expression, as ${written}:/\\.go$/, or quote the text`;
      throw new Mistake(value.at + sign, `${written}: finds its text as it is: ${advice}`);
    }
    if (field === "lang" && pattern.kind === "literal") demandLanguage(pattern.text, value.at);
    return this.#condition(
      at,
      field === "sym" || field === "kind"
        ? { kind: "symbol", field, value: pattern }
        : { kind: "filter", field, value: pattern },
    );
  }

  #option(name: "case" | "count", value: Extract<Token, { kind: "word" | "regex" }>): void {
    const before = name === "case" ? this.#caseSensitive : this.#count;
    if (before !== null) throw new Mistake(value.at, `${name}: is given twice`);
    const given = value.kind === "word" ? value.text : "";
    if (name === "case") {
      if (given !== "yes" && given !== "no") throw new Mistake(value.at, "case: is yes or no");
      this.#caseSensitive = given === "yes";
      return;
    }
    const count = /^\d{1,4}$/.test(given) ? Number(given) : 0;
    if (count < 1 || count > COUNT_MAX) {
      throw new Mistake(value.at, `count: is a number from 1 to ${COUNT_MAX}`);
    }
    this.#count = count;
  }

  #condition(at: number, expression: Expression): Expression {
    this.#conditions += 1;
    if (this.#conditions > CONDITIONS_MAX) {
      throw new Mistake(at, `a query has at most ${CONDITIONS_MAX} conditions`);
    }
    return expression;
  }

  #pattern(token: Extract<Token, { kind: "word" | "regex" }>): Pattern {
    if (token.kind === "word") {
      if (token.text === "") throw new Mistake(token.at, "this phrase is empty");
      if (/[\n\u0000]/.test(token.text)) {
        throw new Mistake(token.at, "a phrase is one line of text");
      }
      return { kind: "literal", text: token.text };
    }
    if (token.source === "") throw new Mistake(token.at, "this regular expression is empty");
    const size = compiledSize(token.source);
    if (typeof size !== "number") {
      throw new Mistake(
        this.#placeIn(token, placeOfMistake(token.source, size)),
        `RE2 does not take this regular expression: ${described(size)}`,
      );
    }
    if (size > REGEX_INSTRUCTIONS_MAX) {
      throw new Mistake(
        token.at,
        `this regular expression is too large: about ${size} instructions with its counted repetitions ` +
          `written out, at most ${REGEX_INSTRUCTIONS_MAX}`,
      );
    }
    return { kind: "regex", source: token.source };
  }

  /** Refuses what looks beyond a line, as rg does: it would find nothing, and not say why. */
  #demandOneLine(token: Extract<Token, { kind: "regex" }>): void {
    const place = placeOfLineFeed(token.source);
    if (place === null) return;
    throw new Mistake(
      this.#placeIn(token, place),
      "no line has a \\n: write what is on another line as an expression of its own",
    );
  }

  /** Where a place of an expression is in the query, which has a backslash before slashes. */
  #placeIn({ at }: Extract<Token, { kind: "regex" }>, place: number): number {
    const written = this.#text.slice(at + 1);
    let read = 0;
    for (const { 0: part, index } of written.matchAll(/\\[^]|[^]/g)) {
      if (read >= place) return at + 1 + index;
      read += part === "\\/" ? 1 : part.length;
    }
    return at;
  }
}

/** Refuses what names no language: it would find nothing, and not say why. */
function demandLanguage(name: string, at: number): void {
  const folded = fold(name);
  if (languageNamed(folded) !== null) return;
  const near = languagesNear(folded);
  const hint = near.length === 0
    ? "languages are named as GitHub's Linguist does"
    : `did you mean ${near.join(" or ")}?`;
  throw new Mistake(at, `there is no language ${name}: ${hint}`);
}

/** A mistake with the beginning of the piece that has it. */
function described({ what, piece }: RegexMistake): string {
  if (piece === "") return what;
  const cut = piece.length > QUOTED_UNITS_MAX ? `${piece.slice(0, QUOTED_UNITS_MAX)}…` : piece;
  return `${what}: \`${cut}\``;
}
