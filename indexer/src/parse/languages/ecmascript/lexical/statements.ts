/**
 * The statements of a JavaScript or TypeScript file by their tokens: what they declare, and where they
 * end. What is declared is what the walk over a syntax tree declares.
 */
import {
  CLOSE_BRACE,
  COLON,
  COMMA,
  DOT,
  LESS,
  OPEN,
  OPEN_BRACE,
  OPEN_BRACKET,
  SEMICOLON,
  STAR,
} from "../../../tokens/signs.ts";
import { inside, isWalkable, type SymbolCollector } from "../../../symbol.ts";
import type { Place } from "../place.ts";
import { collectAssignment } from "./assignments.ts";
import {
  collectClass,
  collectEnum,
  collectFunction,
  collectInterface,
  collectNamespaceHead,
  collectTypeAlias,
} from "./declarations.ts";
import { collectDefaultExport } from "./default_export.ts";
import { expressionEnd, expressionRest } from "./ends.ts";
import { decoratorsEnd } from "./members.ts";
import { collectExportedAlias, collectImport, collectReexport, isExportList } from "./modules.ts";
import { giveUp, type TokenSource } from "./token_source.ts";
import { collectReactive, collectVariables } from "./variables.ts";

const AT = 0x40;

/** Statements with parentheses and a statement behind them. */
const WITH_HEAD: ReadonlySet<string> = new Set(["if", "for", "while", "with"]);

/** Behind a statement that ends at `end`: its semicolon, or the end of its line. */
function separated(source: TokenSource, end: number): number {
  if (source.sign(end) === SEMICOLON) return end + 1;
  const isEnd = end >= source.count || source.isFirst(end) || source.sign(end) === CLOSE_BRACE;
  return isEnd ? end : giveUp();
}

function expressionStatement(
  source: TokenSource,
  from: number,
  place: Place,
  to: SymbolCollector,
): number {
  const end = collectAssignment(source, from, place.scope, to) ??
    expressionEnd(source, from, false);
  return separated(source, end);
}

function namespaceStatement(
  source: TokenSource,
  from: number,
  place: Place,
  to: SymbolCollector,
): number {
  const { scope, isModule, body } = collectNamespaceHead(source, from, place, to);
  if (source.sign(body) !== OPEN_BRACE) return separated(source, body);
  // What an ambient namespace or module declares can be seen without a word.
  const exports = isModule || place.prefix.includes("declare ") ? null : new Set<string>();
  collectStatements(source, body + 1, source.close(body), { scope, prefix: "", exports }, to);
  return source.after(body);
}

/** `declare const x`, `declare module "m"`, `declare global { … }`. */
function ambientStatement(
  source: TokenSource,
  from: number,
  place: Place,
  to: SymbolCollector,
): number {
  const next = from + 1;
  if (source.word(next) === "global" && source.sign(next + 1) === OPEN_BRACE) {
    const scope = inside(place.scope, "global");
    const close = source.close(next + 1);
    collectStatements(source, next + 2, close, { scope, prefix: "", exports: null }, to);
    return close + 1;
  }
  const prefix = `${place.prefix}declare `;
  return declaration(source, next, next, { ...place, prefix }, to) ?? giveUp();
}

function exportStatement(
  source: TokenSource,
  from: number,
  place: Place,
  to: SymbolCollector,
): number {
  const next = from + 1;
  if (isExportList(source, from)) return collectReexport(source, from, to);
  // `export = a`, `export as namespace a`
  if (source.isAssignment(next)) return separated(source, expressionEnd(source, next + 1, false));
  if (source.word(next) === "as") return separated(source, expressionRest(source, next + 1, false));
  if (source.word(next) === "import") return collectExportedAlias(source, next, to);
  if (source.word(next) !== "default") {
    return declaration(source, next, next, { ...place, prefix: "export " }, to) ?? giveUp();
  }
  const prefix = "export default ";
  const declared = isNamed(source, next + 1)
    ? declaration(source, next + 1, next + 1, { ...place, prefix }, to)
    : null;
  return declared ?? separatedOrBody(source, collectDefaultExport(source, from, place.scope, to));
}

function separatedOrBody(source: TokenSource, end: number): number {
  // The semicolon of a default export belongs to it.
  return source.sign(end - 1) === SEMICOLON ? end : separated(source, end);
}

/** Whether a function or a class that is exported by default has a name. */
function isNamed(source: TokenSource, from: number): boolean {
  const at = source.word(from) === "async" ? from + 1 : from;
  const word = source.word(at);
  if (word === "function") {
    return source.isWord(source.sign(at + 1) === STAR ? at + 2 : at + 1);
  }
  if (word === "class") return source.isWord(at + 1) && source.word(at + 1) !== "extends";
  return word === "abstract" || word === "interface" || word === "enum" || word === "namespace";
}

/** `using a = …`, where the word is no name. */
function isUsing(source: TokenSource, from: number): boolean {
  return source.word(from) === "using" && source.isWord(from + 1) && !source.isFirst(from + 1) &&
    (source.isAssignment(from + 2) || source.sign(from + 2) === COLON);
}

