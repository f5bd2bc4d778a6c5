/**
 * Loads the grammars, each when it is first needed, and replaces the parser runtime when a grammar
 * has crashed it. Knows nothing of sources and symbols.
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type * as TreeSitter from "web-tree-sitter";
import type { Parser, Tree } from "web-tree-sitter";
import { compileGrammar } from "./grammar_module.ts";

/**
 * Files that may break a grammar: what each leaves behind is never freed, some 4 MB. A construct that
 * makes every file throw costs these files their symbols, and not the process its memory.
 */
export const GRAMMAR_FAILURES_MAX = 32;

/** Parsers by grammar. */
export interface Grammars {
  /** Whether nothing was discarded. */
  readonly isSound: boolean;
  /** A parser of the grammar in this file of an npm package. Throws if it has failed too often. */
  parserFor(grammar: string): Promise<Parser>;
  /** Hands out the parser that threw, and its trees, no more; or all where the runtime itself is broken. */
  discard(grammar: string, error: unknown, trees: readonly Tree[]): void;
  /** Frees the parsers. */
  close(): void;
}

/** A language, its grammar or the runtime could not be loaded, which is nothing that a file can cause. */
export class GrammarMissing extends Error {
  override readonly name = "GrammarMissing";
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

/** Makes an empty set of parsers. */
export function createGrammars(): Grammars {
  const parsers = new Map<string, Parser>();
  // What was thrown in the midst of it may be half changed, and its instance trapped. The garbage
  // collector would free it all the same, through the instance, and an error there ends the process.
  const broken: (Parser | Tree)[] = [];
  const failures = new Map<string, number>();
  let runtime: Promise<Runtime> | undefined;
  let generation = 0;

  async function load(grammar: string): Promise<Parser> {
    runtime ??= loadRuntime(generation);
    const { Language, Parser } = await runtime;
    const bytes = await readFile(fileURLToPath(import.meta.resolve(grammar)));
    const parser = new Parser();
    parser.setLanguage(Language.loadSync(compileGrammar(bytes)));
    parsers.set(grammar, parser);
    return parser;
  }

  async function parserFor(grammar: string): Promise<Parser> {
    if ((failures.get(grammar) ?? 0) >= GRAMMAR_FAILURES_MAX) throw new Error("failed too often");
    try {
      return parsers.get(grammar) ?? await load(grammar);
    } catch (error) {
      throw new GrammarMissing(grammar, { cause: error });
    }
  }

  function discard(grammar: string, error: unknown, trees: readonly Tree[]): void {
    failures.set(grammar, (failures.get(grammar) ?? 0) + 1);
    const isRuntimeBroken = error instanceof Error && error.name === "RuntimeError";
    const names = isRuntimeBroken ? [...parsers.keys()] : [grammar];
    broken.push(...names.flatMap((name) => parsers.get(name) ?? []), ...trees);
    for (const name of names) parsers.delete(name);
    if (!isRuntimeBroken) return;
    runtime = undefined;
    generation++;
  }

  return {
    get isSound() {
      return failures.size === 0;
    },
    parserFor,
    discard,
    close() {
      for (const parser of parsers.values()) parser.delete();
      parsers.clear();
    },
  };
}
