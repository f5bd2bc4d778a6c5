/**
 * Writes a query in the one form that reads back as the same query. Pure.
 */
import { type Expression, type Pattern, type Query } from "./expression.ts";
import { beginsField, isOperator, signOfPattern } from "./tokens.ts";

/** The query as text. */
export function printQuery({ expression, caseSensitive, count }: Query): string {
  const options = [
    ...(caseSensitive === null ? [] : [`case:${caseSensitive ? "yes" : "no"}`]),
    ...(count === null ? [] : [`count:${count}`]),
  ];
  const text = print(expression, options.length > 0 ? "all" : "either");
  return [text, ...options].join(" ");
}

/** `place`: what stands around, which decides whether parentheses are needed. */
function print(expression: Expression, place: "either" | "all" | "one"): string {
  switch (expression.kind) {
    case "text":
      return printPattern(expression.pattern);
    case "filter":
    case "symbol":
      return `${expression.field}:${printPattern(expression.value)}`;
    case "not":
      return `-${print(expression.operand, "one")}`;
    case "and": {
      const text = expression.operands.map((operand) =>
        print(operand, operand.kind === "and" ? "one" : "all")
      )
        .join(" ");
      return place === "one" ? `(${text})` : text;
    }
    case "or": {
      const text = expression.operands
        .map((operand) => print(operand, operand.kind === "or" ? "one" : "either")).join(" or ");
      return place === "either" ? text : `(${text})`;
    }
  }
}

function printPattern(pattern: Pattern): string {
  if (pattern.kind === "regex") return `/${escapeSlashes(pattern.source)}/`;
  const { text } = pattern;
  // A colon right behind a field's own would make one word of both.
  const isPlain = /^[^\s()"/:-][^\s()]*$/.test(text) && !isOperator(text) && !beginsField(text) &&
    signOfPattern(text) === -1;
  return isPlain ? text : `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}

/** A slash would end the expression, unless it is in a class or has a backslash already. */
function escapeSlashes(source: string): string {
  return source.replaceAll(
    /\\[^]|\[(?:\\[^]|[^\]\\])*\]?|\//g,
    (part) => part === "/" ? "\\/" : part,
  );
}
