/**
 * SQL: what `create` makes, with the columns of tables, and the tables and functions that are used.
 * No grammar of it comes as WebAssembly, and the dialects agree on little more than this. The bodies
 * of functions are searched for uses, not for definitions.
 */
import { wordSet } from "../../tokens/lexis.ts";
import type { CommentMarks } from "../../declarations/doc_comment.ts";
import type { ScannedReference } from "../../references/scanned_references.ts";
import type { SymbolKind } from "../../symbol.ts";
import type { LanguageSupport } from "../language_support.ts";
import { declareEntries, ENTRIES_MAX, type Entry } from "../structure/outline.ts";
import { referencesOfSql } from "./references.ts";
import { NO_TOKEN, type SqlToken, tokensOfSql } from "./tokens.ts";
import { MODIFIERS } from "./words.ts";

const KINDS: ReadonlyMap<string, SymbolKind> = new Map([
  ["aggregate", "function"],
  ["database", "namespace"],
  ["domain", "type"],
  ["function", "function"],
  ["index", "key"],
  ["package", "module"],
  ["procedure", "function"],
  ["schema", "namespace"],
  ["sequence", "object"],
  ["table", "struct"],
  ["trigger", "object"],
  ["type", "type"],
  ["view", "struct"],
]);

/** What may stand between the kind and the name. */
const BETWEEN = wordSet("body concurrently exists if not only");

/** What a statement begins with behind `go`. */
const VERBS = wordSet(
  "alter begin create declare delete drop exec execute go grant if insert merge print select set truncate update use",
);

/** What begins an item of a table that is no column. */
const NO_COLUMNS = wordSet(
  "constraint primary unique foreign check exclude like key index period fulltext spatial",
);

/** What may stand between `add` and a column. */
const BEFORE_COLUMN = wordSet("column if not exists");

const COMMENTS: CommentMarks = { line: "--", blockStart: "/*", blockEnd: "*/" };

/** Words behind an `end` that ends something else than a block. */
const REPEATED = wordSet("if loop repeat while");

/** A block is looked through no further: each of its semicolons costs a look from the start. */
const BLOCK_TOKENS_MAX = 4000;

class SqlScanner {
  readonly entries: Entry[] = [];
  /** The tokens at which the types of columns begin. */
  readonly types = new Set<number>();
  readonly #tokens: readonly SqlToken[];

  constructor(tokens: readonly SqlToken[]) {
    this.#tokens = tokens;
  }

  scan(): readonly Entry[] {
    for (let first = 0; first < this.#tokens.length && this.entries.length < ENTRIES_MAX;) {
      const end = this.#statementEnd(first);
      const { keyword } = this.#at(first);
      if (keyword === "create") this.#create(first, end);
      else if (keyword === "alter") this.#alter(first, end);
      first = end + 1;
    }
    return this.entries;
  }

