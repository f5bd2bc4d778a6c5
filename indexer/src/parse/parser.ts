/**
 * Turns source text into definitions, imports and references: cuts it into tokens, parses what may
 * hold definitions within limits, and lets the language walk the tree. Nothing a file contains makes
 * it throw or run on; where it must give up, it says why. Knows nothing of blobs, segments or jobs.
 */
import type { Parser, Tree } from "web-tree-sitter";
import { createSymbolCollector, type FileCollector } from "./declarations/collector.ts";
import { elideBodies } from "./declarations/elision.ts";
import { createGrammars, GrammarMissing } from "./grammars/grammars.ts";
import type {
  EmbeddedCode,
  LanguageSupport,
  LexedLanguage,
  ParsedLanguage,
  ScannedLanguage,
} from "./languages/language_support.ts";
import { loadLanguage } from "./languages/registry.ts";
import { ImportTokens } from "./declarations/import_tokens.ts";
import { Lexer } from "./tokens/lexer.ts";
import { inOneShape, type ReferenceRules } from "./reference_rules.ts";
import { ReferenceWalk } from "./references/references.ts";
import { locateReferences, mergeReferences } from "./references/scanned_references.ts";
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

/** Times that a language may change a file with mistakes, so that what follows them is found. */
export const REPAIRS_MAX = 12;

/** One mistake may take as many: what is left of it fails where it failed, or before. */
export const REPAIRS_OF_MISTAKE_MAX = 3;

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
  /** Rejects where a language could not be loaded, and for nothing that a file contains. */
  parse(source: Source): Promise<ParseOutcome>;
  /** Frees the parsers. */
  close(): void;
}

/** A symbol parser of all languages. */
export interface KeptSymbolParser extends SymbolParser {
  /**
   * Whether no file has broken a grammar of it. How many may is bounded for each parser: one that is kept for
   * another job must not let it pay for the files of this one.
   */
  readonly isSound: boolean;
}

function scan({ text }: Source, support: ScannedLanguage): ParseOutcome {
  const collector = createSymbolCollector(text, support.comments ?? null);
  try {
    const uses = support.scan(collector) ?? [];
    const { symbols, imports, spans } = collector;
    return { symbols, imports, references: locateReferences(text, uses, spans) };
  } catch {
    return { skip: "parse_failed" };
  }
}

/** What cuts the sources of a language, and finds references among their tokens. */
interface TokenTools {
  readonly lexer: Lexer;
  readonly walk: ReferenceWalk;
}

export interface SymbolParserOptions {
  /** A clock in milliseconds, for the limit on one file. */
  readonly now: () => number;
  /** Leaves out what languages find without their grammar: to compare the two. */
  readonly grammarsOnly?: boolean;
}

class GrammarParser implements KeptSymbolParser {
  readonly #options: SymbolParserOptions;
  readonly #grammars = createGrammars();
  /** Those that a file has needed; null where there are no symbols. */
  readonly #languages = new Map<string, LanguageSupport | null>();
  readonly #tools = new Map<string, TokenTools>();
  /** Those of the file at hand that are not deleted yet. */
  readonly #trees = new Set<Tree>();

  constructor(options: SymbolParserOptions) {
    this.#options = options;
  }

  get isSound(): boolean {
    return this.#grammars.isSound;
  }

  async parse(source: Source): Promise<ParseOutcome> {
    const support = await this.#languageOf(source);
    if (support === null) return { skip: "unknown_language" };
    if (source.sizeBytes > PARSE_BYTES_MAX) return { skip: "too_large_to_parse" };
    if (support.grammar === null) {
      return "scan" in support ? scan(source, support) : this.#extractLexed(source, support);
    }
    try {
      return await this.#extract(source, support);
    } catch (error) {
      // Not the file's fault.
      if (error instanceof GrammarMissing) throw error;
      this.#grammars.discard(support.grammar, error, [...this.#trees]);
      return { skip: "parse_failed" };
    } finally {
      this.#trees.clear();
    }
  }

  close(): void {
    this.#grammars.close();
  }

