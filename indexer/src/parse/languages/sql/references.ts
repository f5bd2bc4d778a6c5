/**
 * SQL: which tables and functions are used, and how, by the words in front of them, and what a statement
 * like `drop view a` is about. Columns are left out: which table's they are would take the whole query.
 * What a query calls its own parts, `with a as (…)`, is no use.
 */
import type { ScannedReference } from "../../references/scanned_references.ts";
import type { ReferenceRole } from "../../symbol.ts";
import { wordSet } from "../../tokens/lexis.ts";
import { NO_TOKEN, type SqlToken } from "./tokens.ts";
import {
  ABOUT,
  BEFORE_NAMES,
  BETWEEN,
  ENDS_LIST,
  KINDS,
  LISTING,
  MODIFIERS,
  NO_CALLS,
  NO_NAMES,
  NO_TYPES,
  PARTS,
  STARTS,
  TABLES,
} from "./words.ts";

/** The columns of a part of a query are no more tokens than this. */
const COLUMNS_TOKENS_MAX = 64;

/** What stands in front of a name is no longer than this. */
const BETWEEN_TOKENS_MAX = 32;

/** Words in front of `update` that make no statement of it. */
const BEFORE_EVENT = wordSet("after before for key no of on or");
/** Words in front of `into` that say what is changed: others put a value into a variable. */
const BEFORE_INTO = wordSet("ignore insert merge overwrite replace");
/** Functions whose arguments stand around a `from`. */
const TAKING = wordSet("extract overlay substring trim");
/** Statements whose `from` is of no table. */
const NO_FROM = wordSet("copy fetch revoke");

/** Parentheses that are open, or what is outside of all. */
interface Frame {
  /** The word in front of them. */
  readonly opener: string;
  /** What is done with the tables of the list that is not over; null in none. */
  tables: ReferenceRole | null;
  /** Whether functions may stand in it. */
  mayCall: boolean;
}

class SqlUses {
  readonly references: ScannedReference[] = [];
  readonly #tokens: readonly SqlToken[];
  readonly #types: ReadonlySet<number>;
  /** Tokens that are a part of a name which has been told. */
  readonly #named = new Set<number>();
  /** What the statement calls parts of itself. */
  readonly #given = new Set<string>();
  #frames: Frame[] = [];
  /** The first token of the statement. */
  #first = 0;
  /** Whether the next `on` says whose what is made or granted is. */
  #isOnTable = false;
  /** What closes the body that is open. */
  #body = "";

  constructor(tokens: readonly SqlToken[], types: ReadonlySet<number>) {
    this.#tokens = tokens;
    this.#types = types;
    this.#begin(0);
  }

  find(): readonly ScannedReference[] {
    for (const [index, { type, text, keyword }] of this.#tokens.entries()) {
      if (type === "sign") this.#sign(index, text);
      else if (type === "dollar") this.#dollar(index, text);
      else if (type === "word" && !this.#named.has(index)) this.#word(index, keyword);
    }
    return this.references;
  }

  #at(index: number): SqlToken {
    return this.#tokens[index] ?? NO_TOKEN;
  }

