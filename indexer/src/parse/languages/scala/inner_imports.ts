/**
 * What Scala imports in the bodies of methods and among values, by tokens: no walk goes there.
 */
import type { ImportTokens } from "../../declarations/import_tokens.ts";
import { CLOSE_BRACE, COMMA, DOT, EQUALS, GREATER, OPEN_BRACE, STAR } from "../../tokens/signs.ts";
import type { ImportedName } from "../../symbol.ts";

/** Everything of what stands before: `_`, `*` and `given`. */
function isAll(tokens: ImportTokens, index: number): boolean {
  const word = tokens.word(index);
  return tokens.sign(index) === STAR || word === "_" || word === "given";
}

/** The token of the new name behind `=>` or `as`; -1 where none is given. */
function aliasAt(tokens: ImportTokens, index: number): number {
  if (tokens.sign(index) === EQUALS && tokens.sign(index + 1) === GREATER) return index + 2;
  return tokens.word(index) === "as" ? index + 1 : -1;
}

/** The names in braces, and the token behind them; null where there is more to them. */
function listedNames(
  tokens: ImportTokens,
  open: number,
): { readonly names: ImportedName[]; readonly end: number } | null {
  const names: ImportedName[] = [];
  for (let index = open + 1; index < tokens.count;) {
    const name = isAll(tokens, index) ? "*" : tokens.word(index);
    if (name === "") return null;
    const at = aliasAt(tokens, index + 1);
    const alias = at === -1 ? null : tokens.word(at);
    if (alias === "") return null;
    names.push({ name, alias });
    const end = at === -1 ? index + 1 : at + 1;
    if (tokens.sign(end) === CLOSE_BRACE) return { names, end: end + 1 };
    if (tokens.sign(end) !== COMMA) return null;
    index = end + 1;
  }
  return null;
}

/** Adds the import whose path begins at a token and answers with the token behind it. */
function addImport(tokens: ImportTokens, first: number): number {
  let last = first;
  if (!tokens.isName(first)) return first;
  while (tokens.sign(last + 1) === DOT && tokens.isName(last + 2)) last += 2;
  const add = (to: number, names: readonly ImportedName[]) =>
    tokens.addTokens(first, to, { kind: "name", names });
  if (tokens.sign(last + 1) === DOT) {
    const at = last + 2;
    if (isAll(tokens, at)) {
      add(last, [{ name: "*", alias: null }]);
      return at + 1;
    }
    const list = tokens.sign(at) === OPEN_BRACE ? listedNames(tokens, at) : null;
    if (list !== null) add(last, list.names);
    return list?.end ?? at;
  }
  const alias = aliasAt(tokens, last + 1);
  if (alias === -1) add(last, [{ name: tokens.word(last), alias: null }]);
  else if (last > first) add(last - 2, [{ name: tokens.word(last), alias: tokens.word(alias) }]);
  return alias === -1 ? last + 1 : alias + 1;
}

/** Finds the imports. */
export function findImports(tokens: ImportTokens): void {
  for (const index of tokens.positionsOf("import")) {
    if (tokens.sign(index - 1) === DOT) continue;
    let end = addImport(tokens, index + 1);
    while (tokens.sign(end) === COMMA) end = addImport(tokens, end + 1);
  }
}
