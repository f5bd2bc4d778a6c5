// A line as pieces of text, each with a role, so that it can be measured and cut before colours are
// added. Knows no terminal: whether there are colours is an argument.

import { cutEnd, textWidth } from "./text_width.ts";

/** What a piece of text is, not how it looks. */
export type Role = "plain" | "title" | "faint" | "match" | "good" | "bad" | "bar";

/** A piece of a line; a bare string is plain. */
export type Span = string | { readonly role: Role; readonly text: string };

/** SGR codes that every terminal has; only the sixteen base colours, which follow its theme. */
const codes: Readonly<Record<Role, readonly [string, string] | null>> = {
  plain: null,
  title: ["\u001b[1m", "\u001b[22m"],
  faint: ["\u001b[2m", "\u001b[22m"],
  match: ["\u001b[1;33m", "\u001b[22;39m"],
  good: ["\u001b[32m", "\u001b[39m"],
  bad: ["\u001b[31m", "\u001b[39m"],
  bar: ["\u001b[36m", "\u001b[39m"],
};

/** A piece with a role. */
export function span(role: Role, text: string): Span {
  return { role, text };
}

/** Columns of all pieces together. */
export function spansWidth(spans: readonly Span[]): number {
  return spans.reduce((sum, each) => sum + textWidth(textOf(each)), 0);
}

/** The pieces that fit, the last of them cut; spaces that would end the line are dropped. */
export function fitSpans(spans: readonly Span[], columns: number): Span[] {
  if (spansWidth(spans) <= columns) return [...spans];
  const fitting: Span[] = [];
  let left = columns;
  for (const each of spans) {
    const text = textOf(each);
    const width = textWidth(text);
    if (width >= left) {
      // One column too many on purpose: the cut must show even where this piece just fits.
      const cut = width === left ? cutEnd(`${text} `, left) : cutEnd(text, left);
      fitting.push(withText(each, cut));
      break;
    }
    fitting.push(each);
    left -= width;
  }
  return fitting;
}

/** The line as it is written. */
export function paint(spans: readonly Span[], colours: boolean): string {
  return spans.map((each) => {
    const code = typeof each === "string" ? null : codes[each.role];
    const text = textOf(each);
    return code === null || !colours || text === "" ? text : code[0] + text + code[1];
  }).join("");
}

function textOf(each: Span): string {
  return typeof each === "string" ? each : each.text;
}

function withText(each: Span, text: string): Span {
  return typeof each === "string" ? text : { role: each.role, text };
}
