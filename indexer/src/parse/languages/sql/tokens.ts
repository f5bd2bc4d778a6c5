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

const PATTERN = new RegExp(
  [
    String.raw`(--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))`,
    String.raw`('(?:[^']|'')*(?:'|$))`,
    String.raw`(\$(?:[A-Za-z_]\w*)?\$)`,
    // In quotes there may be single spaces: a name stands in listings as it stands here.
    String.raw`"((?:[^"\s\p{Cc}]|"")+(?: (?:[^"\s\p{Cc}]|"")+)*)"(?!")`,
    "`([^`\\s\\p{Cc}]+(?: [^`\\s\\p{Cc}]+)*)`",
    // Any other run of a line is none: its last quote must not begin the next name.
    '("(?:[^"\\r\\n]|"")*"|`[^`\\r\\n]*`)',
    String.raw`\[([A-Za-z_]\w*(?: \w+)*)\]`,
    String.raw`([@#\p{L}_][\p{L}\p{N}_$#]*)`,
    String.raw`(\d[\w.]*)`,
    String.raw`(\S)`,
  ].join("|"),
  "gu",
);

/** The tokens of a text, in their order. */
export function tokensOfSql(text: string): readonly SqlToken[] {
  const tokens: SqlToken[] = [];
  for (const match of text.matchAll(PATTERN)) {
    const { index } = match;
    const [whole, comment, string, dollar, double, back, run, bracket, word, number, sign] = match;
    if (comment !== undefined) continue;
    const end = index + whole.length;
    const quoted = double ?? back ?? bracket;
    if (dollar !== undefined) tokens.push(tokenOf("dollar", dollar, index, end));
    else if (quoted !== undefined) {
      const textStart = index + 1;
      tokens.push({ ...tokenOf("word", quoted, index, end), keyword: "", textStart });
    } else if (word !== undefined) tokens.push(tokenOf("word", word, index, end));
    else if ((string ?? run ?? number) !== undefined) {
      tokens.push(tokenOf("literal", "", index, end));
    } else if (sign !== undefined) tokens.push(tokenOf("sign", sign, index, end));
    if (tokens.length >= SQL_TOKENS_MAX) break;
  }
  return tokens;
}

function tokenOf(type: SqlToken["type"], text: string, start: number, end: number): SqlToken {
  return { type, text, keyword: text.toLowerCase(), start, end, textStart: start };
}
