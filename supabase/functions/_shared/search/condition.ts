/**
 * What a query demands of a file, ready to be verified: conditions over numbered leaves. A leaf is
 * what is looked for in the text or among the definitions; everything else is a test of what the file
 * is. Pure.
 */
import { type Expression, type Pattern, type Query } from "../query/expression.ts";
import { fold } from "../text/fold.ts";
import { holder, isCaseSensitive, type LineFinder, lineFinder } from "./line_finder.ts";
import { isLanguage, isRef, wantedPath } from "./file_filter.ts";

/** What a file is. */
export interface FileFacts {
  readonly repository: string;
  readonly ref: string;
  readonly path: string;
  readonly language: string;
}

/** What is looked for in a file. */
export type Leaf =
  | {
    readonly kind: "text";
    readonly pattern: Pattern;
    readonly caseSensitive: boolean;
    readonly finder: LineFinder;
  }
  /** A definition whose name has or matches all of the names and which is of all the kinds. */
  | {
    readonly kind: "symbol";
    readonly names: readonly Pattern[];
    readonly isNamed: (name: string) => boolean;
    readonly isOfKind: (kind: string) => boolean;
  };

/** Conditions over leaves, which are numbers. */
export type Condition =
  | { readonly kind: "leaf"; readonly leaf: number }
  | { readonly kind: "file"; readonly holds: (file: FileFacts) => boolean }
  | { readonly kind: "not"; readonly operand: Condition }
  | { readonly kind: "and" | "or"; readonly operands: readonly Condition[] };

/** A query that is ready. */
export interface CompiledQuery {
  readonly leaves: readonly Leaf[];
  readonly condition: Condition;
}

type SymbolExpression = Extract<Expression, { kind: "symbol" }>;

/** Makes a query ready. */
export function compileQuery(query: Query): CompiledQuery {
  const leaves: Leaf[] = [];
  const add = (leaf: Leaf): Condition => ({ kind: "leaf", leaf: leaves.push(leaf) - 1 });
  const compile = (expression: Expression): Condition => {
    switch (expression.kind) {
      case "text":
        return add(textLeaf(expression.pattern, query.caseSensitive));
      case "symbol":
        return add(symbolLeaf([expression], query.caseSensitive));
      case "filter":
        return { kind: "file", holds: fileTest(expression) };
      case "not":
        return { kind: "not", operand: compile(expression.operand) };
      case "or":
        return { kind: "or", operands: expression.operands.map(compile) };
      case "and": {
        // sym: and kind: side by side speak of one definition.
        const symbols = expression.operands.filter((each) => each.kind === "symbol");
        const others = expression.operands.filter((each) => each.kind !== "symbol").map(compile);
        const both = symbols.length === 0 ? [] : [add(symbolLeaf(symbols, query.caseSensitive))];
        return { kind: "and", operands: [...others, ...both] };
      }
    }
  };
  const condition = compile(query.expression);
  return { leaves, condition };
}

function textLeaf(pattern: Pattern, wish: boolean | null): Leaf {
  const caseSensitive = isCaseSensitive(pattern, wish);
  return { kind: "text", pattern, caseSensitive, finder: lineFinder(pattern, caseSensitive) };
}

function symbolLeaf(symbols: readonly SymbolExpression[], wish: boolean | null): Leaf {
  const names = symbols.filter(({ field }) => field === "sym").map(({ value }) => value);
  const kinds = symbols.filter(({ field }) => field === "kind").map(({ value }) => textOf(value));
  const tests = names.map((name) => holder(name, isCaseSensitive(name, wish)));
  return {
    kind: "symbol",
    names,
    isNamed: (name) => tests.every((holds) => holds(name)),
    isOfKind: (kind) => kinds.every((each) => fold(kind) === each),
  };
}

function textOf(value: Pattern): string {
  return fold(value.kind === "literal" ? value.text : value.source);
}

function fileTest(
  { field, value }: Extract<Expression, { kind: "filter" }>,
): (file: FileFacts) => boolean {
  switch (field) {
    case "repo": {
      const holds = holder(value, false);
      return ({ repository }) => holds(repository);
    }
    case "path": {
      if (value.kind === "regex") {
        const matches = holder(value, false);
        return ({ path }) => matches(path);
      }
      const { text, isFromName } = wantedPath(value.text);
      const holds = holder({ kind: "literal", text }, false);
      return ({ path }) => holds(isFromName ? `/${path}` : path);
    }
    case "lang": {
      const wanted = textOf(value);
      return ({ language }) => isLanguage(language, wanted);
    }
    case "ref": {
      const wanted = textOf(value);
      return ({ ref }) => isRef(ref, wanted);
    }
  }
}
