/**
 * Turns source text into symbols: parses within limits and lets the language walk the tree. Nothing a file contains makes it throw or run on; where it
 * must give up, it says why. Knows nothing of blobs, segments or jobs.
 */
import { createSymbolCollector } from "./collector.ts";
import { createGrammars } from "./grammars.ts";
import type { ParsedLanguage, ScannedLanguage } from "./languages/language_support.ts";
import { supportedLanguages } from "./languages/registry.ts";
import type {
  ExtractedImport,
  ExtractedSymbol,
  SymbolCollector,
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

function collectScanned(
  support: ScannedLanguage,
  collector: SymbolCollector,
): SymbolsSkipReason | null {
  try {
    support.scan(collector);
    return null;
  } catch {
    return "parse_failed";
  }
}

/** Makes a parser of symbols; `now` is a clock in milliseconds for the limit on one file. */
export function createSymbolParser({ now }: { now: () => number }): SymbolParser {
  const grammars = createGrammars();

  /** Walks the tree of a text, or says why there is none. */
  async function collectParsed(
    support: ParsedLanguage,
    collector: SymbolCollector,
  ): Promise<SymbolsSkipReason | null> {
    const parser = await grammars.parserFor(support.grammar);
    const deadline = now() + PARSE_MILLISECONDS_MAX;
    try {
      const text = support.prepare?.(collector.text) ?? collector.text;
      const tree = parser.parse(text, null, { progressCallback: () => now() > deadline });
      if (tree === null) {
        // Otherwise the next call would go on with this text.
        parser.reset();
        return "parse_timeout";
      }
      try {
        support.collect(tree.rootNode, collector);
        return null;
      } finally {
        // Trees live outside the garbage collector's sight.
        tree.delete();
      }
    } catch (error) {
      grammars.discard(support.grammar, error);
      return "parse_failed";
    }
  }

  return {
    async parse({ language, text, sizeBytes }) {
      const support = supportedLanguages.get(language);
      if (support === undefined) return { skip: "unknown_language" };
      if (sizeBytes > PARSE_BYTES_MAX) return { skip: "too_large_to_parse" };
      const marks = support.grammar === null ? null : support.comments;
      const collector = createSymbolCollector(text, marks);
      const skip = support.grammar === null
        ? collectScanned(support, collector)
        : await collectParsed(support, collector);
      if (skip !== null) return { skip };
      return { symbols: collector.symbols, imports: collector.imports };
    },
    close: () => grammars.close(),
  };
}
