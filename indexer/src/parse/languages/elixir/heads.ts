/**
 * The heads of what Elixir declares: the arguments of the call that declares it, its name and its arity, and
 * where the body begins.
 */
import type { Node } from "web-tree-sitter";
import type { Span } from "../../symbol.ts";

/** The arguments of a call. */
export function argumentsOf(call: Node): readonly Node[] {
  return call.namedChildren.find((child) => child.type === "arguments")?.namedChildren ?? [];
}

/** The block of a call, `do … end`. */
export function doBlockOf(call: Node): Node | undefined {
  return call.namedChildren.find((child) => child.type === "do_block");
}

/** Where a head ends: before `do`, whichever way it is written. */
export function headEnd(call: Node): number {
  const block = doBlockOf(call);
  if (block !== undefined) return block.startIndex;
  const last = argumentsOf(call).at(-1);
  if (last?.type !== "keywords") return call.endIndex;
  return last.previousNamedSibling?.endIndex ?? call.endIndex;
}

/** The name and the arity of `run(a, b)`, `run`, `a + b` and each of them before `when`. */
export function readHead(head: Node | undefined): { name: Span; arity: number } | null {
  if (head === undefined) return null;
  if (head.type === "identifier") return { name: head, arity: 0 };
  if (head.type === "call") {
    const target = head.childForFieldName("target");
    if (target?.type !== "identifier") return null;
    // unquote(name)(…) has no name to be read.
    return target.text === "unquote" ? null : { name: target, arity: argumentsOf(head).length };
  }
  const operator = head.childForFieldName("operator");
  if (operator === null) return null;
  if (head.type === "unary_operator") return { name: operator, arity: 1 };
  if (head.type !== "binary_operator") return null;
  const left = head.childForFieldName("left") ?? undefined;
  return operator.text === "when" ? readHead(left) : { name: operator, arity: 2 };
}
