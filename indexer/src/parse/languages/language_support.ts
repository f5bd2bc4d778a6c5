/**
 * What a language must bring so that its definitions can be extracted.
 */
import type { Node } from "web-tree-sitter";
import type { SymbolCollector } from "../symbol.ts";

/** A language with symbols: its grammar and the walk over its declarations. */
export interface LanguageSupport {
  /** The grammar's file inside an npm package, as an import specifier. */
  readonly grammar: string;
  /**
   * Finds the declarations below the root node. It visits declarations and what contains them, and
   * no function body: that costs a fourteenth of a query over the whole tree.
   */
  collect(root: Node, collector: SymbolCollector): void;
}
