/**
 * Definitions by assignment, by their tokens: `exports.parse = function`, `module.exports = { … }`,
 * `Reader.prototype.read = function`, `Reader.prototype = { … }`.
 */
import { DOT, OPEN, OPEN_BRACKET, SEMICOLON } from "../../../tokens/signs.ts";
import type { Scope, Span, SymbolCollector, WholeSpan } from "../../../symbol.ts";
import { isExportsObject, scopeOfObject } from "../assignments.ts";
import { collectMembers } from "./members.ts";
import { collectObjectFunctions } from "./object_members.ts";
import { giveUp, type TokenSource } from "./token_source.ts";
import { endOfSignature, type Value, valueAt } from "./values.ts";

/** Words that begin no target of an assignment. */
const OPERATORS: ReadonlySet<string> = new Set(
  "new await typeof void delete yield class function async".split(" "),
);

/** The equals sign behind `a.b`, which begins at `from`; -1 where no member is assigned to. */
function equalsBehind(source: TokenSource, from: number): number {
  if (source.isWord(from) ? OPERATORS.has(source.word(from)) : source.sign(from) !== OPEN) {
    return -1;
  }
  let index = source.after(from);
  for (;;) {
    const sign = source.sign(index);
    if (source.isAssignment(index)) {
      const isMember = source.sign(index - 2) === DOT && source.isWord(index - 1) &&
        index - 2 > from;
      return isMember ? index : -1;
    }
    if (sign === DOT && source.isWord(index + 1)) index += 2;
    else if (sign === OPEN || sign === OPEN_BRACKET) index = source.after(index);
    else return -1;
  }
}

function collectClass(
  source: TokenSource,
  { node, name, value }: { node: WholeSpan; name: Span; value: Value },
  isModule: boolean,
  scope: Scope,
  to: SymbolCollector,
): void {
  // `module.exports = class Reader {}` is known by the name of the class.
  const own = value.start + 1;
  const isNamed = source.isWord(own) && source.word(own) !== "extends";
  if (isModule && !isNamed) return;
  const span = isModule ? source.span(own, own) : name;
  const signatureEnd = source.start(value.body);
  const members = to.declare(scope, { kind: "class", name: span, node, signatureEnd });
  collectMembers(source, value.body, "field", { scope: members, exported: true }, to);
}

/**
 * Declares what the assignment at `from` defines and answers with the token behind it; null where
 * none is.
 */
export function collectAssignment(
  source: TokenSource,
  from: number,
  scope: Scope,
  to: SymbolCollector,
): number | null {
  const equals = equalsBehind(source, from);
  if (equals === -1) return null;
  const value = valueAt(source, equals + 1, false);
  const { end } = value;
  if (end < source.count && source.sign(end) !== SEMICOLON && !source.isFirst(end)) giveUp();
  if (value.kind === "other") return end;
  const node = source.span(from, end - 1);
  const name = source.span(equals - 1, equals - 1);
  const target = source.slice(from, equals - 1);
  if (value.kind === "class") {
    collectClass(source, { node, name, value }, target === "module.exports", scope, to);
  } else if (value.kind === "object") {
    const owner = scopeOfObject(target, scope);
    if (isExportsObject(target) || owner !== scope) {
      const kind = owner === scope ? "function" : "method";
      collectObjectFunctions(source, value.body, kind, { scope: owner, exported: true }, to);
    }
  } else if (target !== "module.exports") {
    const owner = scopeOfObject(source.slice(from, equals - 3), scope);
    const kind = owner === scope ? "function" : "method";
    const signatureEnd = endOfSignature(source, node, value);
    to.declare(owner, { kind, name, node, signatureEnd });
  }
  return end;
}
