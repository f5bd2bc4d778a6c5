/**
 * The names that symbols and strings of Ruby spell.
 */
import type { Node } from "web-tree-sitter";
import type { Span } from "../../symbol.ts";

/** The part of a node that begins so many units after its start: `:name` without its colon. */
export function after(node: Node, units: number): Span {
  const { startIndex, startPosition: { row, column }, endIndex } = node;
  return {
    startIndex: startIndex + units,
    endIndex,
    startPosition: { row, column: column + units },
  };
}

/** The name that a symbol or a string spells; null where it is put together at run time. */
export function literalName(node: Node): Span | null {
  if (node.type === "simple_symbol") return after(node, 1);
  const [content] = node.namedChildren;
  if (node.type !== "string" || node.namedChildCount !== 1) return null;
  return content?.type === "string_content" ? content : null;
}
