/**
 * Tells what is done with a word of a shell by its place: a plain word is a command or text. Knows
 * tokens and a language's rules, and no variables.
 */
import type { Identifiers } from "../tokens/identifiers.ts";
import type { NumberSet } from "../tokens/number_set.ts";
import type { ReferenceRules } from "../reference_rules.ts";
import { BACKSLASH, BACKTICK, BAR, CLOSE, DOLLAR, EQUALS, OPEN, unitsOf } from "../tokens/signs.ts";
import type { ReferenceRole } from "../symbol.ts";
import { TOKEN, type Tokens } from "../tokens/tokens.ts";

/** Signs behind which a shell expects a command. */
const COMMAND_STARTS = unitsOf(";|&(){}`!");

/** Commands whose arguments set variables. */
const SETTING = ["alias", "declare", "export", "local", "readonly", "typeset"];

/** A command is no longer than this. */
const COMMAND_TOKENS_MAX = 200;

/** The commands in the tokens of one file after another. */
export class Commands {
  readonly #tokens: Tokens;
  /** Keywords behind which a shell expects a command. */
  readonly #words: NumberSet;
  readonly #trap: number;
  readonly #setting: NumberSet;
  #text = "";

  constructor(rules: ReferenceRules, tokens: Tokens, identifiers: Identifiers) {
    this.#tokens = tokens;
    this.#words = identifiers.keywords(rules.lexis.beforeValue);
    this.#trap = identifiers.keyword("trap");
    this.#setting = identifiers.keywords(SETTING);
  }

  /** Begins with a file, whose tokens are there. */
  begin(text: string): void {
    this.#text = text;
  }

  /** A command at the start of one, `$name`, `name=`; null for text. `bracket` is what is open, by `opening`. */
  roleOf(index: number, bracket: number, opening: number): ReferenceRole | null {
    const tokens = this.#tokens;
    const before = tokens.sign(index - 1);
    if (this.#isExpanded(tokens.starts[index] ?? 0)) return "read";
    // `names=(one two)`
    if (bracket === OPEN && tokens.sign(opening - 1) === EQUALS && this.#tokens.touches(opening)) {
      return null;
    }
    if (tokens.sign(index + 1) === EQUALS && this.#tokens.touches(index + 1)) {
      return this.#isAssigned(index) ? "write" : null;
    }
    // `$((name + 1))`
    if (before === OPEN && this.#tokens.touches(index) && this.#isArithmetic(index - 1)) {
      return "read";
    }
    // `trap name EXIT`
    if (this.#trap >= 0 && tokens.word(index - 1) === this.#trap) return "call";
    return this.#isCommand(index, before) && !this.#isCase(index, bracket) ? "call" : null;
  }

  /** The tokens of the names behind a `read`: `read -r name other`. */
  readInto(index: number): number[] {
    const names: number[] = [];
    const tokens = this.#tokens;
    for (let at = index + 1; tokens.breaks[at] !== 1 && tokens.word(at) >= 0; at++) names.push(at);
    return names;
  }

  /** `$name`, `${name}`, `${#name}` and `${!name}`, in strings too. */
  #isExpanded(start: number): boolean {
    if (this.#text[start - 1] === "$") return true;
    const isMarked = this.#text[start - 1] === "#" || this.#text[start - 1] === "!";
    const brace = isMarked ? start - 2 : start - 1;
    return this.#text[brace] === "{" && this.#text[brace - 1] === "$";
  }

  #isCommand(index: number, before: number): boolean {
    const tokens = this.#tokens;
    if (this.#isInString(index)) return true;
    const last = this.#lastBefore(index);
    if (tokens.breaks[index] === 1 && last === index - 1) return true;
    if (!this.#tokens.touches(index)) {
      return COMMAND_STARTS.has(tokens.sign(last)) || this.#words.has(tokens.word(last));
    }
    return before === OPEN || (before === BACKTICK && this.#opensCommand(index - 1));
  }

  /** The token before one, but for backslashes at the ends of lines, which go on behind these. */
  #lastBefore(index: number): number {
    let last = index - 1;
    while (this.#tokens.sign(last) === BACKSLASH && this.#tokens.breaks[last + 1] === 1) last -= 1;
    return last;
  }

  /** Whether `name=` sets a variable: what is said to other commands than these does not, as in `dd of=a`. */
  #isAssigned(index: number): boolean {
    const tokens = this.#tokens;
    let first = index;
    for (; first > index - COMMAND_TOKENS_MAX && first > 0; first--) {
      const last = this.#lastBefore(first);
      const isStart = tokens.breaks[first] === 1 && last === first - 1;
      if (isStart || this.#isInString(first) || COMMAND_STARTS.has(tokens.sign(last))) break;
      if (this.#words.has(tokens.word(last))) break;
    }
    const isAssignment = tokens.sign(first + 1) === EQUALS && this.#tokens.touches(first + 1);
    return isAssignment || this.#setting.has(tokens.word(first)) || first === index;
  }

  /** `"$(name)"` and a name in backquotes, whose string ends before the code in it. */
  #isInString(index: number, opens: readonly string[] = ["$(", "`"]): boolean {
    const tokens = this.#tokens;
    if (tokens.kinds[index - 1] === TOKEN.sign) return false;
    return opens.some((open) => this.#text.startsWith(open, tokens.ends[index - 1]));
  }

  /** Whether the second of two parentheses is at a token. */
  #isArithmetic(open: number): boolean {
    return this.#isInString(open, ["$("]) ||
      (this.#tokens.sign(open - 1) === OPEN && this.#tokens.sign(open - 2) === DOLLAR);
  }

  /** Whether a backquote begins a command rather than ends one: nothing of a word is before it. */
  #opensCommand(index: number): boolean {
    if (!this.#tokens.touches(index)) return true;
    const before = this.#tokens.sign(index - 1);
    return before !== 0 && before !== CLOSE;
  }

  /** `start)` and `start | stop)` of a `case`. */
  #isCase(index: number, bracket: number): boolean {
    const tokens = this.#tokens;
    let last = index;
    while (tokens.sign(last + 1) === BAR && tokens.word(last + 2) >= 0) last += 2;
    return tokens.sign(last + 1) === CLOSE && tokens.breaks[last + 1] !== 1 && bracket !== OPEN &&
      !this.#isInString(index);
  }
}
