/**
 * Imports and exports by their tokens: what files bring in, and the names that they export in lists.
 */
import {
  CLOSE,
  CLOSE_BRACE,
  COMMA,
  DOT,
  OPEN,
  OPEN_BRACE,
  SEMICOLON,
  STAR,
} from "../../../tokens/signs.ts";
import { type ImportedName, type SymbolCollector, trimSpan } from "../../../symbol.ts";
import { exportsByText } from "../modules.ts";
import { expressionRest } from "./ends.ts";
import { giveUp, type TokenSource } from "./token_source.ts";

function nameAt(source: TokenSource, index: number): string {
  if (!source.isWord(index) && !source.isString(index)) giveUp();
  return source.slice(index, index);
}

/** The names in `{ a, b as c }`, whose brace opens at `open`. */
function listedNames(source: TokenSource, open: number): ImportedName[] {
  const close = source.close(open);
  const names: ImportedName[] = [];
  for (let index = open + 1; index < close;) {
    const isType = source.word(index) === "type" && source.sign(index + 1) !== COMMA &&
      source.sign(index + 1) !== CLOSE_BRACE;
    if (isType && source.word(index + 1) === "as") giveUp();
    const at = isType ? index + 1 : index;
    const hasAlias = source.word(at + 1) === "as";
    const alias = hasAlias ? nameAt(source, at + 2) : null;
    names.push({ name: nameAt(source, at), alias });
    const end = at + (hasAlias ? 3 : 1);
    if (end < close && source.sign(end) !== COMMA) giveUp();
    index = end + 1;
  }
  return names;
}

/** Behind `with { type: "json" }` and the semicolon of an import or an export. */
function attributesEnd(source: TokenSource, from: number): number {
  const word = source.word(from);
  const isAttribute = (word === "with" || word === "assert") && !source.isFirst(from) &&
    source.sign(from + 1) === OPEN_BRACE;
  const end = isAttribute ? source.after(from + 1) : from;
  if (source.sign(end) === SEMICOLON) return end + 1;
  return end >= source.count || source.isFirst(end) || source.sign(end) === CLOSE_BRACE
    ? end
    : giveUp();
}

function addImport(
  source: TokenSource,
  at: number,
  names: readonly ImportedName[],
  typeOnly: boolean,
  to: SymbolCollector,
): void {
  if (!source.isString(at)) giveUp();
  const specifier = trimSpan(source.span(at, at), 1, 1);
  to.addImport({ specifier, kind: "module", names, typeOnly });
}

/** `import a = require("m")`; what else an equals sign assigns is an alias and no import. */
function importAssignment(
  source: TokenSource,
  name: number,
  typeOnly: boolean,
  to: SymbolCollector,
): number {
  const value = name + 2;
  if (source.word(value) === "require" && source.sign(value + 1) === OPEN) {
    const names = [{ name: "*", alias: source.word(name) }];
    addImport(source, value + 2, names, typeOnly, to);
    if (source.sign(value + 3) !== CLOSE) giveUp();
    return attributesEnd(source, value + 4);
  }
  return attributesEnd(source, expressionRest(source, value, false));
}

/** Behind `import a = b.c` of an export, which brings in nothing that the file does not name. */
export function collectExportedAlias(
  source: TokenSource,
  from: number,
  to: SymbolCollector,
): number {
  const isAlias = source.hasTypes && source.isWord(from + 1) && source.isAssignment(from + 2);
  if (!isAlias || source.word(from + 3) === "require") giveUp();
  return importAssignment(source, from + 1, false, to);
}

/** Adds the import whose word is at `from` and answers with the token behind it. */
export function collectImport(source: TokenSource, from: number, to: SymbolCollector): number {
  let index = from + 1;
  if (source.isString(index)) {
    addImport(source, index, [], false, to);
    return attributesEnd(source, index + 1);
  }
  const after = source.word(index + 1);
  const typeOnly = source.word(index) === "type" && source.sign(index + 1) !== COMMA;
  if (typeOnly && (after === "from" || source.isAssignment(index + 1))) giveUp();
  if (typeOnly) index += 1;
  const names: ImportedName[] = [];
  if (source.isWord(index)) {
    if (source.isAssignment(index + 1)) return importAssignment(source, index, typeOnly, to);
    names.push({ name: "default", alias: source.word(index) });
    index += 1;
    if (source.sign(index) === COMMA) index += 1;
    else if (source.word(index) !== "from") giveUp();
  }
  if (source.sign(index) === STAR) {
    if (source.word(index + 1) !== "as") giveUp();
    names.push({ name: "*", alias: nameAt(source, index + 2) });
    index += 3;
  } else if (source.sign(index) === OPEN_BRACE) {
    names.push(...listedNames(source, index));
    index = source.after(index);
  }
  if (source.word(index) !== "from") giveUp();
  addImport(source, index + 1, names, typeOnly, to);
  return attributesEnd(source, index + 2);
}

/** Whether `export` at this index is followed by a list or by everything of another file. */
export function isExportList(source: TokenSource, from: number): boolean {
  const at = source.word(from + 1) === "type" ? from + 2 : from + 1;
  return source.sign(at) === OPEN_BRACE || source.sign(at) === STAR;
}

/** Adds what a list exports of another file and answers with the token behind it. */
export function collectReexport(source: TokenSource, from: number, to: SymbolCollector): number {
  const typeOnly = source.word(from + 1) === "type";
  let index = typeOnly ? from + 2 : from + 1;
  let names: readonly ImportedName[] = [];
  if (source.sign(index) === OPEN_BRACE) {
    names = listedNames(source, index);
    index = source.after(index);
  } else {
    index += 1;
    if (source.word(index) === "as") {
      names = [{ name: "*", alias: nameAt(source, index + 1) }];
      index += 2;
    }
    if (source.word(index) !== "from") giveUp();
  }
  const isFrom = source.word(index) === "from" && source.isString(index + 1);
  if (!isFrom) return attributesEnd(source, index);
  addImport(source, index + 1, names, typeOnly, to);
  return attributesEnd(source, index + 2);
}

/**
 * The names that a file exports by a list (`export { a }`, `module.exports = { a }`); null for a
 * script, whose names are there for all.
 */
export function exportsOf(source: TokenSource): ReadonlySet<string> | null {
  const names = new Set<string>();
  let isModule = false;
  for (let index = 0; index < source.count; index = source.after(index)) {
    const word = source.word(index);
    if (word !== "export" && word !== "import") continue;
    const next = source.sign(index + 1);
    if (source.sign(index - 1) === DOT || (word === "import" && (next === OPEN || next === DOT))) {
      continue;
    }
    isModule = true;
    if (word === "import") continue;
    const behind = source.sign(index + 3);
    const isEnd = behind === SEMICOLON || index + 3 >= source.count || source.isFirst(index + 3);
    if (source.word(index + 1) === "default" && source.isWord(index + 2) && isEnd) {
      names.add(source.word(index + 2));
    }
    if (!isExportList(source, index)) continue;
    const list = source.word(index + 1) === "type" ? index + 2 : index + 1;
    if (source.sign(list) !== OPEN_BRACE || source.word(source.after(list)) === "from") continue;
    for (const { name } of listedNames(source, list)) names.add(name);
  }
  return exportsByText(names, isModule, source.text);
}
