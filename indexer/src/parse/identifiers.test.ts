import { expect, test } from "vitest";
import { HASH_EMPTY, hashUnit, Identifiers } from "./identifiers.ts";

function idOf(identifiers: Identifiers, word: string): number {
  const hash = Array.from({ length: word.length }, (_, index) => word.charCodeAt(index))
    .reduce(hashUnit, HASH_EMPTY);
  return identifiers.idOf(` ${word} `, 1, 1 + word.length, hash);
}

test("words are numbered from the keywords on, anew for each source, large or small", () => {
  const identifiers = new Identifiers(["if", "else"]);
  for (const count of [3, 5000, 4, 1500, 3]) {
    identifiers.reset();
    for (let round = 0; round < 2; round++) {
      expect(idOf(identifiers, "else")).toBe(1);
      for (let word = 0; word < count; word++) {
        expect(idOf(identifiers, `word${word}`)).toBe(2 + word);
      }
    }
    expect(identifiers.count).toBe(2 + count);
    expect(identifiers.word(4)).toBe("word2");
    expect([identifiers.keyword("if"), identifiers.keyword("word0")]).toEqual([0, -1]);
  }
});
