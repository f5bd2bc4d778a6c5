/**
 * SQL: which tables and functions are used, and how, by the words in front of them. Columns are left
 * out: which table's they are would take the whole query.
 */
import type { ScannedReference } from "../../references/scanned_references.ts";
import type { ReferenceRole } from "../../symbol.ts";
import type { SqlToken } from "./tokens.ts";

/** Words in front of a table or a view. */
const TABLES: ReadonlyMap<string, ReferenceRole> = new Map([
  ["from", "read"],
  ["into", "write"],
  ["join", "read"],
  ["on", "read"],
  ["references", "read"],
  ["table", "read"],
  ["truncate", "write"],
  ["update", "write"],
  ["using", "read"],
]);

/** What may stand between those words and the name. */
const BETWEEN = new Set(["if", "exists", "not", "only", "lateral", "table"]);

/** Words in front of a parenthesis that are no functions. */
const NO_CALLS = new Set(
  ("all and any array as between by case cast check coalesce constraint cube decimal default distinct " +
    "else end enum except exclude exists filter foreign from generated grouping grant group having if in " +
    "index include insert interval into is join key like limit not null nullif numeric on or order " +
    "over partition primary references return returning returns rollup row rows select set sets some " +
    "table then to trim tuple type union unique update using values varchar varying when where with " +
    "within char character bit float time timestamp nvarchar nchar char2 varchar2 number greatest " +
    "least execute perform view btree hash gin gist brin").split(" "),
);

/** Words that begin a statement about functions, which calls none; and words in front of the name of one. */
const ABOUT_FUNCTIONS = new Set(["comment", "drop", "grant", "revoke"]);
const NAMING = new Set(["aggregate", "function", "procedure", "routine"]);

/** Words behind `on` and `from` that are no tables. */
const NO_TABLES = new Set(
  "select values conflict delete update true false not exists lateral unnest generate_series only set create"
    .split(" "),
);

/** The last part of `a.b.c` that begins at a token. */
function lastPart(tokens: readonly SqlToken[], first: number): number {
  let at = first;
  while (tokens[at + 1]?.text === "." && tokens[at + 2]?.type === "word") at += 2;
  return at;
}

/** The tables and functions that some tokens use, in their order. */
export function referencesOfSql(tokens: readonly SqlToken[]): readonly ScannedReference[] {
  const references: ScannedReference[] = [];
  const named = new Set<number>();
  let begin = 0;
  for (const [index, token] of tokens.entries()) {
    if (token.text === ";") begin = index + 1;
    if (token.type !== "word" || named.has(index)) continue;
    const role = tokens[index - 1]?.text === "." ? undefined : TABLES.get(token.keyword);
    if (role !== undefined) {
      let at = index + 1;
      while (BETWEEN.has(tokens[at]?.keyword ?? "")) at += 1;
      const first = tokens[at];
      if (first?.type !== "word" || NO_TABLES.has(first.keyword)) continue;
      const name = lastPart(tokens, at);
      // `on a.id = b.id` is a condition, `on a (b)` and `on a using` are an index's table.
      if (token.keyword === "on" && !isIndexed(tokens, name)) continue;
      const isCall = tokens[name + 1]?.text === "(" && role === "read" &&
        (token.keyword === "from" || token.keyword === "join");
      for (let part = at; part <= name; part++) named.add(part);
      add(references, tokens[name], isCall ? "call" : role);
    } else if (tokens[index + 1]?.text === "(" && !NO_CALLS.has(token.keyword)) {
      const isNamed = ABOUT_FUNCTIONS.has(tokens[begin]?.keyword ?? "") || isNaming(tokens, index);
      add(references, token, isNamed ? "read" : "call");
    }
  }
  return references;
}

/** `alter function a.b(`, and not `execute function a.b(` of a trigger, which calls it. */
function isNaming(tokens: readonly SqlToken[], name: number): boolean {
  let first = name;
  while (tokens[first - 1]?.text === "." && tokens[first - 2]?.type === "word") first -= 2;
  return NAMING.has(tokens[first - 1]?.keyword ?? "") && tokens[first - 2]?.keyword !== "execute";
}

function isIndexed(tokens: readonly SqlToken[], name: number): boolean {
  const next = tokens[name + 1];
  return next?.text === "(" || next?.keyword === "using" || next?.keyword === "for";
}

function add(to: ScannedReference[], token: SqlToken | undefined, role: ReferenceRole): void {
  if (token !== undefined) to.push({ name: token.text, start: token.textStart, role });
}
