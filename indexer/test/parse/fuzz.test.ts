import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { arbitraryLine } from "../../../supabase/functions/_shared/text/arbitrary_text.ts";
import { supportedLanguages } from "../../src/parse/languages/registry.ts";
import { createSymbolParser } from "../../src/parse/parser.ts";
import { sourceOfGolden } from "./golden.ts";

const goldenFolder = join(import.meta.dirname, "../golden");

const sources = readdirSync(goldenFolder, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".txt"))
  .toSorted()
  .map((path) => sourceOfGolden(readFileSync(join(goldenFolder, path), "utf8")));

/** A part of a golden source, cut anywhere, inside surrogate pairs too. */
const fragment = fc
  .tuple(fc.constantFrom(...sources), fc.nat(), fc.nat())
  .map(([source, first, second]) => {
    const start = first % source.length;
    return source.slice(start, start + (second % (source.length - start + 1))).toWellFormed();
  });

const anyText = fc
  .array(fc.oneof({ weight: 3, arbitrary: fragment }, arbitraryLine), { maxLength: 5 })
  .map((parts) => parts.join("\n"));

describe("any text", () => {
  const parser = createSymbolParser({ now: () => performance.now() });
  afterAll(() => parser.close());

  test.each(Array.from(supportedLanguages.keys()))(
    "taken for %s gives symbols that lie in it",
    async (language) => {
      await fc.assert(
        fc.asyncProperty(anyText, async (text) => {
          const outcome = await parser.parse({
            language,
            text,
            sizeBytes: Buffer.byteLength(text),
          });
          // A grammar may take for ever over nonsense; then it costs this one file.
          if ("skip" in outcome && outcome.skip === "parse_timeout") return;
          if ("skip" in outcome) throw new Error(outcome.skip);
          const lines = text.split("\n");
          for (const { name, line, column, enclosing } of outcome.references) {
            expect(lines[line - 1]?.slice(column - 1, column - 1 + name.length)).toBe(name);
            expect(enclosing ?? 0).toBeLessThan(Math.max(1, outcome.symbols.length));
          }
          for (const symbol of outcome.symbols) {
            const line = lines[symbol.startLine - 1] ?? "";
            const firstCharacter = String.fromCodePoint(symbol.name.codePointAt(0) ?? 0);
            expect(line.slice(symbol.startColumn - 1).trimStart()).toSatisfy(
              (rest: string) =>
                rest === "" || rest.startsWith(firstCharacter) || /^\p{Cc}/u.test(rest),
            );
            expect(symbol.endLine).toBeLessThanOrEqual(lines.length);
            expect(symbol.name + symbol.signature).not.toMatch(/\p{Cc}/u);
            expect((symbol.name + symbol.signature + (symbol.container ?? "")).isWellFormed()).toBe(
              true,
            );
          }
        }),
        { numRuns: 100 },
      );
    },
  );
});
