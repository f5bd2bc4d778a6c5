/**
 * Turns source text into symbols: loads a grammar when it is first needed, parses within limits,
 * and lets the language walk the tree. Nothing a file contains makes it throw or run on; where it
 * must give up, it says why. Knows nothing of blobs, segments or jobs.
 */
import { fileURLToPath } from "node:url";
import type * as TreeSitter from "web-tree-sitter";
import type { Parser } from "web-tree-sitter";
import { supportedLanguages } from "./languages/registry.ts";
import { createSymbolCollector, type ExtractedSymbol, type SymbolsSkipReason } from "./symbol.ts";

/** A larger file is generated or data; its text is indexed all the same. */
export const PARSE_BYTES_MAX = 1024 * 1024;

/** Some eight times what a file of the largest size takes when its grammar copes with it. */
export const PARSE_MILLISECONDS_MAX = 2000;

export type ParseOutcome =
  | { readonly symbols: readonly ExtractedSymbol[] }
  | { readonly skip: SymbolsSkipReason };

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

type Runtime = typeof TreeSitter;

function isRuntime(loaded: unknown): loaded is Runtime {
  return typeof loaded === "object" && loaded !== null && "Parser" in loaded;
}

/**
 * A WebAssembly trap leaves its instance in an unknown state, and the package holds one instance
 * per load of its module; so another generation loads the module anew. The memory of the old one
 * stays until the process ends, which on a machine that exits when idle is soon.
 */
async function loadRuntime(generation: number): Promise<Runtime> {
  const query = generation === 0 ? "" : `?generation=${generation}`;
  const runtime: unknown = await import(import.meta.resolve("web-tree-sitter") + query);
  if (!isRuntime(runtime)) throw new Error("web-tree-sitter has no Parser or no Language");
  await runtime.Parser.init();
  return runtime;
}

/** Makes a parser of symbols; `now` is a clock in milliseconds for the limit on one file. */
export function createSymbolParser({ now }: { now: () => number }): SymbolParser {
  const parsers = new Map<string, Parser>();
  let runtime: Promise<Runtime> | undefined;
  let generation = 0;

  async function parserFor(grammar: string): Promise<Parser> {
    const known = parsers.get(grammar);
    if (known !== undefined) return known;
    runtime ??= loadRuntime(generation);
    const { Language, Parser } = await runtime;
    const path = fileURLToPath(import.meta.resolve(grammar));
    const parser = new Parser();
    parser.setLanguage(await Language.load(path));
    parsers.set(grammar, parser);
    return parser;
  }

  function discard(grammar: string, error: unknown): void {
    if (error instanceof Error && error.name === "RuntimeError") {
      parsers.clear();
      runtime = undefined;
      generation++;
      return;
    }
    // Not deleted: what was thrown in the middle of it may have left it half changed.
    parsers.delete(grammar);
  }

  return {
    async parse({ language, text, sizeBytes }) {
      const support = supportedLanguages.get(language);
      if (support === undefined) return { skip: "unknown_language" };
      if (sizeBytes > PARSE_BYTES_MAX) return { skip: "too_large_to_parse" };
      const parser = await parserFor(support.grammar);
      const deadline = now() + PARSE_MILLISECONDS_MAX;
      try {
        const tree = parser.parse(text, null, { progressCallback: () => now() > deadline });
        if (tree === null) {
          // Otherwise the next call would go on with this text.
          parser.reset();
          return { skip: "parse_timeout" };
        }
        try {
          const collector = createSymbolCollector(text);
          support.collect(tree.rootNode, collector);
          return { symbols: collector.symbols };
        } finally {
          // Trees live outside the garbage collector's sight.
          tree.delete();
        }
      } catch (error) {
        discard(support.grammar, error);
        return { skip: "parse_failed" };
      }
    },
    close() {
      for (const parser of parsers.values()) parser.delete();
      parsers.clear();
    },
  };
}