  #at(index: number): SqlToken {
    return this.#tokens[index] ?? NO_TOKEN;
  }

  /** The semicolon that ends a statement, or the `go` in front of the next; not those of a body. */
  #statementEnd(first: number): number {
    let tag = "";
    let index = first;
    for (; index < this.#tokens.length; index++) {
      const { type, text, keyword } = this.#at(index);
      if (type === "dollar") tag = tag === "" ? text : tag === text ? "" : tag;
      if (tag !== "") continue;
      if (text === ";" && !this.#isInBlock(first, index)) return index;
      const next = this.#at(index + 1);
      if (keyword === "go" && (next === NO_TOKEN || VERBS.has(next.keyword))) return index;
    }
    return index;
  }

  /** Whether a `begin` of the statement has not ended: the body of a procedure without quotes. */
  #isInBlock(first: number, index: number): boolean {
    if (this.#at(first).keyword !== "create") return false;
    let depth = 0;
    for (let at = first; at < index && at < first + BLOCK_TOKENS_MAX; at++) {
      const { keyword } = this.#at(at);
      const next = this.#at(at + 1).keyword;
      if (keyword === "end" && !REPEATED.has(next)) depth -= 1;
      const isBegin = keyword === "begin" && next !== "tran" && next !== "transaction";
      const isCase = keyword === "case" && this.#at(at - 1).keyword !== "end";
      if (isBegin || isCase) depth += 1;
    }
    return depth > 0;
  }

  /** `create or replace function a.b(…)`, and `create or alter`. */
  #create(first: number, end: number): void {
    let at = first + 1;
    while (MODIFIERS.has(this.#at(at).keyword)) at += 1;
    const kind = KINDS.get(this.#at(at).keyword);
    at += 1;
    while (BETWEEN.has(this.#at(at).keyword)) at += 1;
    if (kind === undefined || this.#at(at).type !== "word") return;
    // An index may have no name.
    if (this.#at(at).keyword === "on") return;
    const name = this.#lastPart(at);
    const last = this.#at(Math.min(end, this.#tokens.length - 1));
    this.#add(kind, 0, name, this.#at(first).start, last.end, this.#path(at, name));
    if (kind === "struct" && this.#at(name + 1).text === "(") this.#columns(name + 1, end);
  }

  /** `alter table a.b add column c text, add d int` */
  #alter(first: number, end: number): void {
    if (this.#at(first + 1).keyword !== "table") return;
    let at = first + 2;
    while (BETWEEN.has(this.#at(at).keyword)) at += 1;
    const table = this.#lastPart(at);
    const path = [...this.#path(at, table), this.#at(table).text];
    for (let depth = 0, index = table + 1; index < end; index++) {
      const { text, keyword } = this.#at(index);
      if (text === "(") depth += 1;
      else if (text === ")") depth -= 1;
      const begins = index === table + 1 || this.#at(index - 1).text === ",";
      if (keyword !== "add" || depth !== 0 || !begins) continue;
      let column = index + 1;
      while (BEFORE_COLUMN.has(this.#at(column).keyword)) column += 1;
      if (this.#isColumn(column)) this.#column(column, end, 0, path);
    }
  }

  #lastPart(first: number): number {
    let at = first;
    while (this.#at(at + 1).text === "." && this.#at(at + 2).type === "word") at += 2;
    return at;
  }

  /** What stands in front of the last part of a name. */
  #path(first: number, last: number): readonly string[] {
    const path: string[] = [];
    for (let at = first; at < last; at += 2) path.push(this.#at(at).text);
    return path;
  }

  #isColumn(at: number): boolean {
    const { type, keyword } = this.#at(at);
    return type === "word" && !NO_COLUMNS.has(keyword);
  }

  /** The first word of each item in the parentheses of a table. */
  #columns(open: number, end: number): void {
    let depth = 0;
    let begins = true;
    for (let at = open; at < end && this.entries.length < ENTRIES_MAX; at++) {
      const { text } = this.#at(at);
      if (text === "(") depth += 1;
      else if (text === ")" && --depth === 0) return;
      else if (text === "," && depth === 1) begins = true;
      else if (depth === 1 && begins) {
        begins = false;
        if (this.#isColumn(at)) this.#column(at, end, 1, []);
      }
    }
  }

  /** A column and its type. */
  #column(at: number, end: number, level: number, path: readonly string[]): void {
    let last = at;
    for (let depth = 0; last + 1 < end; last++) {
      const { text } = this.#at(last + 1);
      if (text === "(") depth += 1;
      else if (depth === 0 && (text === "," || text === ")")) break;
      else if (text === ")") depth -= 1;
    }
    const start = this.#at(at).start;
    this.types.add(at + 1);
    this.#add("field", level, at, start, this.#at(last).end, path);
  }

  #add(
    kind: SymbolKind,
    depth: number,
    name: number,
    start: number,
    end: number,
    path: readonly string[],
  ): void {
    const { textStart: nameStart, text } = this.#at(name);
    const nameEnd = nameStart + text.length;
    this.entries.push({ kind, depth, nameStart, nameEnd, start, end, path });
  }
}

/** SQL, and the dialects that have procedures. */
export const sql: LanguageSupport = {
  grammar: null,
  comments: COMMENTS,
  scan(collector): readonly ScannedReference[] {
    const tokens = tokensOfSql(collector.text);
    const scanner = new SqlScanner(tokens);
    const entries = scanner.scan();
    declareEntries(entries, collector);
    const names = new Set(entries.map(({ nameStart }) => nameStart));
    return referencesOfSql(tokens, scanner.types).filter(({ start }) => !names.has(start));
  },
};
