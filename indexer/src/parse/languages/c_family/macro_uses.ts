/**
 * What the bodies of macros use. Their brackets need not fit together and they are no code where they
 * stand, so the tokens of the file do without them: each is cut for itself, and names are told by what
 * stands beside them.
 */
import type { DefinitionSpan } from "../../declarations/definitions.ts";
import type { ScannedReference } from "../../references/scanned_references.ts";
import type { ReferenceRole } from "../../symbol.ts";

/** A macro is read no further: a longer one is a generated table. */
export const MACRO_PARTS_MAX = 50_000;

/** Comments, strings and numbers; then words; then any other sign. */
const PART =
  /(?:\/\/(?:\\\r?\n|.)*|\/\*[^]*?(?:\*\/|$)|"(?:\\[^]|[^"\\\n])*"?|'(?:\\[^]|[^'\\\n])*'?|\.?\d[\w.']*)|([A-Za-z_$][\w$]*)|([^\s\\])/gy;

/** Words behind which no declared name stands. */
const BEFORE_VALUE = new Set(
  "return sizeof else goto case do throw co_return new delete".split(" "),
);
const BEFORE_TYPE = new Set(["struct", "union", "enum", "class", "typename", "new"]);
/** What gives a value of its own to the name behind it: `typeof(a) b`. */
const TYPE_OF = /^_*(?:typeof|decltype)_*$/;

/** A word or a sign of a body. */
export interface Part {
  readonly text: string;
  readonly start: number;
  readonly isWord: boolean;
}

function partsOf(text: string, from: number, end: number): Part[] {
  const parts: Part[] = [];
  PART.lastIndex = from;
  while (PART.lastIndex < end && parts.length < MACRO_PARTS_MAX) {
    const start = PART.lastIndex;
    const match = PART.exec(text);
    if (match === null) {
      PART.lastIndex = start + 1;
      continue;
    }
    const [, word, sign] = match;
    if (word !== undefined) parts.push({ text: word, start, isWord: true });
    else if (sign !== undefined) parts.push({ text: sign, start, isWord: false });
  }
  return parts;
}

/** The indexes of the parentheses that close that of a `typeof`. */
function endsOfTypeOf(parts: readonly Part[]): ReadonlySet<number> {
  const ends = new Set<number>();
  const opened: boolean[] = [];
  let before = "";
  for (const [index, { text }] of parts.entries()) {
    if (text === "(") opened.push(TYPE_OF.test(before));
    else if (text === ")" && opened.pop() === true) ends.add(index);
    before = text;
  }
  return ends;
}

/** Whether the body declares the name at an index: `int a = …`, `typeof(x) *b;`. */
function isDeclared(
  parts: readonly Part[],
  index: number,
  endsOfType: ReadonlySet<number>,
): boolean {
  const next = parts[index + 1]?.text ?? "";
  if (!/^[=;,[]$/.test(next) || (next === "=" && parts[index + 2]?.text === "=")) return false;
  let before = index - 1;
  while (parts[before]?.text === "*") before -= 1;
  const type = parts[before];
  if (type === undefined) return false;
  if (type.text === ")") return endsOfType.has(before);
  // `a * b;` is a product that nobody takes, or a pointer.
  return type.isWord && !BEFORE_VALUE.has(type.text);
}

/** The names that a body declares. Reads each part a few times at most, whatever the brackets are. */
export function declaredIn(parts: readonly Part[]): readonly string[] {
  const endsOfType = endsOfTypeOf(parts);
  return parts
    .filter(({ isWord }, index) => isWord && isDeclared(parts, index, endsOfType))
    .map(({ text }) => text);
}

function roleOf(parts: readonly Part[], index: number): ReferenceRole {
  if (BEFORE_TYPE.has(parts[index - 1]?.text ?? "")) return "type";
  return parts[index + 1]?.text === "(" ? "call" : "read";
}

/** The uses in one macro; its parameters and what it declares are its own. */
function usesIn(
  text: string,
  { nameEnd, end }: DefinitionSpan,
  keywords: ReadonlySet<string>,
): ScannedReference[] {
  const all = partsOf(text, nameEnd, end);
  // Parameters follow the name at once: what stands behind a space is the body.
  const close = text[nameEnd] === "(" ? all.findIndex((part) => part.text === ")") : -1;
  const own = new Set(all.slice(0, close + 1).map((part) => part.text));
  const parts = all.slice(close + 1);
  for (const name of declaredIn(parts)) own.add(name);
  return parts.flatMap(({ text: name, start, isWord }, index) => {
    // `#a` is the text of what a is, and `a##b` is neither.
    const isPasted = parts[index - 1]?.text === "#" || parts[index + 1]?.text === "#";
    const isUse = isWord && !isPasted && !keywords.has(name) && !own.has(name) &&
      !name.startsWith("__VA_") && !TYPE_OF.test(name);
    return isUse ? [{ name, start, role: roleOf(parts, index) }] : [];
  });
}

/** Finds what macros use, in the order of the text. */
export function macroUses(keywords: readonly string[]) {
  const reserved = new Set(keywords);
  return (text: string, spans: readonly DefinitionSpan[]): ScannedReference[] =>
    spans.filter(({ kind }) => kind === "macro")
      .toSorted((one, other) => one.start - other.start)
      .flatMap((span) => usesIn(text, span, reserved));
}
