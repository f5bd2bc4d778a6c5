/**
 * Tells what is called by its neighbours: a name before parentheses, before the arguments of a generic
 * function, a template, a block, or in a tag. Knows tokens and a language's rules, and neither
 * definitions nor statements.
 */
import { isSet } from "./assignments.ts";
import { type Identifiers, isCapital, looksLikeType } from "../tokens/identifiers.ts";
import type { NumberSet } from "../tokens/number_set.ts";
import { pathStart } from "./named_types.ts";
import type { ReferenceRules } from "../reference_rules.ts";
import {
  AT,
  BACKTICK,
  BANG,
  CLOSE_BRACKET,
  CLOSING,
  COLON,
  COMMA,
  DOT,
  EQUALS,
  GREATER,
  LESS,
  MINUS,
  OPEN,
  OPEN_BRACE,
  OPEN_BRACKET,
  OPENING,
  QUESTION,
  SLASH,
  unitsOf,
} from "../tokens/signs.ts";
import { TOKEN, type Tokens } from "../tokens/tokens.ts";

/** What may stand in the arguments of a generic type. */
const IN_ARGUMENTS = unitsOf(",.?[]*&:|");

/** What may stand in them too where types may be of objects and functions. */
const IN_OBJECTS = unitsOf("{}();=");

/** Signs in front of a tag, and of a part of one or of an attribute. */
const BEFORE_TAG = unitsOf("</.-");

/** The arguments of a generic type, and the names of attributes such as `aria-label`, are no longer than this. */
const ARGUMENT_TOKENS_MAX = 32;
/** A condition is no longer than this. */
const CONDITION_TOKENS_MAX = 64;
/** What a line may end with whose condition goes on. */
const CONTINUED = unitsOf(",&|");

/** The calls in the tokens of one file after another. */
export class Calls {
  /** Up to which token the names are arguments of a generic type. */
  argumentsEnd = 0;
  #text = "";
  readonly #rules: ReferenceRules;
  readonly #tokens: Tokens;
  readonly #identifiers: Identifiers;
  readonly #keywordCount: number;
  readonly #extends: number;
  readonly #typeWords: NumberSet;
  readonly #new: number;
  readonly #conditions: NumberSet;
  readonly #accessors: NumberSet;
  readonly #case: number;

  constructor(rules: ReferenceRules, tokens: Tokens, identifiers: Identifiers) {
    this.#rules = rules;
    this.#tokens = tokens;
    this.#identifiers = identifiers;
    this.#keywordCount = identifiers.keywordCount;
    this.#extends = identifiers.keyword("extends");
    this.#new = identifiers.keyword("new");
    this.#typeWords = identifiers.keywords(rules.typeWords);
    this.#conditions = identifiers.keywords(rules.bareConditions);
    this.#accessors = identifiers.keywords(rules.accessors);
    this.#case = identifiers.keyword("case");
  }

  /** Begins with a file, whose tokens are there. */
  begin(text: string): void {
    this.#text = text;
    this.argumentsEnd = 0;
  }

  /** Whether a word stands behind a dot, an arrow or a double colon. */
  isMember(index: number): boolean {
    const sign = this.#tokens.sign(index - 1);
    if (sign === DOT) return this.#tokens.sign(index - 2) !== DOT;
    const before = this.#tokens.sign(index - 2);
    if (sign === COLON && before === COLON) {
      // `head :: tail` is a list.
      return this.#tokens.touches(index);
    }
    return sign === GREATER && before === MINUS && this.#rules.memberArrows === true;
  }

  /** Whether a word looks like a type's name. */
  looksTyped(word: string): boolean {
    return this.#rules.everyCapital === true ? isCapital(word) : looksLikeType(word);
  }