  get #verb(): string {
    return this.#at(this.#first).keyword;
  }

  get #frame(): Frame | undefined {
    return this.#frames.at(-1);
  }

  #begin(first: number): void {
    this.#first = first;
    this.#frames = [{ opener: "", tables: null, mayCall: false }];
    this.#given.clear();
    this.#isOnTable = false;
  }

  #dollar(index: number, tag: string): void {
    this.#begin(index + 1);
    this.#body = this.#body === "" ? tag : this.#body === tag ? "" : this.#body;
  }

  #sign(index: number, sign: string): void {
    if (sign === ";") this.#begin(index + 1);
    else if (sign === "(") {
      const opener = this.#at(index - 1).keyword;
      this.#frames.push({ opener, tables: opener === "inherits" ? "read" : null, mayCall: false });
    } else if (sign === ")" && this.#frames.length > 1) this.#frames.pop();
    else if (sign === ",") {
      const { tables = null, mayCall = false } = this.#frame ?? {};
      if (tables !== null) this.#use(index + 1, tables, mayCall);
    }
  }

  #word(index: number, keyword: string): void {
    const before = this.#at(index - 1);
    // `a::type`
    const isCast = before.text === ":" && this.#at(index - 2).text === ":" &&
      this.#at(index + 1).text !== "(";
    const isType = isCast || this.#types.has(index);
    if (isType && this.#use(index, "type", false)) return;
    if (before.text !== ".") {
      if (STARTS.has(keyword)) this.#first = index + 1;
      const frame = this.#frame;
      if (frame !== undefined && ENDS_LIST.has(keyword)) frame.tables = null;
      if (this.#isPart(index)) this.#given.add(this.#at(index).text.toLowerCase());
      if (index === this.#first && (keyword === "grant" || keyword === "revoke")) {
        this.#isOnTable = true;
      }
      const role = this.#roleBehind(index, keyword);
      if (role !== null) return this.#useBehind(index, keyword, role);
    }
    if (this.#isCall(index)) this.#add(index, "call");
  }

  /** What is done with the name behind a word; null where the word says nothing of it. */
  #roleBehind(index: number, keyword: string): ReferenceRole | null {
    if (KINDS.has(keyword) && this.#isSubject(index)) {
      if (PARTS.has(keyword)) this.#isOnTable = true;
      return "read";
    }
    const role = TABLES.get(keyword) ?? null;
    const before = this.#at(index - 1);
    switch (keyword) {
      case "analyze":
        return index === this.#first || before.keyword === "vacuum" ? role : null;
      case "copy":
      case "truncate":
      case "vacuum":
        return index === this.#first ? role : null;
      case "from":
        if (before.keyword === "delete") return "write";
        return this.#isOfTables(index) ? role : null;
      case "into":
        return this.#body === "" || BEFORE_INTO.has(before.keyword) ? role : null;
      case "like":
        return before.text === "(" || before.text === "," ? role : null;
      case "of":
        return before.keyword === "partition" ? role : null;
      case "on":
        return this.#isOnTable ? role : null;
      case "insert":
      case "update":
        return BEFORE_EVENT.has(before.keyword) ? null : role;
      case "using":
        return this.#verb === "delete" || this.#verb === "merge" ? role : null;
      default:
        return role;
    }
  }

  /** `drop view`, `comment on function`, `create or replace function`: what the statement is about. */
  #isSubject(index: number): boolean {
    const before = this.#at(index - 1).keyword;
    const isBehind = index - 1 === this.#first || before === "on" || MODIFIERS.has(before);
    return isBehind && ABOUT.has(this.#verb);
  }

  /** Whether tables stand behind a `from`: not so in `extract(day from a)`, `is distinct from a`. */
  #isOfTables(index: number): boolean {
    const second = this.#at(index - 2).keyword;
    const isDistinct = this.#at(index - 1).keyword === "distinct" &&
      (second === "is" || second === "not");
    return !isDistinct && !NO_FROM.has(this.#verb) && !TAKING.has(this.#frame?.opener ?? "");
  }

  #useBehind(index: number, keyword: string, role: ReferenceRole): void {
    const isList = LISTING.has(keyword) ||
      ["drop", "grant", "lock", "revoke", "truncate"].includes(this.#verb);
    const mayCall = keyword === "from" || keyword === "join";
    const first = keyword === "inherits" ? index + 2 : index + 1;
    const isUsed = this.#use(first, role, mayCall);
    if (isUsed && keyword === "on") this.#isOnTable = false;
    const frame = this.#frame;
    // `grant references, update to a` names none.
    const begins = isUsed || this.#at(index + 1).text === "(";
    if (isList && begins && frame !== undefined) Object.assign(frame, { tables: role, mayCall });
  }

  /** Adds the use of a name that begins at a token, if one does; `mayCall`: rows of a function are as good. */
  #use(from: number, role: ReferenceRole, mayCall: boolean): boolean {
    let first = from;
    const isBetween = (token: SqlToken) =>
      BETWEEN.has(token.keyword) || mayCall && token.text === "(";
    while (first < from + BETWEEN_TOKENS_MAX && isBetween(this.#at(first))) first += 1;
    const { type, text, keyword } = this.#at(first);
    if (type !== "word" || NO_NAMES.has(keyword) || text.startsWith("@")) return false;
    let last = first;
    while (this.#at(last + 1).text === "." && this.#at(last + 2).type === "word") last += 2;
    if (role === "type" && NO_TYPES.has(this.#at(last).text.toLowerCase())) return false;
    for (let part = first; part <= last; part++) this.#named.add(part);
    // `create view a` makes it.
    const isMade = this.#verb === "create" && this.#isSubject(from - 1);
    const isPart = first === last && this.#given.has(text.toLowerCase());
    const isCall = mayCall && role === "read" && this.#at(last + 1).text === "(";
    if (!isPart && !isMade) this.#add(last, isCall ? "call" : role);
    return true;
  }

  /** `a` of `with a as (`, `with recursive a (b, c) as not materialized (` and `, a as (`. */
  #isPart(index: number): boolean {
    const before = this.#at(index - 1);
    if (before.text !== "," && before.keyword !== "with" && before.keyword !== "recursive") {
      return false;
    }
    let next = index + 1;
    if (this.#at(next).text === "(") {
      while (next < index + COLUMNS_TOKENS_MAX && this.#at(next).text !== ")") next += 1;
      next += 1;
    }
    if (this.#at(next).keyword !== "as") return false;
    do next += 1; while (["not", "materialized"].includes(this.#at(next).keyword));
    return this.#at(next).text === "(";
  }

  /** A name in front of parentheses, but for types, keys, and what names the columns of rows: `f() as a(b int)`. */
  #isCall(index: number): boolean {
    if (this.#at(index + 1).text !== "(") return false;
    const name = this.#at(index).text.toLowerCase();
    const before = this.#at(index - 1);
    return !NO_CALLS.has(name) && !BEFORE_NAMES.has(before.keyword) && before.text !== ")" &&
      !this.#given.has(name);
  }

  #add(index: number, role: ReferenceRole): void {
    const { text: name, textStart: start } = this.#at(index);
    this.references.push({ name, start, role });
  }
}

/** The tables, functions and types that some tokens use, in their order; `types`: where those of columns begin. */
export function referencesOfSql(
  tokens: readonly SqlToken[],
  types: ReadonlySet<number>,
): readonly ScannedReference[] {
  return new SqlUses(tokens, types).find();
}
