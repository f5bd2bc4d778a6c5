/**
 * The declarations of a JavaScript or TypeScript file from its tokens alone, as the walk over a
 * syntax tree would find them, many times sooner. Says so where only a grammar can tell.
 */
import type { Identifiers } from "../../../tokens/identifiers.ts";
import { FILE_SCOPE, type SymbolCollector } from "../../../symbol.ts";
import type { Tokens } from "../../../tokens/tokens.ts";
import { exportsOf } from "./modules.ts";
import { collectStatements } from "./statements.ts";
import { isUnsure, TokenSource } from "./token_source.ts";

function finder(hasTypes: boolean) {
  return (tokens: Tokens, identifiers: Identifiers, to: SymbolCollector): boolean => {
    try {
      const source = new TokenSource(to.text, tokens, identifiers, hasTypes);
      const place = { scope: FILE_SCOPE, prefix: "", exports: exportsOf(source) };
      collectStatements(source, 0, source.count, place, to);
      return true;
    } catch (error) {
      // Nesting that is too deep for the stack is left to the grammar, which keeps its own.
      if (isUnsure(error) || error instanceof RangeError) return false;
      throw error;
    }
  };
}

/** Finds the declarations of a JavaScript file. */
export const findJavascript = finder(false);

/** Finds the declarations of a TypeScript file without JSX. */
export const findTypescript = finder(true);
