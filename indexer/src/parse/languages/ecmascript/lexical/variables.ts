/**
 * Variables and what they bind, by their tokens: functions, classes and objects with functions among
 * their values.
 */
import {
  BANG,
  CLOSE,
  COLON,
  COMMA,
  DOT,
  OPEN,
  OPEN_BRACE,
  OPEN_BRACKET,
} from "../../../tokens/signs.ts";
import { lineEnd, type SymbolCollector, type WholeSpan } from "../../../symbol.ts";
import type { Place } from "../place.ts";
import { declare } from "./declarations.ts";
import { expressionEnd, typeEnd } from "./ends.ts";
import { collectMembers } from "./members.ts";
import { collectObjectFunctions } from "./object_members.ts";
import { giveUp, type TokenSource } from "./token_source.ts";
import { endOfSignature, type Value, valueAt } from "./values.ts";

/** The tokens of the names that a destructuring pattern binds. */
function boundNames(source: TokenSource, from: number, names: number[]): number {
  const sign = source.sign(from);
  if (source.isWord(from)) names.push(from);
  if (sign !== OPEN_BRACE && sign !== OPEN_BRACKET) {
    return source.isWord(from) ? from + 1 : giveUp();
  }
  const close = source.close(from);
  for (let index = from + 1; index < close;) {
    let end = index;
    if (source.sign(index) === COMMA) {
      index += 1;
      continue;
    }
    if (source.sign(index) === DOT) end = boundNames(source, index + 3, names);
    else {
      const behind = source.after(index);
      const isPair = sign === OPEN_BRACE && source.sign(behind) === COLON;
      end = boundNames(source, isPair ? behind + 1 : index, names);
    }
    if (source.isAssignment(end)) end = expressionEnd(source, end + 1, true);
    if (end < close && source.sign(end) !== COMMA) giveUp();
    index = end + 1;
  }
  return close + 1;
}

/** Variables, whose keyword is at `from`; answers with the token behind the last of them. */
export function collectVariables(
  source: TokenSource,
  from: number,
  place: Place,
  to: SymbolCollector,
): number {
  const keyword = source.word(from);
  const inner = { ...place, prefix: `${place.prefix}${keyword} ` };
  for (let index = from + 1;;) {
    index = collectDeclarator(source, index, keyword, inner, to);
    if (source.sign(index) !== COMMA) return index;
    index += 1;
  }
}

/**
 * `$: name = value`, by which Svelte declares a variable; answers with the token behind it, or null where the
 * label stands before something else.
 */
export function collectReactive(
  source: TokenSource,
  label: number,
  place: Place,
  to: SymbolCollector,
): number | null {
  const isWrapped = source.sign(label + 2) === OPEN && source.sign(label + 3) === OPEN_BRACE;
  const name = isWrapped ? label + 3 : label + 2;
  if (!source.isAssignment(source.after(name))) return null;
  const end = collectDeclarator(source, name, "let", place, to, label);
  if (!isWrapped) return end;
  return source.sign(end) === CLOSE ? end + 1 : giveUp();
}

function collectDeclarator(
  source: TokenSource,
  from: number,
  keyword: string,
  place: Place,
  to: SymbolCollector,
  first = from,
): number {
  const names: number[] = [];
  let end = boundNames(source, from, names);
  const isPlain = source.isWord(from);
  if (source.hasTypes && source.sign(end) === BANG) end += 1;
  if (source.sign(end) === COLON) end = source.hasTypes ? typeEnd(source, end + 1) : giveUp();
  const value = source.isAssignment(end) ? valueAt(source, end + 1, true) : null;
  if (value !== null) end = value.end;
  const node = source.span(first, end - 1);
  const dataKind = keyword === "const" || keyword === "using" ? "constant" : "variable";
  if (isPlain) collectPlain(source, { name: from, node, value, dataKind }, place, to);
  else {
    const signatureEnd = lineEnd(source.text, node.startIndex, node.endIndex);
    for (const name of names) {
      declare({ kind: dataKind, name: source.span(name, name), node, signatureEnd }, place, to);
    }
  }
  return end;
}

interface Variable {
  readonly name: number;
  readonly node: WholeSpan;
  readonly value: Value | null;
  readonly dataKind: "constant" | "variable";
}

function collectPlain(
  source: TokenSource,
  { name, node, value, dataKind }: Variable,
  place: Place,
  to: SymbolCollector,
): void {
  const isClass = value?.kind === "class";
  const functionKind = value?.kind === "function" ? "function" : dataKind;
  const owner = declare(
    {
      kind: isClass ? "class" : functionKind,
      name: source.span(name, name),
      node,
      signatureEnd: isClass ? source.start(value.body) : endOfSignature(source, node, value),
    },
    place,
    to,
  );
  if (isClass) collectMembers(source, value.body, "field", owner, to);
  if (value?.kind === "object") collectObjectFunctions(source, value.body, "method", owner, to);
}