/** Takes a declaration and answers with the token behind it; null where there is none. */
function declaration(
  source: TokenSource,
  first: number,
  from: number,
  place: Place,
  to: SymbolCollector,
): number | null {
  const word = source.word(from);
  const isFollowed = source.isWord(from + 1) && !source.isFirst(from + 1);
  switch (word) {
    case "function":
      return collectFunction(source, from, from, place, to);
    case "async":
      if (source.word(from + 1) !== "function" || !isFollowed) return null;
      return collectFunction(source, from, from + 1, place, to);
    case "class":
      return collectClass(source, { first, words: from, word: from }, place, to);
    case "const":
      if (source.word(from + 1) === "enum") return collectEnum(source, from, from + 1, place, to);
      return separated(source, collectVariables(source, from, place, to));
    case "var":
      return separated(source, collectVariables(source, from, place, to));
    case "using":
      if (!isUsing(source, from)) return null;
      return separated(source, collectVariables(source, from, place, to));
    case "let": {
      const next = source.sign(from + 1);
      if (!isFollowed && next !== OPEN_BRACE && next !== OPEN_BRACKET) giveUp();
      return separated(source, collectVariables(source, from, place, to));
    }
    case "enum":
      return collectEnum(source, from, from, place, to);
  }
  if (!source.hasTypes || !(isFollowed || source.isString(from + 1))) return null;
  switch (word) {
    case "abstract":
      if (source.word(from + 1) !== "class") giveUp();
      return collectClass(source, { first, words: from, word: from + 1 }, place, to);
    case "interface":
      return collectInterface(source, from, place, to);
    case "type":
      return collectTypeAlias(source, from, place, to);
    case "namespace":
    case "module":
      return namespaceStatement(source, from, place, to);
    case "declare":
      return ambientStatement(source, from, place, to);
    default:
      return null;
  }
}

/** Behind a statement that declares nothing; null where it is another one. */
function controlEnd(source: TokenSource, from: number): number | null {
  const word = source.word(from);
  const inner = (index: number) => bodyEnd(source, index);
  if (WITH_HEAD.has(word)) {
    const open = source.word(from + 1) === "await" ? from + 2 : from + 1;
    if (source.sign(open) !== OPEN) giveUp();
    const end = inner(source.after(open));
    return word === "if" && source.word(end) === "else" ? inner(end + 1) : end;
  }
  switch (word) {
    case "try": {
      let end = source.after(from + 1);
      if (source.word(end) === "catch") {
        end = source.sign(end + 1) === OPEN ? source.after(end + 1) : end + 1;
        end = source.after(end);
      }
      return source.word(end) === "finally" ? source.after(end + 1) : end;
    }
    case "switch":
      return source.after(source.after(from + 1));
    case "do": {
      const end = inner(from + 1);
      if (source.word(end) !== "while") giveUp();
      const behind = source.after(end + 1);
      return source.sign(behind) === SEMICOLON ? behind + 1 : behind;
    }
    case "throw":
    case "return":
    case "break":
    case "continue":
    case "debugger":
      return separated(source, expressionRest(source, from + 1, false));
    default:
      return null;
  }
}

/** Behind the statement of a loop or a condition, which declares nothing that others can name. */
function bodyEnd(source: TokenSource, from: number): number {
  if (source.sign(from) === OPEN_BRACE) return source.after(from);
  if (source.sign(from) === SEMICOLON) return from + 1;
  const word = source.word(from);
  if (word === "function" || word === "class" || word === "export" || word === "import") giveUp();
  if (word === "var" || word === "let" || word === "const") {
    return separated(source, expressionRest(source, from + 1, false));
  }
  return controlEnd(source, from) ?? separated(source, expressionEnd(source, from, false));
}

function statementEnd(
  source: TokenSource,
  from: number,
  place: Place,
  to: SymbolCollector,
): number {
  const sign = source.sign(from);
  if (sign === SEMICOLON) return from + 1;
  if (sign === OPEN_BRACE) return source.after(from);
  if (sign === AT) {
    const words = decoratorsEnd(source, from);
    const word = source.word(words);
    if (word === "export") return exportStatement(source, words, place, to);
    if (word !== "class" && word !== "abstract") giveUp();
    return declaration(source, from, words, place, to) ?? giveUp();
  }
  const label = source.isWord(from) && source.sign(from + 1) === COLON;
  if (label) {
    const end = source.word(from) === "$" ? collectReactive(source, from, place, to) : null;
    return end === null ? bodyEnd(source, from + 2) : separated(source, end);
  }
  if (sign === LESS || sign === COMMA) giveUp();
  const word = source.word(from);
  const next = source.sign(from + 1);
  if (word === "export") return exportStatement(source, from, place, to);
  if (word === "import" && next !== OPEN && next !== DOT) return collectImport(source, from, to);
  if (word === "await" && isUsing(source, from + 1)) {
    return separated(source, collectVariables(source, from + 1, place, to));
  }
  return controlEnd(source, from) ?? declaration(source, from, from, place, to) ??
    expressionStatement(source, from, place, to);
}

/** Declares what is declared between two tokens. */
export function collectStatements(
  source: TokenSource,
  from: number,
  end: number,
  place: Place,
  to: SymbolCollector,
): void {
  if (!isWalkable(place.scope)) return;
  for (let index = from; index < end;) {
    const next = statementEnd(source, index, place, to);
    if (next <= index || next > end) giveUp();
    index = next;
  }
}
