/**
 * What documents a module of Elixir and what it defines: attributes with a text.
 */
import type { Node } from "web-tree-sitter";

/** An attribute, `@name value`: its name and its value, if it has one. */
interface Attribute {
  readonly name: string;
  readonly value: Node | null;
}

/** The attribute that an operator makes of a call; null where it makes none. */
function attributeOf(operator: Node): Attribute | null {
  const call = operator.childForFieldName("operand");
  const name = call?.type === "call" ? call.childForFieldName("target")?.text : undefined;
  if (name === undefined || operator.firstChild?.text !== "@") return null;
  const values = call?.namedChildren.find((child) => child.type === "arguments");
  return { name, value: values?.firstNamedChild ?? null };
}

/** What a string or a sigil says, without its quotes; null for `false` and for options. */
function textOf(value: Node | null): string | null {
  if (value?.type !== "string" && value?.type !== "sigil") return null;
  const isText = ({ type }: Node) => type !== "sigil_name" && type !== "sigil_modifiers";
  return value.namedChildren.filter(isText).map(({ text }) => text).join("");
}

/** The texts that stand in front of the next definition. */
export interface PendingDocs {
  /** Of a function, a macro or a callback. */
  doc: string | null;
  typedoc: string | null;
}

/** Keeps the text of `@doc` and `@typedoc`. */
export function readDoc(operator: Node, pending: PendingDocs): void {
  const attribute = attributeOf(operator);
  if (attribute === null) return;
  const text = textOf(attribute.value);
  if (text === null) return;
  if (attribute.name === "doc") pending.doc = text;
  else if (attribute.name === "typedoc") pending.typedoc = text;
}

/** The `@moduledoc` in the body of a module; null without one. */
export function moduleDoc(body: Node | undefined): string | null {
  for (const child of body?.namedChildren ?? []) {
    const attribute = child.type === "unary_operator" ? attributeOf(child) : null;
    if (attribute?.name === "moduledoc") return textOf(attribute.value);
  }
  return null;
}
