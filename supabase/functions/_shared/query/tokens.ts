/**
 * Cuts a query into tokens: words, phrases, regular expressions, fields and operators, each with its
 * place. Pure.
 */
import { filterFields, type QueryMistake, symbolFields } from "./expression.ts";

/** Not the beginning of a URL (`file://x`) nor of a qualified name (`path::Path`), which are words. */
const FIELD = /([a-z]+):(?!:|\/\/)/y;

/** By what is written, the field: each option and field by its name, some by what others call them too. */
const fields: ReadonlyMap<string, string> = new Map([
  ...[...filterFields, ...symbolFields, "case", "count"].map((name) => [name, name] as const),
  ["repository", "repo"],
  ["file", "path"],
  ["language", "lang"],
  ["branch", "ref"],
  ["symbol", "sym"],
]);

/** What other query languages take for operators: as text they would find nothing, and not say why. */
const FOREIGN_OPERATORS: ReadonlyMap<string, string> = new Map([
  ["AND", 'words side by side must all hold: leave out AND, or write "AND" for the text'],
  ["NOT", 'write -word for files without it, or "NOT" for the text'],
]);

/** Whether a word without quotes is read as something else than text. */
export function isOperator(word: string): boolean {
  return word === "or" || word === "OR" || FOREIGN_OPERATORS.has(word);
}

/** The signs that globs and expressions have, and names of files and repositories do not. */
const SIGN_OF_PATTERN = /[*\\]|^\^|\$$/;

/** Where a name without quotes has the sign of a pattern; -1 where it has none. As text it would find nothing, and not say why. */
export function signOfPattern(name: string): number {
  return name.search(SIGN_OF_PATTERN);
}

/** Whether a text without quotes begins a field. */
export function beginsField(text: string): boolean {
  FIELD.lastIndex = 0;
  return fields.has(FIELD.exec(text)?.[1] ?? "");
}

/**
 * A piece of a query. `quoted`: a phrase, which is never an operator. `written`: the field's name as it
 * was written, which mistakes speak of.
 */
export type Token =
  | { readonly kind: "word"; readonly text: string; readonly quoted: boolean; readonly at: number }
  | { readonly kind: "regex"; readonly source: string; readonly at: number }
  | {
    readonly kind: "field";
    readonly name: string;
    readonly written: string;
    readonly at: number;
  }
  | { readonly kind: "or" | "not" | "open" | "close" | "end"; readonly at: number };

/** A token, or where the query went wrong. */
export type TokenOrMistake = Token | { readonly kind: "mistake"; readonly mistake: QueryMistake };

/** A word ends at white space and at parentheses; everything else is text. */
const WORD = /[^\s()]+/y;
const ENDS_EARLY = "this / ends a regular expression: put white space behind it, or quote the text";

function mistake(position: number, message: string): TokenOrMistake {
  return { kind: "mistake", mistake: { position, message } };
}

function afterSpace(query: string, from: number): number {
  const space = /\s*/y;
  space.lastIndex = from;
  return from + (space.exec(query)?.[0].length ?? 0);
}

/** The token that begins at or after `from`, and where it ends. `isValue`: after a field. */
export function nextToken(
  query: string,
  from: number,
  isValue: boolean,
): { readonly token: TokenOrMistake; readonly end: number } {
  // A field's value follows it at once.
  const at = isValue ? from : afterSpace(query, from);
  const character = query[at];
  if (character === undefined) return { token: { kind: "end", at }, end: at };
  if (character === "(" && !isValue) return { token: { kind: "open", at }, end: at + 1 };
  if (character === ")") return { token: { kind: "close", at }, end: at + 1 };
  if (character === '"') return phrase(query, at);
  if (character === "/") return regex(query, at);
  if (!isValue) {
    if (character === "-" && /[^\s)]/.test(query[at + 1] ?? " ")) {
      return { token: { kind: "not", at }, end: at + 1 };
    }
    FIELD.lastIndex = at;
    const written = FIELD.exec(query)?.[1] ?? "";
    const name = fields.get(written);
    if (name !== undefined) {
      return { token: { kind: "field", name, written, at }, end: at + written.length + 1 };
    }
  }
  WORD.lastIndex = at;
  const text = WORD.exec(query)?.[0];
  if (text === undefined) return { token: { kind: "end", at }, end: at };
  if (!isValue && isOperator(text)) {
    const hint = FOREIGN_OPERATORS.get(text);
    const token = hint === undefined ? { kind: "or", at } as const : mistake(at, hint);
    return { token, end: at + text.length };
  }
  return { token: { kind: "word", text, quoted: false, at }, end: at + text.length };
}

/** `"…"`, in which `\"` and `\\` stand for themselves. */
function phrase(query: string, at: number) {
  let text = "";
  for (let position = at + 1; position < query.length; position += 1) {
    const character = query[position] ?? "";
    if (character === '"') {
      const token: Token = { kind: "word", text, quoted: true, at };
      return { token, end: position + 1 };
    }
    const next = query[position + 1];
    if (character === "\\" && (next === '"' || next === "\\")) {
      text += next;
      position += 1;
    } else {
      text += character;
    }
  }
  return { token: mistake(at, 'this phrase has no closing "'), end: query.length };
}

/** `/…/`, in which `\/` is a slash; every other backslash belongs to the expression. */
function regex(query: string, at: number) {
  let source = "";
  let isClass = false;
  for (let position = at + 1; position < query.length; position += 1) {
    const character = query[position] ?? "";
    if (character === "/" && !isClass) {
      const end = position + 1;
      // `/usr/bin` is a path that somebody looks for, not an expression beside a word.
      if (!/^[\s)]?$/.test(query[end] ?? "")) return { token: mistake(position, ENDS_EARLY), end };
      const token: Token = { kind: "regex", source, at };
      return { token, end };
    }
    if (character === "\\") {
      const next = query[position + 1] ?? "";
      source += next === "/" ? "/" : character + next;
      position += 1;
      continue;
    }
    if (character === "[") isClass = true;
    if (character === "]") isClass = false;
    source += character;
  }
  return {
    token: mistake(at, "this regular expression has no closing /: close it, or quote the text"),
    end: query.length,
  };
}
