// Our definitions in a checkout, as the indexer finds them: decoded, told apart, parsed.

import { readFile } from "node:fs/promises";
import path from "node:path";
import { languageOfPath } from "../../../indexer/src/parse/detection/language.ts";
import { languageOfText } from "../../../indexer/src/parse/detection/language_content.ts";
import { createSymbolParser } from "../../../indexer/src/parse/parser.ts";
import { decode } from "../../../indexer/src/segment/decode.ts";
import type { Checkout } from "./checkout.ts";
import type { FoundFile } from "./comparison.ts";

/** The files of some languages with what was found in each. */
export async function findDefinitions(
  { folder, paths }: Checkout,
  languages: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, FoundFile>> {
  const parser = createSymbolParser({ now: () => performance.now() });
  const files = new Map<string, FoundFile>();
  for (const file of paths) {
    signal.throwIfAborted();
    const pathLanguage = languageOfPath(file);
    if (!languages.has(pathLanguage)) continue;
    const bytes = await readFile(path.join(folder, file)).catch(() => null);
    if (bytes === null) continue;
    const decoded = decode(bytes);
    if (decoded.kind === "skip") continue;
    const { text } = decoded;
    const language = languageOfText(pathLanguage, text);
    if (!languages.has(language)) continue;
    const outcome = await parser.parse({ language, text, sizeBytes: bytes.length });
    files.set(file, {
      language,
      skip: "skip" in outcome ? outcome.skip : null,
      symbols: "skip" in outcome ? [] : outcome.symbols,
      imports: "skip" in outcome ? [] : outcome.imports,
      lines: text.split("\n"),
    });
  }
  parser.close();
  return files;
}
