import { expect, test } from "vitest";
import { SymbolPagesBuilder } from "./symbol_pages.ts";

test("pages of names are numbered below 32,768, however many names a segment has", () => {
  const names = 800_000;
  const builder = new SymbolPagesBuilder();
  for (let number = 0; number < names; number++) builder.add(`N${number}`, "constant", 0, number);
  const pages = builder.finish();
  expect(pages.at(-1)?.pageNo).toBeLessThan(32_768);
  expect(pages.reduce((sum, page) => sum + page.symbolNos.length, 0)).toBe(names);
});
