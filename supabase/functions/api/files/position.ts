/**
 * What is under a line and column of a file: the name, what it does there, and the definition around it.
 * Pure.
 */
import { type Outline, type OutlineDefinition } from "../../_shared/segment/outline_entries.ts";
import { isReserved } from "../../_shared/text/reserved_words.ts";

/** A name at a position. */
export interface NameAtPosition {
  readonly name: string;
  /** definition, keyword, or the role of a reference; null when none is known. */
  readonly role: string | null;
  /** 1-based, in UTF-16 units. */
  readonly column: number;
  /** Where it is defined, for the name of a definition. */
  readonly defined?: { readonly line: number; readonly column: number };
}

/** The role of a word that the language reserves. */
export const KEYWORD = "keyword";

/** Of a line, when its first name is looked for: one of nothing but reserved words is no code. */
const FIRST_WORDS_MAX = 20;

const NAME = /[\p{L}\p{N}_$]+[?!]?/gu;

/** A file as far as it is known what its words are. */
interface KnownSource {
  readonly language: string;
  readonly outline: Outline;
}

/**
 * The name whose first to last character, or the place just behind it, is at the column. A reserved
 * word that begins a definition stands for that one.
 */
export function nameAt(
  text: string,
  { language, outline }: KnownSource,
  line: number,
  column: number,
): NameAtPosition | null {
  const { definitions, references } = outline;
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
  if (definition !== undefined) return asName(definition);
  for (const match of text.matchAll(NAME)) {
    const [word] = match;
    const start = match.index + 1;
    if (!covers(start, word) || /^\d/.test(word)) continue;
    // `!` and `?` belong to names in some languages, and are operators in the others.
    const plain = word.replace(/[?!]$/, "");
    if (isReserved(language, plain) && qualifierAt(text, start) === null) {
      const begun = begunBy(text, { language, outline }, line, start);
      return begun === null ? { name: plain, role: KEYWORD, column: start } : asName(begun);
    }
    const isKnown = [...definitions, ...references].some(({ name }) => name === word);
    return { name: isKnown ? word : plain, role: null, column: start };
  }
  return null;
}

/** The first name of a line that is no reserved word, or stands for what such a word begins; else such a word. */
export function firstNameOf(
  text: string,
  source: KnownSource,
  line: number,
): NameAtPosition | null {
  let first: NameAtPosition | null = null;
  const words = text.matchAll(NAME).filter(([word]) => !/^\d/.test(word)).take(FIRST_WORDS_MAX);
  for (const { index } of words) {
    const found = nameAt(text, source, line, index + 1);
    if (found !== null && found.role !== KEYWORD) return found;
    first ??= found;
  }
  return first;
}

function asName({ name, startLine, startColumn }: OutlineDefinition): NameAtPosition {
  const defined = { line: startLine, column: startColumn };
  return { name, role: "definition", column: startColumn, defined };
}

/** The definition whose words before its name are at a place; null where none are. */
function begunBy(
  text: string,
  { language, outline: { definitions } }: KnownSource,
  line: number,
  column: number,
): OutlineDefinition | null {
  const isBeforeName = ({ startLine, startColumn }: OutlineDefinition) =>
    line < startLine || line === startLine && column < startColumn;
  const inside = definitions.findLast((each) => isAround(each, line, column) && isBeforeName(each));
  if (inside !== undefined) return inside;
  // `export` and `const` may stand before what is the definition.
  const following =
    definitions.filter((each) => each.rangeLine === line && each.rangeColumn > column).toSorted((
      one,
      other,
    ) => one.rangeColumn - other.rangeColumn)[0];
  const between = following === undefined
    ? []
    : text.slice(column - 1, following.rangeColumn - 1).trim().split(/\s+/);
  const isBegun = between.length > 0 && between.every((word) => isReserved(language, word));
  return isBegun ? following ?? null : null;
}

