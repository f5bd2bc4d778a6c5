/**
 * The symbol parser of the main thread: made when it is first wanted and kept for the jobs that
 * follow, and able to load grammars while a job still waits for the network.
 */
import type { KeptSymbolParser } from "../parse/parser.ts";

/** Hands out one parser. */
export interface LocalParser {
  /** Resolves when the grammars of these languages are loaded; others are loaded when needed. */
  load(languages: Iterable<string>): Promise<KeptSymbolParser>;
}

/** A parser that does not exist yet. */
export function createLocalParser(): LocalParser {
  let last: Promise<KeptSymbolParser> | null = null;
  return {
    load(languages) {
      const loaded = loadInto(last ?? createParser(), new Set(languages));
      // The next call waits for this one: parsing must not overlap.
      last = loaded;
      return loaded;
    },
  };
}

async function createParser(): Promise<KeptSymbolParser> {
  const { createSymbolParser } = await import("../parse/parser.ts");
  return createSymbolParser({ now: () => performance.now() });
}

async function loadInto(
  before: Promise<KeptSymbolParser>,
  languages: ReadonlySet<string>,
): Promise<KeptSymbolParser> {
  const parser = await before;
  for (const language of languages) await parser.parse({ language, text: "", sizeBytes: 0 });
  return parser;
}
