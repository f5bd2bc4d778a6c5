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
import { type SqlToken, tokensOfSql } from "./tokens.ts";

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

/** What may stand between `create` and the kind, and between the kind and the name. */
const MODIFIERS = wordSet(
  "or replace alter global local temp temporary unlogged materialized recursive unique clustered " +
    "nonclustered fulltext spatial editionable noneditionable force constraint event external " +
    "foreign virtual if not exists concurrently body",
);

/** What begins an item of a table that is no column. */
const NO_COLUMNS = wordSet(
  "constraint primary unique foreign check exclude like key index period fulltext spatial",
);

const COMMENTS: CommentMarks = { line: "--", blockStart: "/*", blockEnd: "*/" };

const NO_TOKEN: SqlToken = {
  type: "sign",
  text: "",
  keyword: "",
  start: 0,
  end: 0,
  textStart: 0,
};

/** A block is looked through no further: each of its semicolons costs a look from the start. */
const BLOCK_TOKENS_MAX = 4000;

class SqlScanner {
  readonly entries: Entry[] = [];
  readonly #tokens: readonly SqlToken[];

  constructor(tokens: readonly SqlToken[]) {
    this.#tokens = tokens;
  }

  scan(): readonly Entry[] {
    for (let first = 0; first < this.#tokens.length && this.entries.length < ENTRIES_MAX;) {
      const end = this.#statementEnd(first);
      const { keyword } = this.#at(first);
      if (keyword === "create" || keyword === "alter") this.#create(first, end, keyword);
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
      if (keyword === "go" && this.#at(index + 1).keyword === "create") return index;
    }
    return index;
  }

  /** Whether a `begin` of the statement has not ended: the body of a procedure without quotes. */
  #isInBlock(first: number, index: number): boolean {
    if (this.#at(first).keyword !== "create") return false;
    let depth = 0;
    for (let at = first; at < index && at < first + BLOCK_TOKENS_MAX; at++) {
      const { keyword } = this.#at(at);
      if (keyword === "begin" || keyword === "case") depth += 1;
      const closes = this.#at(at + 1).keyword;
      if (keyword === "end" && closes !== "if" && closes !== "loop" && closes !== "while") {
        depth -= 1;
      }
    }
    return depth > 0;
  }

  /** `create or replace function a.b(…)`, and `create or alter` alone of what alters. */
  #create(first: number, end: number, keyword: string): void {
    if (keyword === "alter") return;
    let at = first + 1;
    while (MODIFIERS.has(this.#at(at).keyword)) at += 1;
    const kind = KINDS.get(this.#at(at).keyword);
    at += 1;
    while (MODIFIERS.has(this.#at(at).keyword)) at += 1;
    if (kind === undefined || this.#at(at).type !== "word") return;
    // An index may have no name.
    if (this.#at(at).keyword === "on") return;
    const path: string[] = [];
    while (this.#at(at + 1).text === "." && this.#at(at + 2).type === "word") {
      path.push(this.#at(at).text);
      at += 2;
    }
    const last = this.#at(Math.min(end, this.#tokens.length - 1));
    this.#add(kind, 0, at, this.#at(first).start, last.end, path);
    if (kind === "struct" && this.#at(at + 1).text === "(") this.#columns(at + 1, end);
  }

  /** The first word of each item in the parentheses of a table. */
  #columns(open: number, end: number): void {
    let depth = 0;
    let begins = true;
    for (let at = open; at < end && this.entries.length < ENTRIES_MAX; at++) {
      const { type, text, keyword } = this.#at(at);
      if (text === "(") depth += 1;
      else if (text === ")" && --depth === 0) return;
      else if (text === "," && depth === 1) begins = true;
      else if (depth === 1 && begins) {
        begins = false;
        if (type === "word" && !NO_COLUMNS.has(keyword)) this.#column(at, end);
      }
    }
  }

  #column(at: number, end: number): void {
    let last = at;
    for (let depth = 0; last + 1 < end; last++) {
      const { text } = this.#at(last + 1);
      if (text === "(") depth += 1;
      else if (depth === 0 && (text === "," || text === ")")) break;
      else if (text === ")") depth -= 1;
    }
    const start = this.#at(at).start;
    this.#add("field", 1, at, start, this.#at(last).end, []);
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
    const entries = new SqlScanner(tokens).scan();
    declareEntries(entries, collector);
    const names = new Set(entries.map(({ nameStart }) => nameStart));
    return referencesOfSql(tokens).filter(({ start }) => !names.has(start));
  },
};
