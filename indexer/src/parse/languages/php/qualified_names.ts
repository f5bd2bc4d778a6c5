/**
 * Names that PHP's code writes with their whole path, `\A\B\C`, and so needs no `use` for: they are imports
 * as what a `use` names is.
 */
import type { ImportTokens } from "../../declarations/import_tokens.ts";
import { BACKSLASH } from "../../tokens/signs.ts";

/** The last token of the path whose first sign is at `from`; a single name, which is global, is none. */
function endOfPath(tokens: ImportTokens, from: number): number {
  const touches = (index: number) => tokens.start(index) === tokens.end(index - 1);
  let last = from;
  while (
    tokens.sign(last) === BACKSLASH && tokens.word(last + 1) !== "" && touches(last + 1)
  ) {
    last += 1;
    if (tokens.sign(last + 1) !== BACKSLASH || !touches(last + 1)) return last;
    last += 1;
  }
  return from;
}

/** Finds each path once. */
export function findQualifiedNames(tokens: ImportTokens): void {
  const found = new Set<string>();
  for (let index = 0; index < tokens.count; index++) {
    if (tokens.sign(index) !== BACKSLASH) continue;
    const last = endOfPath(tokens, index);
    const isWithin = tokens.word(index - 1) !== "" && tokens.end(index - 1) === tokens.start(index);
    const path = tokens.slice(index + 1, last);
    if (!isWithin && last > index + 1 && !found.has(path)) {
      found.add(path);
      tokens.addTokens(index, last, {
        kind: "name",
        path,
        names: [{ name: tokens.word(last), alias: null }],
      });
    }
    index = last;
  }
}
