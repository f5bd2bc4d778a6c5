/**
 * The members of enums and the functions in object literals, by their tokens.
 */
import { CLOSE_BRACE, COLON, COMMA, DOT, LESS, OPEN, OPEN_BRACE } from "../../../tokens/signs.ts";
import { lineEnd, type SymbolCollector } from "../../../symbol.ts";
import type { Owner } from "../members.ts";
import { expressionEnd } from "./ends.ts";
import { declareMember, isName, modifiersEnd } from "./members.ts";
import { giveUp, type TokenSource } from "./token_source.ts";
import { endOfSignature, memberName, signatureEnd, valueAt } from "./values.ts";

/** The members of the enum whose braces open at `body`. */
export function collectEnumMembers(
  source: TokenSource,
  body: number,
  owner: Owner,
  to: SymbolCollector,
): void {
  const close = source.close(body);
  for (let index = body + 1; index < close;) {
    if (!isName(source, index)) giveUp();
    const behind = source.after(index);
    const end = source.isAssignment(behind) ? expressionEnd(source, behind + 1, true) : behind;
    const node = source.span(index, end - 1);
    declareMember(
      {
        kind: "enum_member",
        name: memberName(source, index),
        node,
        signatureStart: node.startIndex,
        signatureEnd: lineEnd(source.text, node.startIndex, node.endIndex),
      },
      owner,
      to,
    );
    if (end < close && source.sign(end) !== COMMA) giveUp();
    index = end + 1;
  }
}

/** The functions in the object literal that opens at `body`; its other properties are data. */
export function collectObjectFunctions(
  source: TokenSource,
  body: number,
  kind: "method" | "function",
  owner: Owner,
  to: SymbolCollector,
): void {
  const close = source.close(body);
  for (let index = body + 1; index < close;) {
    const end = objectMemberEnd(source, index, kind, owner, to);
    if (end < close && source.sign(end) !== COMMA) giveUp();
    index = end + 1;
  }
}

function objectMemberEnd(
  source: TokenSource,
  first: number,
  kind: "method" | "function",
  owner: Owner,
  to: SymbolCollector,
): number {
  // `...spread`
  if (source.sign(first) === DOT) return expressionEnd(source, first + 3, true);
  const key = modifiersEnd(source, first);
  if (!isName(source, key)) giveUp();
  const behind = source.after(key);
  const sign = source.sign(behind);
  if (sign === COMMA || sign === CLOSE_BRACE) return behind;
  const signatureStart = source.start(first);
  if (sign === OPEN || sign === LESS) {
    const head = signatureEnd(source, behind);
    if (source.sign(head) !== OPEN_BRACE) giveUp();
    const end = source.after(head);
    const node = source.span(first, end - 1);
    const name = memberName(source, key);
    const member = { kind, name, node, signatureStart, signatureEnd: source.start(head) };
    declareMember(member, owner, to);
    return end;
  }
  if (sign !== COLON) giveUp();
  const value = valueAt(source, behind + 1, true);
  if (value.kind === "function") {
    const node = source.span(first, value.end - 1);
    const name = memberName(source, key);
    const end = endOfSignature(source, node, value);
    declareMember({ kind, name, node, signatureStart, signatureEnd: end }, owner, to);
  }
  return value.end;
}
