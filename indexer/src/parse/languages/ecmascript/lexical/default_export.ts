/**
 * `export default` of something without a name, which other files know as `default`, by its tokens.
 */
import { SEMICOLON } from "../../../tokens/signs.ts";
import type { Scope, SymbolCollector } from "../../../symbol.ts";
import { collectMembers } from "./members.ts";
import { collectObjectFunctions } from "./object_members.ts";
import type { TokenSource } from "./token_source.ts";
import { endOfSignature, valueAt } from "./values.ts";

/** Declares what is exported at `from` and answers with the token behind it. */
export function collectDefaultExport(
  source: TokenSource,
  from: number,
  scope: Scope,
  to: SymbolCollector,
): number {
  const value = valueAt(source, from + 2, false);
  const end = source.sign(value.end) === SEMICOLON ? value.end + 1 : value.end;
  if (value.kind === "other") return end;
  const node = source.span(from, end - 1);
  const isClass = value.kind === "class";
  const dataKind = isClass ? "class" : "constant";
  const members = to.declare(scope, {
    kind: value.kind === "function" ? "function" : dataKind,
    name: source.span(from + 1, from + 1),
    node,
    signatureEnd: isClass ? source.start(value.body) : endOfSignature(source, node, value),
  });
  const owner = { scope: members, exported: true };
  if (isClass) collectMembers(source, value.body, "field", owner, to);
  if (value.kind === "object") collectObjectFunctions(source, value.body, "method", owner, to);
  return end;
}
