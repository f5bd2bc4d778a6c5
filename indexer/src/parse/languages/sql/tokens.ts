/**
 * Cuts SQL of any dialect into words, signs and what opens and closes the body of a function; comments
 * are left out. Takes any text.
 */

/** One token of a source. */
export interface SqlToken {
  readonly type: "word" | "sign" | "dollar" | "literal";
  /** A word without its quotes; a sign; the tag of a body, with its dollars. */
  readonly text: string;
  /** In lower case, for keywords; empty for a quoted word, which is never one. */
  readonly keyword: string;
  /** Where the token begins, and where its text does: behind a quote. */
  readonly start: number;
  readonly textStart: number;
  /** Just after the token, its quote included. */
  readonly end: number;
}

/** A file with more of them is a dump of data. */
export const SQL_TOKENS_MAX = 400_000;

export const NO_TOKEN: SqlToken = tokenOf("sign", "", 0, 0);

/** Where MySQL is spoken, a backslash in a string takes the meaning of what follows it. */
const MYSQL = /^[ \t]*(?:alter|create|drop|insert|lock|update|use)\b[^\n`]*`/im;

/** `$$` of `delimiter $$`, which ends statements from there on. */
const DELIMITER = /[ \t]+([^\w\s]{1,4})[^\n]*/y;
/** Nobody needs more of them. */
const DELIMITERS_MAX = 8;

/** What tokens look like; `delimiter` ends a statement as a semicolon does, and is no part of a word. */
function patternOf(delimiter: string, escapes: boolean): RegExp {
  const isDollar = delimiter.includes("$");
  const escaped = String.raw`'(?:[^'\\]|''|\\[\s\S])*(?:'|$)`;
  const plain = String.raw`'(?:[^']|'')*(?:'|$)`;
  return new RegExp(
    [
      // What speaks to a client, and the schema that a template fills in, are left out too.
      String.raw`(--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|(?<=^|\n)\\[^\n]*|"?\{\{[^\n]*?\}\}"?\.|@\w+@\.)`,
      `(${delimiter.replace(/[$()*+./?[\\\]^{|}]/g, String.raw`\$&`)})`,
      escapes ? `(${escaped})` : `([eE]${escaped}|${plain})`,
      isDollar ? "([])" : String.raw`(\$(?:[A-Za-z_]\w*)?\$)`,
      // In quotes there may be single spaces: a name stands in listings as it stands here.
      String.raw`"((?:[^"\s\p{Cc}]|"")+(?: (?:[^"\s\p{Cc}]|"")+)*)"(?!")`,
      "`([^`\\s\\p{Cc}]+(?: [^`\\s\\p{Cc}]+)*)`",
      // Any other run of a line is none: its last quote must not begin the next name.
      '("(?:[^"\\r\\n]|"")*"|`[^`\\r\\n]*`|\\{\\{[^\\n]*?\\}\\})',
      String.raw`\[([A-Za-z_]\w*(?: \w+)*)\]`,
      String.raw`([@#\p{L}_][\p{L}\p{N}_${isDollar ? "" : "$"}#]*)`,
      String.raw`(\d[\w.]*)`,
      String.raw`(\S)`,
    ].join("|"),
    "gu",
  );
}

class SqlLexer {
  readonly #text: string;
  readonly #escapes: boolean;
  readonly #patterns = new Map<string, RegExp>();
  #hasData = true;

  constructor(text: string) {
    this.#text = text;
    this.#escapes = MYSQL.test(text);
  }

  lex(): readonly SqlToken[] {
    const tokens: SqlToken[] = [];
    let pattern = this.#patternOf(";", 0);
    for (let match = pattern.exec(this.#text); match !== null;) {
      const token = tokenAt(match);
      const delimiter = token?.keyword === "delimiter" ? this.#delimiterBehind(token) : null;
      if (delimiter !== null) pattern = delimiter;
      else if (token !== null) {
        const isData = token.text === ";" && tokens.at(-1)?.keyword === "stdin";
        if (isData) pattern.lastIndex = this.#dataEnd(token.end);
        if (tokens.push(token) >= SQL_TOKENS_MAX) return tokens;
      }
      match = pattern.exec(this.#text);
    }
    return tokens;
  }

  /** The pattern of what stands from an index on. */
  #patternOf(delimiter: string, start: number): RegExp {
    const pattern = this.#patterns.get(delimiter) ?? patternOf(delimiter, this.#escapes);
    this.#patterns.set(delimiter, pattern);
    pattern.lastIndex = start;
    return pattern;
  }

  /** The pattern behind a line with the word `delimiter`; null where it begins none. */
  #delimiterBehind({ start, end }: SqlToken): RegExp | null {
    if (start > 0 && this.#text[start - 1] !== "\n") return null;
    DELIMITER.lastIndex = end;
    const sign = DELIMITER.exec(this.#text)?.[1];
    const isKnown = sign !== undefined &&
      (this.#patterns.size < DELIMITERS_MAX || this.#patterns.has(sign));
    return isKnown ? this.#patternOf(sign, DELIMITER.lastIndex) : null;
  }

  /** Where the rows end that stand behind `copy a from stdin;`. */
  #dataEnd(start: number): number {
    const end = this.#hasData ? this.#text.indexOf("\n\\.", start) : -1;
    this.#hasData = end !== -1;
    return this.#hasData ? end + 3 : start;
  }
}

/** The tokens of a text, in their order. */
export function tokensOfSql(text: string): readonly SqlToken[] {
  return new SqlLexer(text).lex();
}

function tokenAt(match: RegExpExecArray): SqlToken | null {
  const { index } = match;
  const [whole, comment, last, string, dollar, double, back, run, bracket, word, number] = match;
  if (comment !== undefined) return null;
  const end = index + whole.length;
  const quoted = double ?? back ?? bracket;
  if (last !== undefined) return tokenOf("sign", ";", index, end);
  if (dollar !== undefined) return tokenOf("dollar", dollar, index, end);
  if (quoted !== undefined) {
    return { ...tokenOf("word", quoted, index, end), keyword: "", textStart: index + 1 };
  }
  if (word !== undefined) return tokenOf("word", word, index, end);
  const isLiteral = (string ?? run ?? number) !== undefined;
  return tokenOf(isLiteral ? "literal" : "sign", isLiteral ? "" : whole, index, end);
}

function tokenOf(type: SqlToken["type"], text: string, start: number, end: number): SqlToken {
  return { type, text, keyword: text.toLowerCase(), start, end, textStart: start };
}
