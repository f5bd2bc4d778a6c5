import { describe, expect, test } from "vitest";
import { maskScript } from "./mask_script.ts";

function words(text: string): string[] {
  return maskScript(text).match(/\w+/g) ?? [];
}

describe("maskScript", () => {
  test("keeps length and lines", () => {
    const text = 'const a = "b\\"c"; // d\n/* e\n f */ g(`h ${i} j`);\n';
    expect(maskScript(text)).toHaveLength(text.length);
    expect(maskScript(text).split("\n")).toHaveLength(text.split("\n").length);
  });

  test("blanks comments and the insides of strings", () => {
    expect(words(`a; // b\n/* c */ "d"; 'e'; f;`)).toEqual(["a", "f"]);
  });

  test("keeps the code inside a template and blanks its text", () => {
    expect(words("`a ${b + `c ${d({ e: 1 })} f`} g`; h")).toEqual(["b", "d", "e", "1", "h"]);
  });

  test("tells a regular expression from a division", () => {
    expect(words(`x = /[/"]a/.test(b); c = d / e / f; return /g'/; h`))
      .toEqual(["x", "test", "b", "c", "d", "e", "f", "return", "h"]);
  });
});