  /** Whether a word is called. */
  isCall(index: number): boolean {
    const tokens = this.#tokens;
    const next = tokens.sign(index + 1);
    if (next === OPEN && this.#isTakenApart(index)) return false;
    if (next === OPEN) return tokens.breaks[index + 1] !== 1 || this.#rules.elision !== null;
    if (next === LESS && this.#isApplied(index, this.behindArguments(index))) return true;
    const mayHaveSquares = next === OPEN_BRACKET && this.#rules.squareArguments === true;
    if (mayHaveSquares && this.#isApplied(index, this.#behindSquares(index))) return true;
    if (next === COLON && this.#isTurbofish(index)) return true;
    // `a?.(b)`
    if (next === QUESTION && tokens.sign(index + 2) === DOT && tokens.sign(index + 3) === OPEN) {
      return true;
    }
    if (this.#isBeforeArgument(index) && !this.#isResultType(index)) return true;
    // A macro of Rust.
    if (next === BANG && OPENING.has(tokens.sign(index + 2))) {
      return tokens.touches(index + 1) && this.#rules.order === "name";
    }
    const isTag = this.#rules.tags === true && next !== DOT;
    if (isTag && this.isTag(this.isMember(index) ? pathStart(tokens, index) : index)) return true;
    if (!this.#rules.bareCalls || isCapital(this.#wordAt(index))) return false;
    return this.isMember(index) ? !isSet(tokens, index) : this.#hasBareArgument(index);
  }

  /** `case .success(let value)`, `case let A.b(value)` */
  #isTakenApart(index: number): boolean {
    if (this.#rules.casesTakeApart !== true) return false;
    let first = index - 1;
    while (this.#tokens.sign(first) === DOT || this.#tokens.word(first) >= this.#keywordCount) {
      first -= 1;
    }
    const word = this.#tokens.word(first);
    return word >= 0 && (word === this.#case || this.#tokens.word(first - 1) === this.#case);
  }

  /** `<Button`, but neither `</Button` nor `a < b` nor the parameters of a type. */
  isTag(index: number): boolean {
    const tokens = this.#tokens;
    if (tokens.sign(index - 1) !== LESS || tokens.ends[index - 1] !== tokens.starts[index]) {
      return false;
    }
    const before = tokens.word(index - 2);
    const isBehindName = before >= this.#keywordCount &&
      tokens.ends[index - 2] === tokens.starts[index - 1];
    // `<T,>(value: T)` and `<T extends A>(value: T)`
    const isParameter = tokens.sign(index + 1) === COMMA ||
      tokens.word(index + 1) === this.#extends;
    return !isBehindName && !isParameter;
  }

  /** A tag of the document's own, one that ends, or an attribute of the document's own: `aria-label=`. */
  isPlainTag(index: number): boolean {
    const tokens = this.#tokens;
    const before = tokens.sign(index - 1);
    if (!BEFORE_TAG.has(before) && tokens.sign(index + 1) !== MINUS) return false;
    const first = before === DOT ? pathStart(tokens, index) : index;
    // `</Button`
    if (tokens.sign(first - 1) === SLASH && tokens.sign(first - 2) === LESS) return true;
    if (this.#isHyphenated(index)) return true;
    return this.isTag(index) && /^\p{Ll}/u.test(this.#wordAt(index)) &&
      tokens.sign(index + 1) !== DOT;
  }

  /** Whether a word is a part of `aria-label="…"`: a difference is not assigned to. */
  #isHyphenated(index: number): boolean {
    const tokens = this.#tokens;
    const limit = index + ARGUMENT_TOKENS_MAX;
    let last = index;
    while (last < limit && tokens.sign(last + 1) === MINUS && tokens.word(last + 2) >= 0) last += 2;
    return (last > index || tokens.sign(index - 1) === MINUS) && tokens.sign(last + 1) === EQUALS &&
      tokens.touches(last + 1) &&
      (tokens.kinds[last + 2] === TOKEN.literal || tokens.sign(last + 2) === OPEN_BRACE);
  }

  /**
   * The token behind the arguments of a generic type or function; -1 where there are none. Where it is
   * certain that there are some, they may be anything: `::<(), 10>`.
   */
  behindArguments(index: number, isCertain = false): number {
    const tokens = this.#tokens;
    if (!tokens.touches(index + 1)) return -1;
    const limit = Math.min(tokens.count, index + ARGUMENT_TOKENS_MAX);
    for (let next = index + 1, depth = 0; next < limit; next++) {
      const sign = tokens.sign(next);
      if (sign === LESS) depth += 1;
      else if (sign === GREATER) {
        // `() => A`, `fn() -> A`
        const before = tokens.sign(next - 1);
        if (before === EQUALS || isCertain && before === MINUS) continue;
        depth -= 1;
        if (depth > 0) continue;
        this.argumentsEnd = Math.max(this.argumentsEnd, next);
        return next + 1;
      } else if (!isCertain && tokens.word(next) < 0 && !this.#mayBeArgument(next, sign)) return -1;
    }
    return -1;
  }

  /** Whether a token that is no word may stand in the arguments of a generic type. */
  #mayBeArgument(index: number, sign: number): boolean {
    if (IN_ARGUMENTS.has(sign)) return true;
    if (this.#rules.objects !== true) return false;
    return this.#tokens.kinds[index] === TOKEN.literal || IN_OBJECTS.has(sign);
  }

  #wordAt(index: number): string {
    return this.#identifiers.word(this.#tokens.word(index));
  }

  /** Whether what stands behind the arguments of a generic function makes a call of it. */
  #isApplied(index: number, behind: number): boolean {
    if (behind === -1) return false;
    if (this.#tokens.sign(behind) === OPEN) return true;
    return this.#isBeforeArgument(behind - 1) && !this.#isResultType(index);
  }

  /** `max[int](a, b)`: unlike an index, the arguments are types. */
  #behindSquares(index: number): number {
    const tokens = this.#tokens;
    if (!tokens.touches(index + 1)) return -1;
    const limit = Math.min(tokens.count, index + ARGUMENT_TOKENS_MAX);
    for (let next = index + 1, depth = 0; next < limit; next++) {
      const sign = tokens.sign(next);
      const word = tokens.word(next);
      if (sign === OPEN_BRACKET) depth += 1;
      else if (sign === CLOSE_BRACKET) {
        depth -= 1;
        if (depth === 0) return next + 1;
      } else if (word < 0 && !IN_ARGUMENTS.has(sign)) return -1;
      else if (word >= this.#keywordCount && tokens.sign(next + 1) !== DOT) {
        if (!looksLikeType(this.#identifiers.word(word))) return -1;
      }
    }
    return -1;
  }

  /** `parse::<u8>(a)` */
  #isTurbofish(index: number): boolean {
    const tokens = this.#tokens;
    if (tokens.sign(index + 2) !== COLON || tokens.sign(index + 3) !== LESS) return false;
    return tokens.sign(this.behindArguments(index + 2, true)) === OPEN;
  }

  /** A template or a block as the argument of what ends at a token, without parentheses. */
  #isBeforeArgument(index: number): boolean {
    const tokens = this.#tokens;
    const start = tokens.starts[index + 1] ?? 0;
    if (this.#rules.taggedTemplates === true) {
      return tokens.kinds[index + 1] === TOKEN.literal && start === tokens.ends[index] &&
        this.#text.charCodeAt(start) === BACKTICK;
    }
    return this.#rules.blockArguments === true && tokens.sign(index + 1) === OPEN_BRACE &&
      tokens.breaks[index + 1] !== 1 && !this.#accessors.has(tokens.word(index + 2)) &&
      !this.#endsCondition(index);
  }

  /** Whether what ends at a token is a condition, whose block is the statement's: `if a, b.isEmpty {`. */
  #endsCondition(index: number): boolean {
    if (this.#rules.bareConditions === undefined) return false;
    const tokens = this.#tokens;
    for (let at = index, depth = 0; at >= 0 && at > index - CONDITION_TOKENS_MAX; at--) {
      const sign = tokens.sign(at);
      if (CLOSING.has(sign)) depth += 1;
      else if (OPENING.has(sign) && --depth < 0) return false;
      if (depth > 0) continue;
      const word = tokens.word(at);
      if (word >= 0 && this.#conditions.has(word)) return true;
      if (tokens.breaks[at] === 1 && !CONTINUED.has(tokens.sign(at - 1))) return false;
    }
    return false;
  }

  /** Whether the name before a brace is the type of what the brace is the body of. */
  #isResultType(index: number): boolean {
    if (this.#rules.blockArguments !== true) return false;
    const tokens = this.#tokens;
    let first = index;
    while (tokens.sign(first - 1) === DOT && tokens.word(first - 2) >= 0) first -= 2;
    const before = tokens.sign(first - 1);
    const word = tokens.word(first - 1);
    if (before === COLON || word === this.#new && word >= 0) return true;
    if (word >= 0 && this.#typeWords.has(word)) return true;
    // `(): () -> Unit {`; where no arrow leads on to what a function does, `-> A.B {` too.
    const isAlone = first === index || this.#rules.lambdas?.behind !== undefined;
    return before === GREATER && isAlone && this.looksTyped(this.#wordAt(index));
  }

  /** `it "works"`, `plug Auth`: a name and its argument, without parentheses. */
  #hasBareArgument(index: number): boolean {
    const tokens = this.#tokens;
    // An attribute of Elixir has a value and is not called.
    if (tokens.breaks[index + 1] === 1 || tokens.sign(index - 1) === AT) return false;
    if (tokens.touches(index + 1)) return false;
    return tokens.kinds[index + 1] === TOKEN.literal ||
      tokens.word(index + 1) >= this.#keywordCount;
  }
}
