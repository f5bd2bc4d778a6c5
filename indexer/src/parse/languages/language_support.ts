/**
 * What a language must bring so that its definitions and imports can be extracted.
 */
import type { Node } from "web-tree-sitter";
import type { CommentMarks } from "../declarations/doc_comment.ts";
import type { DefinitionSpan } from "../declarations/definitions.ts";
import type { ImportTokens } from "../declarations/import_tokens.ts";
import type { ReferenceRules } from "../reference_rules.ts";
import type { ScannedReference } from "../references/scanned_references.ts";
import type { SymbolCollector } from "../symbol.ts";
import type { Identifiers } from "../tokens/identifiers.ts";
import type { Tokens } from "../tokens/tokens.ts";

/** A text without a mistake, and where the grammar failed before it was taken out. */
export interface Repair {
  readonly text: string;
  readonly failedAt: number;
}

/** What of a text is in the language, where that stands among markup; all else is blank and has its place. */
export interface EmbeddedCode {
  readonly script: string;
  /** The expressions of the markup, as statements. */
  readonly markup: string;
  /** What the markup uses without an expression, in the order of the text. */
  readonly uses: readonly ScannedReference[];
  /** Names that the markup gives itself, which are none of the script's where its expressions have them. */
  readonly given: ReadonlySet<string>;
  /** Names that the markup declares for all of the code, as the types that a component takes: no references. */
  readonly declared: ReadonlySet<string>;
}

/** A language that is parsed: its grammar and the walk over its declarations. */
export interface ParsedLanguage {
  /** The grammar's file inside an npm package, as an import specifier. */
  readonly grammar: string;
  /** The comments that may document a declaration. */
  readonly comments: CommentMarks;
  /** How its references are found; null where it has none. */
  readonly references: ReferenceRules | null;
  /** The code in a text that is markup around it. */
  embedded?(text: string): EmbeddedCode;
  /**
   * The text as the grammar should see it, where it would stumble over what a preprocessor removes.
   * Every character that is left stays where it was.
   */
  prepare?(text: string): string;
  /**
   * The text without a mistake that cost the rest of it, to be parsed again; null where there is none.
   * Every character that is left stays where it was.
   */
  repair?(root: Node, prepared: string): Repair | null;
  /**
   * Finds what `collect` would find, by the tokens alone. False where they do not say enough: what
   * was collected until then is void.
   */
  find?(tokens: Tokens, identifiers: Identifiers, collector: SymbolCollector): boolean;
  /**
   * Finds the imports that stand where no declaration does, by the tokens: in functions and among
   * values. May find again what the walk found.
   */
  findImports?(tokens: ImportTokens): void;
  /** Uses of names in what the tokens leave out, in the order of the text. */
  findUses?(text: string, spans: readonly DefinitionSpan[]): readonly ScannedReference[];
  /**
   * Finds the declarations below the root node. It visits declarations and what contains them, and
   * no function body: that costs a fourteenth of a query over the whole tree.
   */
  collect(root: Node, collector: SymbolCollector): void;
}

/** A language without a grammar whose tokens tell all that is declared. */
export interface LexedLanguage {
  readonly grammar: null;
  readonly comments: CommentMarks;
  readonly references: ReferenceRules;
  /** Finds the declarations and imports. */
  find(tokens: Tokens, identifiers: Identifiers, collector: SymbolCollector): void;
}

/** A language whose structure is told by a look at its text. */
export interface ScannedLanguage {
  readonly grammar: null;
  /** The comments that may document a declaration; without it, none does. */
  readonly comments?: CommentMarks;
  /** Finds what is defined, and answers with the uses of names in the order of the text, if any. */
  scan(collector: SymbolCollector): readonly ScannedReference[] | void;
}

export type LanguageSupport = ParsedLanguage | LexedLanguage | ScannedLanguage;
