/**
 * What the modules of JavaScript and TypeScript say where no walk looks for it: the modules that they
 * bring in by a call, `require("m")` and `import("m")`, and the names that they give to their own.
 */
import type { ImportTokens } from "../../declarations/import_tokens.ts";
import type { ImportedName } from "../../symbol.ts";
import { addExportedNames, addModuleValue } from "./exported_names.ts";
import {
  CLOSE,
  CLOSE_BRACE,
  COLON,
  COMMA,
  DOT,
  EQUALS,
  OPEN,
  OPEN_BRACE,
} from "../../tokens/signs.ts";

/** A pattern that takes a module apart is no longer than this. */
const PATTERN_TOKENS_MAX = 400;

/** The names in `{ a, b: c }`, whose brace closes at `close`; none where there is more to it. */
function boundNames(tokens: ImportTokens, close: number): readonly ImportedName[] {
  const limit = Math.max(0, close - PATTERN_TOKENS_MAX);
  let open = close - 1;
  while (open > limit && tokens.sign(open) !== OPEN_BRACE) open -= 1;
  const names: ImportedName[] = [];
  for (let index = open + 1; index < close;) {
    const isRenamed = tokens.sign(index + 1) === COLON;
    const end = index + (isRenamed ? 3 : 1);
    const alias = isRenamed ? tokens.word(end - 1) : null;
    const name = tokens.word(index);
    if (name === "" || alias === "" || (end < close && tokens.sign(end) !== COMMA)) return [];
    names.push({ name, alias });
    index = end + 1;
  }
  return names;
}

/** What a module, or its member, is called where the call from `first` to `last` is a value. */
function namesOf(tokens: ImportTokens, first: number, last: number): readonly ImportedName[] {
  const isAwaited = tokens.word(first - 1) === "await";
  const equals = isAwaited ? first - 2 : first - 1;
  if (tokens.sign(equals) !== EQUALS || tokens.sign(last + 1) === OPEN) return [];
  const isMember = tokens.sign(last + 1) === DOT;
  if (isMember && (isAwaited || tokens.word(first) === "import")) return [];
  const alias = tokens.word(equals - 1);
  // `const { a } = require("m").b` takes apart what is not the module.
  if (alias === "") {
    const isPattern = !isMember && tokens.sign(equals - 1) === CLOSE_BRACE;
    return isPattern ? boundNames(tokens, equals - 1) : [];
  }
  if (tokens.isMember(equals - 1)) return [];
  if (!isMember) return [{ name: "*", alias }];
  const isLast = tokens.sign(last + 3) !== DOT && tokens.sign(last + 3) !== OPEN;
  return isLast && tokens.word(last + 2) !== "" ? [{ name: tokens.word(last + 2), alias }] : [];
}

function addCall(tokens: ImportTokens, index: number): void {
  if (tokens.sign(index + 1) !== OPEN || tokens.string(index + 2) === null) return;
  const behind = tokens.sign(index + 3);
  // `import("m", { with: … })`
  const isImport = tokens.word(index) === "import";
  if (behind !== CLOSE && !(isImport && behind === COMMA)) return;
  if (tokens.isMember(index)) return;
  const names = behind === CLOSE ? namesOf(tokens, index, index + 3) : [];
  tokens.addString(index + 2, { kind: "module", names });
}

/** Finds the calls and the names. */
export function findModuleWords(tokens: ImportTokens): void {
  for (const index of tokens.positionsOf("require", "import", "export", "module")) {
    const word = tokens.word(index);
    if (word === "export") addExportedNames(tokens, index);
    else if (word === "module") addModuleValue(tokens, index);
    else addCall(tokens, index);
  }
}
