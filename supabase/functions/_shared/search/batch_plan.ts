/**
 * The plan of a query for the database: what narrows the files to look at, in the form that
 * api.search_batch takes. It may promise too little and never too much: every file that satisfies the
 * query passes it. Pure.
 */
import { type Expression, type Pattern, type Query } from "../query/expression.ts";
import { requiredClauses, requiredLiterals } from "../query/required_literals.ts";
import { fold } from "../text/fold.ts";
import { type Constraint, constraintGrams, planLiteral } from "../text/literal.ts";
import { type CompiledQuery, type Condition, type Leaf } from "./condition.ts";
import { languageName, wantedPath } from "./file_filter.ts";

/** A demand on terms, with the grams that a term which meets it has. */
export interface PlanConstraint extends Constraint {
  readonly grams: readonly string[];
}

/** What the terms of a literal must be, all of them. */
type PlanLiteral = readonly PlanConstraint[];

/** What narrows a leaf; without constraints and choices nothing does. */
export type PlanLeaf =
  | {
    readonly constraints: PlanLiteral;
    /** Of each choice the constraints of one literal must be met. */
    readonly choices: readonly (readonly PlanLiteral[])[];
  }
  /** Files that define a name which has this. */
  | { readonly symbol: { readonly name_folded: string } };

/** Lists of lower-case ASCII texts that all must hold. */
export interface PlanFilters {
  readonly all_refs: boolean;
  readonly repo: readonly string[];
  readonly not_repo: readonly string[];
  readonly ref: readonly string[];
  readonly path: readonly string[];
  readonly not_path: readonly string[];
  readonly lang: readonly string[];
}

/** A plan as api.search_batch takes it. */
export interface BatchPlan {
  readonly leaves: readonly PlanLeaf[];
  /** Sets of leaves, bit i for leaf i; of one of them a file must have all. */
  readonly alternatives: readonly number[];
  /** Folded names: files that define one come first. */
  readonly words: readonly string[];
  readonly filters: PlanFilters;
  readonly first_chunk: boolean;
  readonly neighbours: boolean;
  readonly outlines: boolean;
}

/** What an answer needs besides the matching lines. */
export interface Wishes {
  /** Lines around matches. */
  readonly context: boolean;
  /** The definition around each match. */
  readonly enclosing: boolean;
}

/** More are not tried apart; the rest is left to verification. */
const ALTERNATIVES_MAX = 64;
const WORDS_MAX = 8;

/** Plans a query. */
export function planBatches(query: Query, compiled: CompiledQuery, wishes: Wishes): BatchPlan {
  const { leaves, condition } = compiled;
  const alternatives = alternativesOf(condition);
  return {
    leaves: leaves.map(planLeaf),
    alternatives: alternatives.map((leafNos) => leafNos.reduce((mask, no) => mask + 2 ** no, 0)),
    words: wordsOf(compiled).map(({ word }) => word),
    filters: planFilters(query.expression),
    first_chunk: alternatives.some((leafNos) => leafNos.length === 0),
    neighbours: wishes.context,
    outlines: wishes.enclosing || leaves.some(({ kind }) => kind === "symbol"),
  };
}

/**
 * The runs of three that every chunk has which a file is found by: none where a file may be found by several,
 * or which chunks are handed out depends on more than what is in them.
 */
export function runsOfEachChunk(plan: BatchPlan, { leaves }: CompiledQuery): readonly number[] {
  const [leaf, ...others] = leaves;
  const { path, not_path, lang } = plan.filters;
  const isAlone = others.length === 0 && plan.alternatives.every((mask) => mask === 1) &&
    !plan.neighbours && [path, not_path, lang].every((filter) => filter.length === 0);
  return isAlone && leaf?.kind === "text" ? leaf.finder.grams : [];
}

function constrain(literal: string): PlanLiteral {
  return planLiteral(literal).constraints
    .map((constraint) => ({ ...constraint, grams: constraintGrams(constraint) }));
}

function planLeaf(leaf: Leaf): PlanLeaf {
  if (leaf.kind === "text") {
    const clauses = leaf.pattern.kind === "literal"
      ? [[leaf.pattern.text]]
      : requiredClauses(leaf.pattern.source);
    return {
      constraints: clauses.filter(({ length }) => length === 1).flat().flatMap(constrain),
      choices: clauses.filter(({ length }) => length > 1).map((clause) => clause.map(constrain)),
    };
  }
  const [longest] = leaf.names
    .flatMap((name) => name.kind === "literal" ? [name.text] : requiredLiterals(name.source))
    .toSorted((a, b) => b.length - a.length);
  if (longest === undefined) return { constraints: [], choices: [] };
  return { symbol: { name_folded: fold(longest) } };
}

