/**
 * What is under a line and column of a file: the name, what it does there, and the definition around it.
 * Pure.
 */
import { type Outline, type OutlineDefinition } from "../_shared/segment/outline.ts";

/** A name at a position. */
export interface NameAtPosition {
  readonly name: string;
  /** definition, or the role of a reference; null when neither is known. */
  readonly role: string | null;
  /** 1-based, in UTF-16 units. */
  readonly column: number;
}

const NAME = /[\p{L}\p{N}_$]+[?!]?/gu;

/** The name whose first to last character, or the place just behind it, is at the column. */
export function nameAt(
  text: string,
  { definitions, references }: Outline,
  line: number,
  column: number,
): NameAtPosition | null {
  const covers = (start: number, name: string) => column >= start && column <= start + name.length;
  // References come first: on a definition's own line they are others' names.
  const reference = references.find((each) =>
    each.line === line && covers(each.column, each.name) && column < each.column + each.name.length
  );
  if (reference !== undefined) {
    return { name: reference.name, role: reference.role, column: reference.column };
  }
  const definition = definitions.find((each) =>
    each.startLine === line && covers(each.startColumn, each.name)
  );
  if (definition !== undefined) {
    return { name: definition.name, role: "definition", column: definition.startColumn };
  }
  for (const match of text.matchAll(NAME)) {
    const [word] = match;
    const start = match.index + 1;
    if (!covers(start, word) || /^\d/.test(word)) continue;
    // `!` and `?` belong to names in some languages, and are operators in the others.
    const plain = word.replace(/[?!]$/, "");
    const isKnown = [...definitions, ...references].some(({ name }) => name === word);
    return { name: isKnown ? word : plain, role: null, column: start };
  }
  return null;
}

/** What stands before the name at a column as its owner: `a` of `a.b`, `a::b`; "" for what has no name. */
export function qualifierAt(text: string, column: number): string | null {
  const before = text.slice(0, column - 1);
  // Three dots spread what follows.
  const sign = /(?<!\.\.)(?:\.|->|::)\s*$/.exec(before);
  if (sign === null) return null;
  return /[\p{L}\p{N}_$]*$/u.exec(before.slice(0, sign.index).replace(/[?!\s]+$/, ""))?.[0] ?? "";
}

/** `Outer.inner` of a definition. */
export function fullNameOf({ container, name }: OutlineDefinition): string {
  return container === null ? name : `${container}.${name}`;
}

/** The innermost definition whose lines include this one; null at the top. */
export function enclosingAt({ definitions }: Outline, line: number): string | null {
  const around = definitions.filter((each) => each.rangeLine <= line && line <= each.endLine)
    .toSorted((one, other) =>
      one.endLine - one.rangeLine - (other.endLine - other.rangeLine) ||
      other.rangeLine - one.rangeLine
    )[0];
  return around === undefined ? null : fullNameOf(around);
}
