/**
 * Names that a JavaScript or TypeScript file gives to others for what it calls otherwise: by a list, as
 * its default, or as all that there is of it.
 */
import type { ImportTokens } from "../../import_tokens.ts";
import type { ImportedName } from "../../symbol.ts";
import { CLOSE_BRACE, COMMA, DOT, EQUALS, OPEN_BRACE, SEMICOLON } from "../../signs.ts";

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

/** Adds what `module.exports` is given, which is the whole module. */
export function addModuleValue(tokens: ImportTokens, index: number): void {
  const isExports = tokens.sign(index + 1) === DOT && tokens.word(index + 2) === "exports" &&
    tokens.sign(index + 3) === EQUALS;
  if (isExports && !tokens.isMember(index)) addValue(tokens, index + 4, "*");
}
