import { expect, test } from "vitest";
import { packText } from "../segment/stored_text.ts";
import { KeptChunks, SearchChunks } from "./kept_chunks.ts";

const blob = { segment: 7, blob: 3 };
const text = (no: number) => `chunk ${no}\n${"x".repeat(1000)}`;

/** Opens chunks in one search, looks at them, and answers them. */
function search(kept: KeptChunks, numbers: readonly number[], from = blob) {
  const chunks = new SearchChunks(kept);
  const opened = numbers.map((no) => chunks.open(from, no, packText(text(no))));
  expect(opened.map((chunk) => chunk.text)).toEqual(numbers.map(text));
  chunks.keep();
  return opened;
}

test("a chunk that was looked at is the same in the next search", () => {
  const kept = new KeptChunks();
  const [first, second] = search(kept, [1, 2]);
  expect(search(kept, [2, 1])).toEqual([second, first]);
  expect(search(kept, [2])[0]).toBe(second);
  expect(search(kept, [1], { segment: 7, blob: 4 })[0]).not.toBe(first);
});

test("of a name that was given to another text that text is read", () => {
  const kept = new KeptChunks();
  search(kept, [1]);
  const again = new SearchChunks(kept).open(blob, 1, packText("another"));
  expect(again.text).toBe("another");
});

test("what is kept has a bound, and what was used longest ago goes first", () => {
  const kept = new KeptChunks(2_500);
  const [first, second] = search(kept, [1, 2]);
  expect(search(kept, [1])[0]).toBe(first);
  search(kept, [3]);
  expect(search(kept, [1])[0]).toBe(first);
  expect(search(kept, [2])[0]).not.toBe(second);
});

test("a long scan leaves what others look for", () => {
  const kept = new KeptChunks(400_000);
  const [first] = search(kept, [9_999]);
  const scanned = search(kept, Array.from({ length: 1_000 }, (_, no) => no + 1));
  expect(search(kept, [9_999])[0]).toBe(first);
  expect(search(kept, [1, 1_000])).not.toContain(scanned.at(-1));
});

test("what a long scan makes of a chunk that is kept counts too", () => {
  const kept = new KeptChunks(1_000_000);
  const numbers = Array.from({ length: 600 }, (_, no) => no + 1);
  search(kept, numbers.slice(0, 200));
  search(kept, numbers.slice(200, 400));
  const scan = new SearchChunks(kept);
  const scanned = numbers.toReversed().map((no) => scan.open(blob, no, packText(text(no))));
  expect(scanned.map((chunk) => chunk.folded)).toEqual(numbers.toReversed().map(text));
  scan.keep();
  const chunks = scanned.filter((chunk, no) =>
    kept.of(`7/3/${600 - no}`, packText(text(600 - no))) === chunk
  );
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.bytes, 0);
  expect([bytes > 500_000, bytes <= 1_000_000]).toEqual([true, true]);
});

test("a chunk that nobody looked at, or of a long line, is not kept", () => {
  const kept = new KeptChunks();
  const chunks = new SearchChunks(kept);
  const unseen = chunks.open(blob, 1, packText(text(1)));
  const long = chunks.open(blob, 2, packText("x".repeat(100_000)));
  expect(long.lineCount).toBe(1);
  chunks.keep();
  expect(kept.of("7/3/1", packText(text(1)))).toBeNull();
  expect(kept.of("7/3/2", packText("x".repeat(100_000)))).toBeNull();
  expect(unseen.bytes).toBe(0);
});
