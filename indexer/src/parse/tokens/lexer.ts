/**
 * Cuts a source into words, signs and literals, and leaves its comments out; what strings hold is not
 * looked at, but for the code in them. By code units and tables, since every byte of a repository
 * goes through here. Takes any text: what is not closed ends with its line or with the file.
 */
import { commentEnd, shebangEnd } from "./comment_end.ts";
import { HASH_EMPTY, hashUnit, Identifiers } from "./identifiers.ts";
import type {
  Heredoc,
  Interpolation,
  LexerState,
  LexicalRule,
  Lexis,
  StringRule,
  Suspended,
} from "./lexis.ts";
import { behindBrace, codeEnd, heredocEnd, nameEnd, numberEnd } from "./literal_ends.ts";
import type { NumberSet } from "./number_set.ts";
import { unitsOf } from "./signs.ts";
import { TextUnits } from "./text_units.ts";
import { TOKEN, Tokens } from "./tokens.ts";
import {
  ASCII_COUNT,
  classBeyond,
  classesOf,
  DIGIT,
  LETTER,
  LINE_FEED,
  OTHER,
  SPACE,
} from "./unit_classes.ts";

const NO_RULES: readonly LexicalRule[] = [];
/** Quotes behind a word that may make it a part of the string. */
const PREFIXED = unitsOf("\"'#`");
/** Each of them costs a look at the rest of the text. */
const HEREDOCS_MISSED_MAX = 8;

/** A lexer of one language, for one source after another. */
export class Lexer implements LexerState {
  text = "";
  #units: Uint16Array = new Uint16Array();
  readonly #textUnits = new TextUnits();
  tokens = new Tokens();
  firstOnLine = true;
  unitsInVain = 0;
  readonly identifiers: Identifiers;
  readonly #lexis: Lexis;
  readonly #classes: Uint8Array;
  readonly #rules: (readonly LexicalRule[] | undefined)[] = [];
  readonly #beforeValue: NumberSet;
  readonly #wordEnds: NumberSet;
  #suspended: Suspended[] = [];
  #heredocs: Heredoc[] = [];
  #heredocsMissed = 0;
  /** Where the last block comment ends; null: not looked for yet. */
  #lastCommentEnd: number | null = null;

  constructor(lexis: Lexis) {
    this.#lexis = lexis;
    this.#classes = classesOf(lexis);
    this.identifiers = new Identifiers(lexis.keywords);
    this.#wordEnds = unitsOf(lexis.wordEnds ?? "");
    for (const rule of lexis.rules) {
      const unit = rule.open.charCodeAt(0);
      this.#rules[unit] = [...(this.#rules[unit] ?? []), rule];
    }
    this.#beforeValue = this.identifiers.keywords(lexis.beforeValue);
  }

  get afterValue(): boolean {
    const { count, kinds } = this.tokens;
    if (count === 0) return false;
    const kind = kinds[count - 1];
    if (kind === TOKEN.literal) return true;
    if (kind === TOKEN.word) return !this.#beforeValue.has(this.tokens.word(count - 1));
    const sign = this.tokens.sign(count - 1);
    return sign === 0x29 || sign === 0x5d || sign === 0x7d;
  }

  commentEndsBehind(index: number): boolean {
    this.#lastCommentEnd ??= this.text.lastIndexOf("*/");
    return this.#lastCommentEnd > index;
  }

  addHeredoc(tag: string, indents: boolean, interpolation: Interpolation | null): void {
    this.#heredocs.push({ tag, indents, interpolation });
  }

  addFork(value: number, start: number, end: number): void {
    this.tokens.add(TOKEN.fork, start, end, value, true);
  }

  /** The tokens of a text. They stay until the next call. */
  lex(text: string): Tokens {
    this.text = text;
    const units = this.#textUnits.of(text);
    this.#units = units;
    this.tokens.clear();
    this.identifiers.begin(text, units);
    this.firstOnLine = true;
    this.unitsInVain = 0;
    this.#suspended = [];
    this.#heredocs = [];
    this.#heredocsMissed = 0;
    this.#lastCommentEnd = null;
    this.#run(this.#lexis.begin?.(text) ?? shebangEnd(text), text.length);
    return this.tokens;
  }

