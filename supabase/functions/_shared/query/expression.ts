/**
 * What a query means: a tree of conditions on a file, and the options of the whole search.
 */

/** What a text condition looks for in a file. */
export type Pattern =
  /** A substring of one line. */
  | { readonly kind: "literal"; readonly text: string }
  /** A regular expression of RE2, within one line. */
  | { readonly kind: "regex"; readonly source: string };

/** The fields that narrow a search by what a file is. */
export const filterFields = ["repo", "path", "lang", "ref"] as const;
export type FilterField = (typeof filterFields)[number];

/** The fields that ask for definitions. */
export const symbolFields = ["sym", "kind"] as const;
export type SymbolField = (typeof symbolFields)[number];

/** A condition on a file. */
export type Expression =
  | { readonly kind: "text"; readonly pattern: Pattern }
  /** repo and path hold it, or match it; lang and ref are equal to it. All without case. */
  | { readonly kind: "filter"; readonly field: FilterField; readonly value: Pattern }
  /** sym: a definition whose name holds or matches it; kind: one of this kind. */
  | { readonly kind: "symbol"; readonly field: SymbolField; readonly value: Pattern }
  | { readonly kind: "not"; readonly operand: Expression }
  /** All of them; at least two. */
  | { readonly kind: "and"; readonly operands: readonly Expression[] }
  /** Any of them; at least two. */
  | { readonly kind: "or"; readonly operands: readonly Expression[] };

/** A whole query. */
export interface Query {
  readonly expression: Expression;
  /** Whether case counts; null: for each pattern that has a capital. */
  readonly caseSensitive: boolean | null;
  /** How many lines are wanted at most; null when it does not say. */
  readonly count: number | null;
}

/** Why a query cannot be read, and where: an offset in UTF-16 units. */
export interface QueryMistake {
  readonly position: number;
  readonly message: string;
}
