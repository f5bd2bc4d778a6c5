import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { languageOfPath } from "../../src/parse/detection/language.ts";
import { createSymbolParser } from "../../src/parse/parser.ts";
import { drawGolden, sourceOfGolden } from "./golden.ts";

const goldenFolder = join(import.meta.dirname, "../golden");
const isUpdate = process.env["UPDATE_GOLDEN"] === "1";
const goldenPaths = readdirSync(goldenFolder, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".txt"))
  .toSorted();

describe("what is found in a source is as drawn in", () => {
  const parser = createSymbolParser({ now: () => performance.now() });
  afterAll(() => parser.close());

  test.each(goldenPaths)("%s", async (path) => {
    const file = join(goldenFolder, path);
    const text = sourceOfGolden(readFileSync(file, "utf8"));
    const language = languageOfPath(path.replace(/\.txt$/, ""));
    const outcome = await parser.parse({ language, text, sizeBytes: Buffer.byteLength(text) });
    if ("skip" in outcome) throw new Error(`no symbols: ${outcome.skip}`);
    const drawn = drawGolden(text, outcome);
    if (isUpdate) writeFileSync(file, drawn);
    expect(drawn).toBe(readFileSync(file, "utf8"));
  });
});