/** What stands before the name at a column as its owner: `a` of `a.b`, `a::b`; "" for what has no name. */
export function qualifierAt(text: string, column: number): string | null {
  const before = text.slice(0, column - 1);
  // Three dots spread what follows.
  const sign = /(?<!\.\.)(?:\.|->|::)\s*$/.exec(before);
  if (sign === null) return null;
  return /[\p{L}\p{N}_$]*$/u.exec(before.slice(0, sign.index).replace(/[?!\s]+$/, ""))?.[0] ?? "";
}

/** The same, where it is a name that is nothing's member itself; null for all else. */
export function ownerAt(text: string, column: number): string | null {
  const owner = qualifierAt(text, column);
  if (owner === null || owner === "") return null;
  const start = text.slice(0, column - 1).lastIndexOf(owner) + 1;
  return qualifierAt(text, start) === null ? owner : null;
}

/** `Outer.inner` of a definition. */
export function fullNameOf(
  { container, name }: Pick<OutlineDefinition, "container" | "name">,
): string {
  return container === null ? name : `${container}.${name}`;
}

/** Whether a place, or any part of its line where there is no column, is in a definition. */
export function isAround(
  { rangeLine, rangeColumn, endLine, endColumn }: OutlineDefinition,
  line: number,
  column: number | null,
): boolean {
  const isBegun = rangeLine < line ||
    rangeLine === line && (column === null || rangeColumn <= column);
  return isBegun && (line < endLine || line === endLine && (column === null || column < endColumn));
}

/** The definitions around a place, or around a line, from the innermost. */
function definitionsAround(
  { definitions }: Outline,
  line: number,
  column: number | null,
): OutlineDefinition[] {
  return definitions.filter((each) => isAround(each, line, column))
    .toSorted((one, other) =>
      one.endLine - one.rangeLine - (other.endLine - other.rangeLine) ||
      other.rangeLine - one.rangeLine ||
      (column === null ? 0 : other.rangeColumn - one.rangeColumn)
    );
}

/** The innermost definition around a place, or around a line; null at the top. */
export function enclosingAt(outline: Outline, line: number, column: number | null): string | null {
  const [around] = definitionsAround(outline, line, column);
  return around === undefined ? null : fullNameOf(around);
}

/**
 * The class whose members a name at a place means though it stands alone: in Python the one whose body the
 * place is in, and in no function of it. Decorators are of the body that they stand in.
 */
export function classBodyAt(
  { language, outline }: KnownSource,
  line: number,
  column: number,
): string | null {
  if (language !== "Python") return null;
  const body = definitionsAround(outline, line, column).find(({ kind, startLine, startColumn }) =>
    /^(?:class|constructor|function|method)$/.test(kind) &&
    (startLine < line || startLine === line && startColumn < column)
  );
  return body?.kind === "class" ? fullNameOf(body) : null;
}

/** Languages in which a name before a colon in braces is a member of what the braces make. */
const HAS_KEYS = /^(?:Go|JavaScript|Rust|TSX|TypeScript)$/;

/** Whether a name is a key of a literal, `width` of `{ width: 1 }`, as far as its line tells. */
export function isKey(text: string, language: string, { name, column }: NameAtPosition): boolean {
  const before = text.slice(0, column - 1).trimEnd();
  const behind = text.slice(column - 1 + name.length);
  if (!HAS_KEYS.test(language) || !/^\s*:(?![:=])/.test(behind)) return false;
  // Go has no types behind a colon, and what follows a label is on the next line.
  if (before.trim() === "") return language === "Go" && /^\s*:\s*\S/.test(behind);
  return /[{,]$/.test(before) && openBracket(before) === "{";
}

/** The last bracket of a text that is not closed in it. */
function openBracket(text: string): string | null {
  let closed = 0;
  for (const sign of text.match(/[()[\]{}]/g)?.toReversed() ?? []) {
    if (/[)\]}]/.test(sign)) closed += 1;
    else if (closed === 0) return sign;
    else closed -= 1;
  }
  return null;
}
