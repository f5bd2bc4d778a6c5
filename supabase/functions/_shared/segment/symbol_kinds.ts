/**
 * The kinds of definitions, and their numbers in the index: the words of LSP and SCIP in lower case;
 * `key` and `section` are of data and of prose. Knows no language.
 */

/** By number, from 1 (index 0). Stored: append, never reorder; quarry.symbol_kinds has them too. */
export const SYMBOL_KINDS = [
  "class",
  "constant",
  "constructor",
  "enum",
  "enum_member",
  "field",
  "function",
  "interface",
  "key",
  "macro",
  "method",
  "module",
  "namespace",
  "object",
  "package",
  "property",
  "protocol",
  "section",
  "struct",
  "trait",
  "type",
  "union",
  "variable",
] as const;

export type SymbolKind = (typeof SYMBOL_KINDS)[number];

const KIND_RANKS: Readonly<Partial<Record<string, number>>> = {
  method: 1,
  constructor: 2,
  enum_member: 2,
  field: 2,
  property: 2,
  namespace: 3,
  package: 3,
  key: 4,
  section: 4,
};

/**
 * How far a name alone is from meaning a definition of this kind: 0 what stands by itself, 1 and 2 members, 3
 * what every file of a package declares, 4 names of data and prose. quarry.kind_ranks has them too.
 */
export function kindRank(kind: string): number {
  return KIND_RANKS[kind] ?? 0;
}

/** Whether it is a name of data, prose or a style sheet, which no code can call. */
export function isOfData({ kind, language }: { kind: string; language: string }): boolean {
  return kind === "key" || kind === "section" || language === "CSS";
}

/** The number of a kind. */
export function symbolKindNumber(kind: SymbolKind): number {
  return SYMBOL_KINDS.indexOf(kind) + 1;
}

/** A kind as an outline has it. */
export function asSymbolKind(kind: string): SymbolKind {
  const known = SYMBOL_KINDS.find((each) => each === kind);
  if (known === undefined) throw new Error(`${kind} is no kind of symbol`);
  return known;
}
