/**
 * Turns source text into definitions, imports and references: cuts it into tokens, parses what may
 * hold definitions within limits, and lets the language walk the tree. Nothing a file contains makes
 * it throw or run on; where it must give up, it says why. Knows nothing of blobs, segments or jobs.
 */
import type { Parser } from "web-tree-sitter";
import { createSymbolCollector, type FileCollector } from "./collector.ts";
import { elideBodies } from "./elision.ts";
import { createGrammars } from "./grammars.ts";
import type { ParsedLanguage, ScannedLanguage } from "./languages/language_support.ts";
import { supportedLanguages } from "./languages/registry.ts";
import { Lexer } from "./lexer.ts";
import type { ReferenceRules } from "./reference_rules.ts";
import { findReferences } from "./references.ts";
import type {
  ExtractedImport,
  ExtractedReference,
  ExtractedSymbol,
  SymbolsSkipReason,
} from "./symbol.ts";

/** A larger file is generated or data; its text is indexed all the same. */
export const PARSE_BYTES_MAX = 1024 * 1024;

/** Some eight times what a file of the largest size takes when its grammar copes with it. */
export const PARSE_MILLISECONDS_MAX = 2000;

/** What was found in a file. */
export interface Extraction {
  readonly symbols: readonly ExtractedSymbol[];
  readonly imports: readonly ExtractedImport[];
  readonly references: readonly ExtractedReference[];
}

export type ParseOutcome = Extraction | { readonly skip: SymbolsSkipReason };

export interface Source {
  /** A Linguist name. */
  readonly language: string;
  readonly text: string;
  /** The size of the file that the text was decoded from. */
  readonly sizeBytes: number;
}

/** Extracts symbols, one file after the other: calls must not overlap. */
export interface SymbolParser {
  parse(source: Source): Promise<ParseOutcome>;
  /** Frees the parsers. */
  close(): void;
}

function scan({ text }: Source, support: ScannedLanguage): ParseOutcome {
  const collector = createSymbolCollector(text, null);
  try {
    support.scan(collector);
  } catch {
    return { skip: "parse_failed" };
  }
  return { symbols: collector.symbols, imports: [], references: [] };
}

/** Makes a parser of symbols; `now` is a clock in milliseconds for the limit on one file. */
export function createSymbolParser({ now }: { now: () => number }): SymbolParser {
  const grammars = createGrammars();
  const lexers = new Map<string, Lexer>();

  function lexerOf(language: string, { lexis }: ReferenceRules): Lexer {
    const lexer = lexers.get(language) ?? new Lexer(lexis);
    lexers.set(language, lexer);
    return lexer;
  }

  /** Walks the tree of a text; false at the time limit. */
  function walk(text: string, support: ParsedLanguage, parser: Parser, to: FileCollector): boolean {
    const deadline = now() + PARSE_MILLISECONDS_MAX;
    const prepared = support.prepare?.(text) ?? text;
    const tree = parser.parse(prepared, null, { progressCallback: () => now() > deadline });
    if (tree === null) {
      // Otherwise the next call would go on with this text.
      parser.reset();
      return false;
    }
    try {
      support.collect(tree.rootNode, to);
      return true;
    } finally {
      // Trees live outside the garbage collector's sight.
      tree.delete();
    }
  }

  async function parse(source: Source, support: ParsedLanguage): Promise<ParseOutcome> {
    const { language, text } = source;
    const rules = support.references;
    const parser = await grammars.parserFor(support.grammar);
    try {
      const collector = createSymbolCollector(text, support.comments);
      const lexer = rules === null ? null : lexerOf(language, rules);
      const tokens = lexer?.lex(text);
      const elided = lexer === null || tokens === undefined || !rules?.elision
        ? null
        : elideBodies(text, tokens, lexer.identifiers, rules.elision);
      if (!walk(elided ?? text, support, parser, collector)) return { skip: "parse_timeout" };
      const { symbols, imports, spans } = collector;
      const references = lexer === null || tokens === undefined || rules === null
        ? []
        : findReferences(rules, lexer.identifiers, tokens, text, spans);
      return { symbols, imports, references };
    } catch (error) {
      grammars.discard(support.grammar, error);
      return { skip: "parse_failed" };
    }
  }

  return {
    async parse(source) {
      const support = supportedLanguages.get(source.language);
      if (support === undefined) return { skip: "unknown_language" };
      if (source.sizeBytes > PARSE_BYTES_MAX) return { skip: "too_large_to_parse" };
      return support.grammar === null ? scan(source, support) : await parse(source, support);
    },
    close: () => grammars.close(),
  };
}
