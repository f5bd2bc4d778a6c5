/**
 * What a Python file imports, wherever the statement stands: functions are not walked.
 */
import type { ImportTokens } from "../../declarations/import_tokens.ts";
import { CLOSE, COLON, COMMA, DOT, OPEN, SEMICOLON, STAR } from "../../tokens/signs.ts";
import type { ImportedName } from "../../symbol.ts";

const BACKSLASH = 0x5c;

/** Whether a statement may begin here: on a line of its own, or behind another or its head. */
function beginsStatement(tokens: ImportTokens, index: number): boolean {
  const before = tokens.sign(index - 1);
  if (before === SEMICOLON || before === COLON) return true;
  return tokens.isFirst(index) && before !== BACKSLASH;
}

/** Behind `a.b.c`, or behind the dots alone; `from` itself where there is neither. */
function pathEnd(tokens: ImportTokens, from: number): number {
  let end = from;
  while (tokens.sign(end) === DOT) end += 1;
  if (!tokens.isName(end)) return end;
  end += 1;
  while (tokens.sign(end) === DOT && tokens.word(end + 1) !== "") end += 2;
  return end;
}

/** ` as b` at a token: the alias, and the token behind it. */
function aliasAt(tokens: ImportTokens, at: number): { alias: string | null; end: number } {
  const alias = tokens.word(at) === "as" ? tokens.word(at + 1) : "";
  return alias === "" ? { alias: null, end: at } : { alias, end: at + 2 };
}

/** `import a.b, c as d` */
function plainImport(tokens: ImportTokens, from: number): void {
  for (let index = from + 1;;) {
    const behind = pathEnd(tokens, index);
    if (behind === index || tokens.sign(index) === DOT) return;
    const { alias, end } = aliasAt(tokens, behind);
    const names = alias === null ? [] : [{ name: "*", alias }];
    tokens.addTokens(index, behind - 1, { kind: "module", names });
    if (tokens.sign(end) !== COMMA) return;
    index = end + 1;
  }
}

/** The names from a token on, in parentheses or on one line. */
function namesAt(tokens: ImportTokens, from: number): readonly ImportedName[] {
  if (tokens.sign(from) === STAR) return [{ name: "*", alias: null }];
  const names: ImportedName[] = [];
  for (let index = tokens.sign(from) === OPEN ? from + 1 : from; index < tokens.count;) {
    // A comma may stand before the end.
    if (tokens.sign(index) === CLOSE) break;
    if (tokens.sign(index) === BACKSLASH) {
      index += 1;
      continue;
    }
    const name = tokens.word(index);
    if (name === "") break;
    const { alias, end } = aliasAt(tokens, index + 1);
    names.push({ name, alias });
    if (tokens.sign(end) !== COMMA) break;
    index = end + 1;
  }
  return names;
}

/** `from .a import b as c, d` */
function fromImport(tokens: ImportTokens, from: number): void {
  const end = pathEnd(tokens, from + 1);
  if (end === from + 1 || tokens.word(end) !== "import") return;
  const names = namesAt(tokens, end + 1);
  if (names.length > 0) tokens.addTokens(from + 1, end - 1, { kind: "module", names });
}

/** Finds the imports. */
export function findImports(tokens: ImportTokens): void {
  for (const index of tokens.positionsOf("import", "from")) {
    if (!beginsStatement(tokens, index)) continue;
    if (tokens.word(index) === "import") plainImport(tokens, index);
    else fromImport(tokens, index);
  }
}