/** Sets of leaves, one of which every file that satisfies the condition has all of. */
function alternativesOf(condition: Condition): readonly (readonly number[])[] {
  switch (condition.kind) {
    case "leaf":
      return [[condition.leaf]];
    case "file":
    case "not":
      return [[]];
    case "or": {
      const all = condition.operands.flatMap(alternativesOf);
      const isUseless = all.length > ALTERNATIVES_MAX || all.some(({ length }) => length === 0);
      return isUseless ? [[]] : all;
    }
    case "and":
      return condition.operands.map(alternativesOf)
        .toSorted((a, b) => a.length - b.length)
        .reduce((sofar, each) => {
          const both = sofar.flatMap((one) =>
            each.map((other) => [...new Set([...one, ...other])])
          );
          return both.length > ALTERNATIVES_MAX ? sofar : both;
        });
  }
}

/** A name that a query may mean, and the leaves that it is made of. */
export interface Word {
  readonly word: string;
  readonly leaves: readonly number[];
}

/**
 * The names whose definitions a query may mean, in the order of api.search_batch's `defines`: its words,
 * and neighbours written as one, for `repo cache` may mean RepoCache or repo_cache.
 */
export function wordsOf({ leaves, condition }: CompiledQuery): readonly Word[] {
  const words = new Map<string, Word>();
  const add = (word: string, leafNos: readonly number[]) => {
    if (!words.has(word)) words.set(word, { word, leaves: leafNos });
  };
  const single = positiveLeaves(condition).flatMap((leafNo) => {
    const leaf = leaves[leafNo];
    return leaf === undefined ? [] : literalsOf(leaf).map((word) => ({ word, leafNo }));
  });
  for (const { word, leafNo } of single) add(word, [leafNo]);
  for (const [index, second] of single.entries()) {
    const first = single[index - 1];
    if (first === undefined || !/^\w+$/.test(first.word) || !/^\w+$/.test(second.word)) continue;
    for (const between of ["", "_"]) {
      add(first.word + between + second.word, [first.leafNo, second.leafNo]);
    }
  }
  return [...words.values()].slice(0, WORDS_MAX);
}

function literalsOf(leaf: Leaf): readonly string[] {
  const patterns: readonly Pattern[] = leaf.kind === "text" ? [leaf.pattern] : leaf.names;
  return patterns.flatMap((each) => each.kind === "literal" ? [fold(each.text)] : []);
}

/** The leaves that are not under a negation. */
function positiveLeaves(condition: Condition): readonly number[] {
  switch (condition.kind) {
    case "leaf":
      return [condition.leaf];
    case "file":
    case "not":
      return [];
    case "and":
    case "or":
      return condition.operands.flatMap(positiveLeaves);
  }
}

const PLAIN = /^[\x20-\x7e]+$/;

/** What every file must be, as far as the database can tell it. */
function planFilters(expression: Expression): PlanFilters {
  const all = expression.kind === "and" ? expression.operands : [expression];
  const pick = (field: string, isNegated: boolean): string[] =>
    all.flatMap((each) => {
      const inner = isNegated && each.kind === "not" ? each.operand : each;
      if ((each.kind === "not") !== isNegated || inner.kind !== "filter") return [];
      if (inner.field !== field || inner.value.kind !== "literal") return [];
      const { text, isFromName } = field === "path"
        ? wantedPath(inner.value.text)
        : { text: inner.value.text, isFromName: false };
      // The database sees no slash before the first name: what it lets pass is tested again.
      if (isFromName && isNegated) return [];
      return PLAIN.test(text) ? [fold(isFromName ? text.slice(1) : text)] : [];
    });
  return {
    all_refs: namesRef(expression),
    repo: pick("repo", false),
    not_repo: pick("repo", true),
    ref: pick("ref", false),
    path: pick("path", false),
    not_path: pick("path", true),
    lang: pick("lang", false).map(languageName),
  };
}

function namesRef(expression: Expression): boolean {
  switch (expression.kind) {
    case "filter":
      return expression.field === "ref";
    case "not":
      return namesRef(expression.operand);
    case "and":
    case "or":
      return expression.operands.some(namesRef);
    default:
      return false;
  }
}
