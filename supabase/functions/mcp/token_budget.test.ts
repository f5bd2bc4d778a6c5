import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { countTokens as countCl100k } from "gpt-tokenizer/encoding/cl100k_base";
import { countTokens as countO200k } from "gpt-tokenizer/encoding/o200k_base";
import { expect, test } from "vitest";
import { BudgetedText } from "./token_budget.ts";
import { estimateTokens, fitTokens } from "./token_estimate.ts";

/** The smaller of two common encodings: no estimate suits all. */
function countTokens(text: string): number {
  const plain = { disallowedSpecial: new Set<string>() };
  return Math.min(countO200k(text, plain), countCl100k(text, plain));
}

const root = path.resolve(import.meta.dirname, "../../..");
const PIECE_UNITS = 1_500;

function filesBelow(folder: string, name: RegExp): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((each) => name.test(each)).map((each) => path.join(root, folder, each));
}

/** This project's own code, prose and locks, and sources of some thirty languages, in pieces. */
const code = [
  ...filesBelow("supabase/functions", /\.ts$/),
  ...filesBelow("supabase/migrations", /\.sql$/),
  ...filesBelow("docs", /\.md$/),
  ...filesBelow("indexer/test/golden", /\.\w+$/),
  path.join(root, "package-lock.json"),
].flatMap((file) => {
  const text = readFileSync(file, "utf8").slice(0, 40 * PIECE_UNITS);
  return Array.from({ length: Math.ceil(text.length / PIECE_UNITS) }, (_, index) => ({
    file,
    text: text.slice(index * PIECE_UNITS, (index + 1) * PIECE_UNITS).toWellFormed(),
  }));
}).filter(({ text }) => text.length > PIECE_UNITS / 4);

test("code has no more tokens than are estimated, and the estimate is no third too high", () => {
  for (const { file, text } of code) {
    expect([file, estimateTokens(text) / countTokens(text)])
      .toEqual([file, expect.toSatisfy((ratio: number) => ratio >= 1) as number]);
  }
  const sum = (count: (text: string) => number) =>
    code.reduce((all, { text }) => all + count(text), 0);
  expect(sum(estimateTokens) / sum(countTokens)).toBeLessThan(4 / 3);
});

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const inHex = (all: Uint8Array) => Buffer.from(all).toString("hex");
const kinds: readonly (readonly [string, fc.Arbitrary<string>])[] = [
  ["tables of bytes", bytes(1).map((each) => `0x${inHex(each)}, `)],
  ["hexadecimal numbers", bytes(4).map((each) => `0x${inHex(each).toUpperCase()},\n`)],
  ["hashes", bytes(20).map((each) => `${inHex(each)} `)],
  ["base64", bytes(48).map((each) => `${Buffer.from(each).toString("base64")}\n`)],
  ["numbers", fc.nat().map((number) => `${number}, `)],
  ["floating point", fc.double({ min: 0, max: 1 }).map((number) => `${number.toFixed(6)}\n`)],
  ["identifiers of nothing", fc.uuid().map((each) => `${each}\n`)],
  [
    "identifiers with runs",
    fc.constantFrom("fffffffd-", "ffffffe1-0001-", "39d9ffffffe2\n", "fffb0018-"),
  ],
  ["Japanese", fc.constantFrom(..."検索する関数を定義します。", "ファイル", "エラー", "引数の型")],
  ["Chinese", fc.constantFrom("搜索", "函数", "返回结果", "文件不存在", "。", "参数类型")],
  ["Korean", fc.constantFrom("검색 ", "함수를 ", "정의합니다. ", "파일이 없습니다. ")],
  ["Russian", fc.constantFrom("поиск ", "функция ", "возвращает ", "файл не найден. ")],
  ["Arabic", fc.constantFrom("بحث ", "الدالة ", "ملف غير موجود. ")],
  ["emoji", fc.constantFrom("🙂", "🚀", "❤️", "👩‍👩‍👧‍👦", "👍🏽", "🏳️‍🌈", "🧪")],
  ["signs", fc.string({ unit: fc.constantFrom(..."!@#$%^&*()_+-=[]{};':,./<>?|~"), minLength: 1 })],
];

test.each(kinds)("%s: no more tokens than are estimated", (_, piece) => {
  const texts = fc.array(piece, { minLength: 60, maxLength: 200 }).map((all) => all.join(""));
  fc.assert(
    fc.property(texts, (text) => {
      expect(estimateTokens(text)).toBeGreaterThanOrEqual(countTokens(text));
    }),
    { numRuns: 40, endOnFailure: true },
  );
});

test("of a text as much is taken as fits, and what that costs is said", () => {
  const text = fc.string({ unit: "binary", maxLength: 300 });
  fc.assert(fc.property(text, fc.integer({ min: 0, max: 80 }), (given, tokensMax) => {
    const { units, tokens } = fitTokens(given, tokensMax);
    expect(tokens).toBeLessThanOrEqual(tokensMax);
    expect(units === given.length).toBe(estimateTokens(given) <= tokensMax);
  }));
});

test("a text of any lines keeps to its budget, with the line and the cursor that end it", () => {
  const end = "40 definitions. The rest did not fit: raise token_budget or narrow the question.";
  const cursor = randomBytes(150).toString("base64url");
  for (const budget of [500, 1_000, 4_000]) {
    for (const unit of ["検索する関数", "🙂🚀", "0x1f, 0xa0, ", "const needle = 1;", "x"]) {
      for (const count of [1, 20, 100_000]) {
        const text = new BudgetedText(budget, cursor);
        text.addCut(unit.repeat(count));
        text.addAll(Array.from({ length: 2_000 }, () => unit.repeat(4)));
        expect(countTokens(`${text.toString()}\n${end} More with cursor=${cursor}`))
          .toBeLessThanOrEqual(budget);
      }
    }
  }
});