  /** Cuts a part of the text and answers with the index behind its last token. */
  #run(start: number, end: number): number {
    const units = this.#units;
    let index = start;
    while (index < end) {
      const unit = units[index] ?? 0;
      const kind = unit < ASCII_COUNT ? this.#classes[unit] : classBeyond(unit);
      if (kind === SPACE) index += 1;
      else if (kind === LETTER) index = this.#word(index);
      else if (kind === LINE_FEED) index = this.#lineFeed(index);
      else if (kind === DIGIT) index = this.#number(index);
      else index = this.#other(index, unit);
    }
    return index;
  }

  #add(kind: number, start: number, end: number, value: number): void {
    this.tokens.add(kind, start, end, value, this.firstOnLine);
    this.firstOnLine = false;
  }

  #lineFeed(index: number): number {
    this.firstOnLine = true;
    let next = index + 1;
    if (this.#heredocs.length === 0) return next;
    for (const heredoc of this.#heredocs) next = this.#skipHeredoc(next, heredoc);
    this.#heredocs = [];
    return next;
  }

  /** The end of the line that ends a heredoc; where none does, it was none. */
  #skipHeredoc(start: number, heredoc: Heredoc): number {
    if (this.#heredocsMissed >= HEREDOCS_MISSED_MAX) return start;
    const { interpolation } = heredoc;
    const last = heredocEnd(this.text, start, heredoc);
    if (last === null) this.#heredocsMissed += 1;
    if (last === null) return start;
    const { line, end } = last;
    return interpolation === null ? end : Math.max(end, this.#code(start, line, interpolation));
  }

  /** Cuts the code in a part of the text; answers with the index behind it, within the part or not. */
  #code(start: number, end: number, interpolation: Interpolation): number {
    const suspended = this.#suspended;
    const heredocs = this.#heredocs;
    this.#suspended = [];
    this.#heredocs = [];
    const part = this.text.slice(start, end);
    const sought = interpolation.names === undefined ? interpolation.open : "$";
    let behind = start;
    for (let at = start;;) {
      const found = part.indexOf(sought, at - start);
      if (found === -1) break;
      at = start + found;
      if (this.#units[at - 1] === 0x5c) {
        at += interpolation.open.length;
        continue;
      }
      this.firstOnLine = behind === start;
      if (!this.text.startsWith(interpolation.open, at)) {
        const name = this.#nameInString(behind, at, interpolation);
        at = name === -1 ? at + 1 : behind = name;
        continue;
      }
      this.#add(TOKEN.literal, behind, at, 0);
      const from = at + interpolation.open.length;
      behind = at = this.#run(from, codeEnd(this.#units, from, end, interpolation));
    }
    this.#suspended = suspended;
    this.#heredocs = heredocs;
    this.firstOnLine = true;
    return behind;
  }

  #word(start: number): number {
    const { text } = this;
    const { length } = text;
    const units = this.#units;
    const classes = this.#classes;
    let hash = HASH_EMPTY;
    let end = start;
    for (; end < length; end++) {
      const unit = units[end] ?? 0;
      const kind = unit < ASCII_COUNT ? classes[unit] ?? OTHER : classBeyond(unit);
      if (kind < LETTER) break;
      hash = hashUnit(hash, unit);
    }
    const next = end < length ? units[end] ?? 0 : 0;
    if (this.#lexis.prefixed !== undefined && PREFIXED.has(next)) {
      const rule = this.#lexis.prefixed(text, start, end);
      if (rule !== null) return this.#string(start, end + rule.open.length, rule);
    }
    // `a != b` ends no word.
    if (this.#wordEnds.has(next) && units[end + 1] !== 0x3d) {
      hash = hashUnit(hash, next);
      end += 1;
    }
    this.#add(TOKEN.word, start, end, this.identifiers.idOf(start, end, hash));
    return end;
  }

  #number(start: number): number {
    const end = numberEnd(this.text, start, this.#classes, this.#lexis.digitSeparator);
    this.#add(TOKEN.literal, start, end, 0);
    return end;
  }

  #other(index: number, unit: number): number {
    for (const rule of this.#rules[unit] ?? NO_RULES) {
      if (rule.open.length > 1 && !this.text.startsWith(rule.open, index)) continue;
      if (rule.type === "comment") return commentEnd(this.text, index, rule);
      if (rule.type === "string") return this.#string(index, index + rule.open.length, rule);
      const end = rule.read(index, this);
      if (typeof end !== "number") return this.#string(index, index + end.open.length, end);
      if (end === -1) continue;
      if (rule.isComment !== true) this.#add(TOKEN.literal, index, end, 0);
      return end;
    }
    const top = this.#suspended.at(-1);
    if (top !== undefined) {
      const { openUnit, closeUnit } = top.code;
      if (unit === openUnit) top.depth += 1;
      else if (unit === closeUnit && top.depth === 0) {
        this.#suspended.pop();
        return this.#string(index, index + 1, top.rule, top.pairs);
      } else if (unit === closeUnit) top.depth -= 1;
    }
    this.#add(TOKEN.sign, index, index + 1, unit);
    return index + 1;
  }

  /** Cuts the name behind a sign in a string, and what is before it; -1 where none is: it may be doubled. */
  #nameInString(start: number, sign: number, { names }: Interpolation): number {
    const name = names === "braced" ? behindBrace(this.text, sign + 1) : sign + 1;
    const end = nameEnd(this.text, name);
    const word = end === -1 ? -1 : this.identifiers.idBetween(name, end);
    if (word < this.identifiers.keywordCount) return -1;
    if (sign > start) this.#add(TOKEN.literal, start, sign, 0);
    this.#add(TOKEN.word, name, end, word);
    return end;
  }

  /** Reads on in a string, so many of whose pairs are open; a quote that nothing ends on its line is a sign. */
  #string(start: number, from: number, rule: StringRule, pairsOpen = 0): number {
    const { text, text: { length } } = this;
    const units = this.#units;
    const { close, escapes, lines, doubles, interpolation, oldInterpolation } = rule;
    const closeUnit = close.charCodeAt(0);
    const openUnit = interpolation?.open.charCodeAt(0) ?? -1;
    const pairUnit = rule.pairs?.charCodeAt(0) ?? -1;
    let pairs = pairsOpen;
    const oldUnit = oldInterpolation?.open.charCodeAt(0) ?? -1;
    let index = from;
    while (index < length) {
      const unit = units[index] ?? 0;
      if (unit === openUnit && interpolation && text.startsWith(interpolation.open, index)) {
        if (interpolation.open.length === 1 && text.charCodeAt(index + 1) === openUnit) {
          // A doubled brace is one that is meant.
          index += 2;
          continue;
        }
        if (index > start) this.#add(TOKEN.literal, start, index, 0);
        this.#suspended.push({ rule, code: interpolation, depth: 0, pairs });
        return index + interpolation.open.length - (interpolation.keeps ?? 0);
      } else if (unit === 0x5c && escapes) index += 2;
      else if (unit === closeUnit && (close.length === 1 || text.startsWith(close, index))) {
        index += close.length;
        if (pairs > 0) pairs -= 1;
        else if (doubles !== true || units[index] !== closeUnit) break;
        else index += 1;
      } else if (unit === 0x0a && !lines) {
        if (start === index) return index;
        this.#add(TOKEN.sign, start, start + 1, text.charCodeAt(start));
        return start + 1;
      } else if (unit === openUnit && interpolation?.names !== undefined) {
        const end = this.#nameInString(start, index, interpolation);
        index = end === -1 ? index + (units[index + 1] === unit ? 2 : 1) : start = end;
      } else if (unit === oldUnit && oldInterpolation) {
        if (index > start) this.#add(TOKEN.literal, start, index, 0);
        this.#suspended.push({ rule, code: oldInterpolation, depth: 0, pairs });
        return index + 1;
      } else if (++index > from && unit === pairUnit) pairs += 1;
    }
    const end = Math.min(index, length);
    if (end > start) this.#add(TOKEN.literal, start, end, 0);
    return end;
  }
}
