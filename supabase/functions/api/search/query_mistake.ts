/**
 * Tells a mistake in a query so that a person sees it: what is wrong, and a caret under where.
 */
import { type QueryMistake } from "../../_shared/query/expression.ts";

/** What is shown of a query on each side of its mistake, in UTF-16 units. */
const SHOWN_UNITS = 60;

/** The message, the position (from 0, in UTF-16 units), and the query with a caret below. */
export function describeMistake(query: string, { position, message }: QueryMistake): string {
  const from = Math.max(0, position - SHOWN_UNITS);
  const shown = query.slice(from, position + SHOWN_UNITS).replaceAll(/\s/g, " ");
  const caret = `${" ".repeat(position - from)}^`;
  return `q: ${message}, at position ${position}.\n${shown}\n${caret}`;
}