  async #languageOf({ language }: Source): Promise<LanguageSupport | null> {
    const known = this.#languages.get(language);
    if (known !== undefined) return known;
    try {
      const loaded = await loadLanguage(language);
      this.#languages.set(language, loaded);
      return loaded;
    } catch (error) {
      throw new GrammarMissing(language, { cause: error });
    }
  }

  #extractLexed({ language, text }: Source, support: LexedLanguage): ParseOutcome {
    const { lexer, walk } = this.#toolsOf(language, support.references);
    const collector = createSymbolCollector(text, support.comments);
    try {
      support.find(lexer.lex(text), lexer.identifiers, collector);
      const { symbols, imports, spans } = collector;
      return { symbols, imports, references: walk.find(text, spans) };
    } catch {
      return { skip: "parse_failed" };
    }
  }

  async #extract(source: Source, support: ParsedLanguage): Promise<ParseOutcome> {
    const code = support.embedded?.(source.text) ?? null;
    if (code === null) return await this.#extractFrom(source, support);
    const extraction = await this.#extractFrom({ ...source, text: code.script }, support);
    if ("skip" in extraction) return extraction;
    const { imports, references } = this.#ofMarkup(source.language, code, support);
    const all = mergeReferences(
      mergeReferences(extraction.references, references),
      locateReferences(source.text, code.uses, []),
    );
    return {
      ...extraction,
      imports: [...extraction.imports, ...imports].sort((one, other) => one.line - other.line),
      references: all.filter(({ name }) => !code.declared.has(name)),
    };
  }

  /** What the expressions of a markup use. */
  #ofMarkup(language: string, { markup, given }: EmbeddedCode, support: ParsedLanguage) {
    const tools = this.#toolsFor(language, support);
    if (tools === null) return { imports: [], references: [] };
    const { lexer, walk } = tools;
    const collector = createSymbolCollector(markup, null);
    support.findImports?.(new ImportTokens(lexer.lex(markup), lexer.identifiers, collector));
    const references = walk.find(markup, []).filter(({ name }) => !given.has(name));
    return { imports: collector.imports, references };
  }

  async #extractFrom({ language, text }: Source, support: ParsedLanguage): Promise<ParseOutcome> {
    const tools = this.#toolsFor(language, support);
    tools?.lexer.lex(text);
    const collector = await this.#collect(text, tools?.lexer ?? null, support);
    if (collector === null) return { skip: "parse_timeout" };
    if (tools !== null) {
      const { tokens, identifiers } = tools.lexer;
      support.findImports?.(new ImportTokens(tokens, identifiers, collector));
    }
    const { symbols, imports, spans } = collector;
    const references = tools?.walk.find(text, spans) ?? [];
    const uses = support.findUses?.(text, spans) ?? [];
    const located = uses.length === 0 ? [] : locateReferences(text, uses, spans);
    return { symbols, imports, references: mergeReferences(references, located) };
  }

  #toolsFor(language: string, { references }: ParsedLanguage): TokenTools | null {
    return references === null ? null : this.#toolsOf(language, references);
  }

  #toolsOf(language: string, rules: ReferenceRules): TokenTools {
    const known = this.#tools.get(language);
    if (known !== undefined) return known;
    const lexer = new Lexer(rules.lexis);
    const tools = { lexer, walk: new ReferenceWalk(inOneShape(rules), lexer) };
    this.#tools.set(language, tools);
    return tools;
  }

  /** What is defined and imported; null at the time limit. */
  async #collect(
    text: string,
    lexed: Lexer | null,
    support: ParsedLanguage,
  ): Promise<FileCollector | null> {
    if (lexed !== null && support.find !== undefined && this.#options.grammarsOnly !== true) {
      const found = createSymbolCollector(text, support.comments);
      if (support.find(lexed.tokens, lexed.identifiers, found)) return found;
    }
    const elision = support.references?.elision;
    const elided = lexed !== null && elision
      ? elideBodies(text, lexed.tokens, lexed.identifiers, elision)
      : null;
    const collector = createSymbolCollector(text, support.comments);
    return await this.#walk(elided ?? text, support, collector) ? collector : null;
  }

  /** Walks the tree of a text; false at the time limit. */
  async #walk(text: string, support: ParsedLanguage, to: FileCollector): Promise<boolean> {
    const parser = await this.#grammars.parserFor(support.grammar);
    const tree = this.#treeOf(support.prepare?.(text) ?? text, support, parser);
    if (tree === null) return false;
    try {
      support.collect(tree.rootNode, to);
      return true;
    } finally {
      this.#delete(tree);
    }
  }

  /** Trees live outside the garbage collector's sight. */
  #delete(tree: Tree): void {
    tree.delete();
    this.#trees.delete(tree);
  }

  /**
   * The tree of a text without the mistakes that its language takes out; null at the time limit.
   * Where there is no time for one more repair, or some in a row did not get the grammar further,
   * it is the tree of what is repaired until then.
   */
  #treeOf(text: string, support: ParsedLanguage, parser: Parser): Tree | null {
    const { now } = this.#options;
    let began = now();
    const deadline = began + PARSE_MILLISECONDS_MAX;
    let prepared = text;
    let last: Tree | null = null;
    for (let repairs = 0, stalled = 0, furthest = -1;; repairs++) {
      const tree = parser.parse(prepared, null, { progressCallback: () => now() > deadline });
      if (tree === null) {
        // Otherwise the next call would go on with this text.
        parser.reset();
        return last;
      }
      if (last !== null) this.#delete(last);
      last = tree;
      this.#trees.add(tree);
      if (repairs === REPAIRS_MAX || !tree.rootNode.hasError) return tree;
      const ended = now();
      // The next parse takes about as long.
      if (ended + (ended - began) > deadline) return tree;
      began = ended;
      const next = support.repair?.(tree.rootNode, prepared) ?? null;
      if (next === null) return tree;
      stalled = next.failedAt > furthest ? 0 : stalled + 1;
      if (stalled === REPAIRS_OF_MISTAKE_MAX) return tree;
      furthest = Math.max(furthest, next.failedAt);
      prepared = next.text;
    }
  }
}

/** Makes a parser of symbols. */
export function createSymbolParser(options: SymbolParserOptions): KeptSymbolParser {
  return new GrammarParser(options);
}
