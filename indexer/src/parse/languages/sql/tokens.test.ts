import { expect, test } from "vitest";
import { tokensOfSql } from "./tokens.ts";

function wordsOf(text: string): string[] {
  return tokensOfSql(text).filter(({ type }) => type === "word").map((token) => token.text);
}

test.each([
  ['"a  b","c"', ["c"]],
  ['"a ","c"', ["c"]],
  ['"","c"', ["c"]],
  ['"a\tb","c"', ["c"]],
  ['"a  ""b","c"', ["c"]],
  ['"a""  b","c"', ["c"]],
  ['"a""b","c"', ['a""b', "c"]],
  ["`a  b`,`c`", ["c"]],
  ["``,`c`", ["c"]],
])("a quoted run that is no name hides none behind it: %j", (text, words) => {
  expect(wordsOf(text)).toEqual(words);
});

test("a quoted run that is no name is one token, as long as it stands", () => {
  expect(tokensOfSql('x "a  b" y').map(({ type, start, end }) => [type, start, end])).toEqual([
    ["word", 0, 1],
    ["literal", 2, 8],
    ["word", 9, 10],
  ]);
});

test("a quote that nothing closes on its line hides no other line", () => {
  expect(wordsOf('a " b\nc "d"')).toEqual(["a", "b", "c", "d"]);
  expect(wordsOf("a ` b\r\nc `d`")).toEqual(["a", "b", "c", "d"]);
});
