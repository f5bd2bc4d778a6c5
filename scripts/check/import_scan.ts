// Finds what a TypeScript text imports. It reads tokens, not types: every static, dynamic and
// type-only import counts, and so do modules started through a URL (worker threads).

import { maskScript } from "./mask_script.ts";
import { isScript, lineAt, type SourceFile } from "./source_file.ts";

/** One import as written, at its line. */
export interface ImportReference {
  readonly specifier: string;
  readonly line: number;
}

// Matched against masked text, where a quote always opens or closes a literal.
const openings = new RegExp(
  [
    String.raw`\b(?:import|export)\b[\s\w$*{},]*?\bfrom\s*["']`,
    String.raw`\bimport\s*["']`,
    String.raw`\b(?:import|require|import\.meta\.resolve)\s*\(\s*["']`,
    String.raw`\bnew\s+URL\s*\(\s*["'](?=\s*["']\s*,\s*import\.meta\.url)`,
  ].join("|"),
  "g",
);

/** Every module specifier that the file names. */
export function importsOf(file: SourceFile): ImportReference[] {
  return [...maskScript(file.text).matchAll(openings)].flatMap((match) => {
    const start = match.index + match[0].length;
    const quote = file.text.charAt(start - 1);
    const specifier = file.text.slice(start, file.text.indexOf(quote, start));
    // A URL may also name a folder or data, which nobody runs.
    if (match[0].startsWith("new") && !isScript(specifier)) return [];
    return [{ specifier, line: lineAt(file.text, start) }];
  });
}

/** The repository path that a relative specifier means, seen from a file. */
export function resolveRelative(from: string, specifier: string): string {
  const parts = from.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}
