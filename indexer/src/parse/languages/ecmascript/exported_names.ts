/**
 * Names that a JavaScript or TypeScript file gives to others for what it calls otherwise: by a list, as
 * its default, as all that there is of it, or as a member of that.
 */
import type { ImportTokens } from "../../declarations/import_tokens.ts";
import type { ImportedName } from "../../symbol.ts";
import {
  CLOSE_BRACE,
  COLON,
  COMMA,
  DOT,
  EQUALS,
  OPEN_BRACE,
  SEMICOLON,
  unitsOf,
} from "../../tokens/signs.ts";

const OPENING = unitsOf("([{");
const CLOSING = unitsOf(")]}");

/** Whether a statement ends before a token. */
function endsBefore(tokens: ImportTokens, index: number): boolean {
  return tokens.sign(index) === SEMICOLON ||
    (tokens.isFirst(index) && (index >= tokens.count || tokens.word(index) !== ""));
}

/** `a` of `export default a;`, `export = a;` and `module.exports = a;`, at a token. */
function addValue(tokens: ImportTokens, at: number, alias: string): void {
  if (!tokens.isName(at) || !endsBefore(tokens, at + 1)) return;
  const names = [{ name: tokens.word(at), alias }];
  tokens.addTokens(at, at, { kind: "export", names });
}

/** `a as b` of the list whose brace opens at a token, if the list is not of another file. */
function addList(tokens: ImportTokens, open: number): void {
  const names: ImportedName[] = [];
  let index = open + 1;
  while (index < tokens.count && tokens.sign(index) !== CLOSE_BRACE) {
    const sign = tokens.sign(index);
    if (sign !== 0 && sign !== COMMA) return;
    // `as` is a name too: a pair has a word on either side, and ends behind the second.
    const isPair = tokens.word(index) === "as" && tokens.word(index - 1) !== "" &&
      tokens.sign(index + 1) === 0 && tokens.sign(index + 2) !== 0;
    if (isPair) {
      const alias = tokens.word(index + 1) || (tokens.string(index + 1) ?? "");
      if (alias !== "") names.push({ name: tokens.word(index - 1), alias });
      index += 1;
    }
    index += 1;
  }
  const [first] = names;
  if (first === undefined || tokens.word(index + 1) === "from") return;
  tokens.addTokens(open, open, { path: first.name, kind: "export", names });
}

/** `other: inner` of an object whose brace opens at a token: a member that is known by another name. */
function addMembers(tokens: ImportTokens, open: number): void {
  const names: ImportedName[] = [];
  let depth = 0;
  for (let index = open; index < tokens.count; index++) {
    const sign = tokens.sign(index);
    if (OPENING.has(sign)) depth += 1;
    else if (CLOSING.has(sign)) depth -= 1;
    if (depth === 0) break;
    const before = tokens.sign(index - 2);
    const end = tokens.sign(index + 2);
    const isPair = depth === 1 && sign === COLON && tokens.isName(index + 1) &&
      (before === OPEN_BRACE || before === COMMA) && (end === COMMA || end === CLOSE_BRACE);
    const alias = tokens.word(index - 1) || (tokens.string(index - 1) ?? "");
    const name = tokens.word(index + 1);
    if (isPair && alias !== "" && alias !== name) names.push({ name, alias });
  }
  const [first] = names;
  if (first !== undefined) {
    tokens.addTokens(open, open, { path: first.name, kind: "export", names });
  }
}

/** Adds the names that are given behind `export`. */
export function addExportedNames(tokens: ImportTokens, index: number): void {
  if (tokens.isMember(index)) return;
  const next = index + 1;
  const word = tokens.word(next);
  if (word === "default") addValue(tokens, index + 2, "default");
  else if (tokens.sign(next) === EQUALS) addValue(tokens, index + 2, "*");
  else {
    const open = word === "type" ? index + 2 : next;
    if (tokens.sign(open) === OPEN_BRACE) addList(tokens, open);
  }
}

/** Adds what `module.exports` is given, which is the whole module, or the members of that. */
export function addModuleValue(tokens: ImportTokens, index: number): void {
  const isExports = tokens.sign(index + 1) === DOT && tokens.word(index + 2) === "exports" &&
    tokens.sign(index + 3) === EQUALS;
  if (!isExports || tokens.isMember(index)) return;
  if (tokens.sign(index + 4) === OPEN_BRACE) addMembers(tokens, index + 4);
  else addValue(tokens, index + 4, "*");
}
