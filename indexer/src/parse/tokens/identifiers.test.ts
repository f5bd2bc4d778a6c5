import { expect, test } from "vitest";
import { HASH_EMPTY, hashUnit, Identifiers } from "./identifiers.ts";

function unitsOf(text: string): Uint16Array {
  return Uint16Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
}

/** The numbers of the words of a text, in which a space ends each. */
function idsOf(identifiers: Identifiers, text: string): number[] {
  const units = unitsOf(text);
  identifiers.begin(text, units);
  const ids: number[] = [];
  let start = 0;
  for (let end = text.indexOf(" "); end !== -1; end = text.indexOf(" ", start)) {
    ids.push(identifiers.idOf(start, end, units.subarray(start, end).reduce(hashUnit, HASH_EMPTY)));
    start = end + 1;
  }
  return ids;
}

test("words are numbered from the keywords on, anew for each source, large or small", () => {
  const identifiers = new Identifiers(["if", "else"]);
  for (const count of [3, 5000, 4, 1500, 3]) {
    const words = Array.from({ length: count }, (_, word) => `word${word}`);
    const numbers = [1, ...words.keys().map((word) => 2 + word)];
    const text = `else ${words.join(" ")} `;
    expect(idsOf(identifiers, text + text)).toEqual([...numbers, ...numbers]);
    expect(identifiers.count).toBe(2 + count);
    expect(identifiers.word(4)).toBe("word2");
    const asked = ["word2", "else", `word${count - 1}`, "word", ""];
    expect(asked.map((word) => identifiers.numberOf(word))).toEqual([4, 1, 1 + count, -1, -1]);
    expect([identifiers.keyword("if"), identifiers.keyword("word0")]).toEqual([0, -1]);
  }
});
