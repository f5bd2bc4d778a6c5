import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { arbitraryLine } from "../../../supabase/functions/_shared/text/arbitrary_text.ts";
import { loadLanguages } from "../../src/parse/languages/registry.ts";
import { createSymbolParser } from "../../src/parse/parser.ts";
import { sourceOfGolden } from "./golden.ts";

const supportedLanguages = await loadLanguages();

const goldenFolder = join(import.meta.dirname, "../golden");

const sources = readdirSync(goldenFolder, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".txt"))
  .toSorted()
  .map((path) => sourceOfGolden(readFileSync(join(goldenFolder, path), "utf8")));

/** A golden source that ends anywhere. */
const truncated = fc
  .tuple(fc.constantFrom(...sources), fc.nat())
  .map(([source, length]) => source.slice(0, length % (source.length + 1)).toWellFormed());

/** A part of a golden source, cut anywhere, inside surrogate pairs too. */
const fragment = fc
  .tuple(fc.constantFrom(...sources), fc.nat(), fc.nat())
  .map(([source, first, second]) => {
    const start = first % source.length;
    return source.slice(start, start + (second % (source.length - start + 1))).toWellFormed();
  });

const spliced = fc
  .array(fc.oneof({ weight: 3, arbitrary: fragment }, arbitraryLine), { maxLength: 5 })
  .map((parts) => parts.join("\n"));

const anyText = fc.oneof({ weight: 3, arbitrary: spliced }, truncated);

/** Short texts are parsed again, behind another one: what is found depends on the text alone. */
const REPEATED_UNITS_MAX = 400;

const COMPONENTS = new Set(["Vue", "Svelte"]);

/** The name that the tag at the beginning stands for. */
function inCapitals(text: string): string {
  const [tag = ""] = /^[a-z\d-]*/.exec(text) ?? [];
  return tag.replace(/(?:^|-)(.)/g, (_, first: string) => first.toUpperCase());
}

describe("any text", () => {
  const parser = createSymbolParser({ now: () => performance.now() });
  afterAll(() => parser.close());

  test.each(Array.from(supportedLanguages.keys()))(
    "taken for %s gives symbols that lie in it",
    async (language) => {
      const parseAgain = async (text: string) => {
        await parser.parse({ language, text: sources[0] ?? "", sizeBytes: 1 });
        return await parser.parse({ language, text, sizeBytes: 1 });
      };
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
            const rest = lines[line - 1]?.slice(column - 1) ?? "";
            const written = rest.slice(0, name.length);
            // `<my-button>` uses MyButton.
            expect(COMPONENTS.has(language) && written !== name ? inCapitals(rest) : written)
              .toBe(name);
            expect(enclosing ?? 0).toBeLessThan(Math.max(1, outcome.symbols.length));
          }
          const again = text.length > REPEATED_UNITS_MAX ? outcome : await parseAgain(text);
          expect("skip" in again ? outcome : again).toEqual(outcome);
          for (const { line } of outcome.imports) expect(line).toBeLessThanOrEqual(lines.length);
          const places = outcome.references.map(({ line, column }) => [line, column] as const);
          expect(places).toEqual(places.toSorted(([a, b], [c, d]) => a - c || b - d));
          for (const symbol of outcome.symbols) {
            const { rangeLine, rangeColumn, startLine, startColumn } = symbol;
            expect(rangeLine < startLine || (rangeLine === startLine && rangeColumn <= startColumn))
              .toBe(true);
            expect(symbol.endLine).toBeGreaterThanOrEqual(rangeLine);
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
        // Names in quotes with blanks that a listing makes one space of.
        { numRuns: 100, examples: [["`a\u00a0b`("], ['"a  b"('], ["[a  b]("], ["`a b`("]] },
      );
    },
  );
});
