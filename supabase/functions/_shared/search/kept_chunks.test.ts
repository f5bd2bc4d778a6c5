import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { packText } from "../segment/stored_text.ts";
import { neededGrams } from "./chunk_grams.ts";
import { KeptChunks, SearchChunks } from "./kept_chunks.ts";
import { type HandedChunk } from "./kept_segment.ts";

const TENANT = "tenant";
const SEGMENT = 7;
const text = (no: number) => `chunk ${no}\n${"x".repeat(1000)}`;

/** What the database answers of a chunk: its text, unless it was said to be held. */
function handed(no: number, isHeld: boolean, packed = packText(text(no))): HandedChunk {
  return { no, mask: 1, firstLine: isHeld ? 0 : no * 10 + 1, packed: isHeld ? null : packed };
}

/** The numbers of the chunks that a request says are held. */
function statedNumbers(stated: string | undefined): number[] {
  const bytes = Buffer.from(stated ?? "", "base64");
  return Array.from({ length: bytes.length * 8 }, (_, no) => no)
    .filter((no) => ((bytes[no >> 3] ?? 0) >> (no & 7)) % 2 === 1);
}

/** One search whose database sends nothing that it is told is held; answers the texts, which it has looked at. */
function search(
  kept: KeptChunks,
  numbers: readonly number[],
  { tenant = TENANT, segment = SEGMENT, looks = true } = {},
) {
  const chunks = new SearchChunks(kept);
  const held = kept.hold(tenant);
  const known = statedNumbers(held.stated[segment]);
  const answer = numbers.map((no) => handed(no, known.includes(no)));
  const opened = chunks.open(held, segment, answer).map(([chunk]) => chunk);
  held.release();
  const looked = looks ? opened : [];
  expect(looked.map((chunk) => chunk.text)).toEqual(numbers.slice(0, looked.length).map(text));
  chunks.keep();
  const sent = answer.filter(({ packed }) => packed !== null).map(({ no }) => no);
  return { opened, sent };
}

test("what was sent is said to be held, and is read with the line that it begins at", () => {
  const kept = new KeptChunks();
  expect(search(kept, [1, 2, 4_000]).sent).toEqual([1, 2, 4_000]);
  expect(statedNumbers(kept.hold(TENANT).stated[SEGMENT])).toEqual([1, 2, 4_000]);
  const { sent, opened } = search(kept, [1, 3, 4_000]);
  expect(sent).toEqual([3]);
  expect(opened.map(({ firstLine }) => firstLine)).toEqual([11, 31, 40_001]);
});

test("what a tenant was sent is neither said nor given to another one", () => {
  const kept = new KeptChunks();
  search(kept, [1]);
  const other = kept.hold("other");
  expect(other.stated).toEqual({});
  expect(() => other.of(SEGMENT, handed(1, true))).toThrow("not held");
  expect(search(kept, [1], { tenant: "other" }).sent).toEqual([1]);
});

test("only a chunk that is named is given, by its segment", () => {
  const kept = new KeptChunks();
  search(kept, [1]);
  const held = kept.hold(TENANT);
  expect(() => held.of(SEGMENT, handed(2, true))).toThrow("not held");
  expect(() => held.of(8, handed(1, true))).toThrow("not held");
  expect(search(kept, [1], { segment: 8 }).sent).toEqual([1]);
});

test("what is kept has a bound, and what was used longest ago goes first", () => {
  const kept = new KeptChunks(2_100);
  search(kept, [1, 2]);
  expect(search(kept, [1]).sent).toEqual([]);
  search(kept, [3]);
  expect(search(kept, [1]).sent).toEqual([]);
  expect(search(kept, [2]).sent).toEqual([2]);
});

test("what was said to be held is there until the answer is, whoever needs its room", () => {
  const kept = new KeptChunks(2_100);
  search(kept, [1, 2]);
  const held = kept.hold(TENANT);
  search(kept, [3, 4]);
  search(kept, [5], { tenant: "other" });
  const [[chunk] = []] = new SearchChunks(kept).open(held, SEGMENT, [handed(1, true)]);
  expect([chunk?.text, chunk?.firstLine]).toEqual([text(1), 11]);
  held.release();
  expect(() => held.of(SEGMENT, handed(2, true))).toThrow("not held");
});

test("a request says no more than it may, and what was used last", () => {
  const kept = new KeptChunks();
  for (let segment = 1; segment <= 400; segment += 1) search(kept, [1], { segment });
  const { stated } = kept.hold(TENANT);
  expect(Object.values(stated).join("").length).toBeLessThanOrEqual(16 * 1024);
  expect(Object.keys(stated)).toContain("400");
  expect(Object.keys(stated)).not.toContain("1");
});

test("a chunk that was looked at is the same in the next search", () => {
  const kept = new KeptChunks();
  const [first, second] = search(kept, [1, 2]).opened;
  expect(search(kept, [2, 1]).opened).toEqual([second, first]);
  expect(search(kept, [2]).opened[0]).toBe(second);
  expect(search(kept, [1], { segment: 8 }).opened[0]).not.toBe(first);
});

test("a long scan leaves what others look for", () => {
  const kept = new KeptChunks(10_000_000, 400_000);
  const [first] = search(kept, [9_999]).opened;
  const scanned = search(kept, Array.from({ length: 1_000 }, (_, no) => no + 1)).opened;
  expect(search(kept, [9_999]).opened[0]).toBe(first);
  expect(search(kept, [1, 1_000]).opened).not.toContain(scanned.at(-1));
});

test("what a search makes of a chunk that is kept unpacked counts too", () => {
  const kept = new KeptChunks(10_000_000, 250_000);
  const numbers = Array.from({ length: 200 }, (_, no) => no + 1);
  search(kept, numbers);
  const scan = new SearchChunks(kept);
  const held = kept.hold(TENANT);
  const opened = scan.open(held, SEGMENT, numbers.map((no) => handed(no, true)));
  for (const [chunk] of opened) {
    for (let line = 0; line < chunk.lineCount; line += 1) chunk.line(line);
  }
  scan.keep();
  const again = search(kept, numbers.toReversed()).opened.toReversed();
  const same = opened.filter(([chunk], index) => chunk === again[index]);
  const bytes = same.reduce((sum, [chunk]) => sum + chunk.bytes, 0);
  expect([bytes > 100_000, bytes <= 250_000]).toEqual([true, true]);
});

test("of a text that is no more unpacked it is known what cannot be in it", () => {
  const kept = new KeptChunks(10_000_000, 1_500);
  search(kept, [1]);
  search(kept, [2]);
  const [first, second] = search(kept, [1, 2], { looks: false }).opened;
  expect([first?.isUnpacked, second?.isUnpacked]).toEqual([false, true]);
  const numbers = Array.from({ length: 300 }, (_, no) => no);
  expect(numbers.filter((no) => first?.mayHold([no]) === false).length).toBeGreaterThan(200);
});

test("what a text that was looked at twice cannot hold is said of it, of its segment and to its tenant", () => {
  const kept = new KeptChunks();
  const needed = neededGrams(["chunk 2\n"]);
  search(kept, [1, 2, 70]);
  expect(kept.lacking(TENANT, needed)).toEqual({});
  search(kept, [1, 2, 70]);
  search(kept, [3]);
  const lacking = kept.lacking(TENANT, needed);
  expect(Object.keys(lacking)).toEqual([String(SEGMENT)]);
  expect(statedNumbers(lacking[SEGMENT])).toEqual([1, 70]);
  expect(kept.lacking("other", needed)).toEqual({});
});

test("a chunk of a long line, or that nobody looked at, is not kept so", () => {
  const kept = new KeptChunks();
  const [unseen] = search(kept, [1], { looks: false }).opened;
  expect(unseen?.bytes).toBe(0);
  expect(search(kept, [1]).opened[0]).not.toBe(unseen);
  const long = new SearchChunks(kept);
  const packedLine = packText("x".repeat(100_000));
  const [[line] = []] = long.open(kept.hold(TENANT), 8, [handed(1, false, packedLine)]);
  expect(line?.lineCount).toBe(1);
  long.keep();
  expect(search(kept, [1], { segment: 8, looks: false }).opened[0]).not.toBe(line);
  const noise = Array.from({ length: 20_000 }, (_, index) => String.fromCharCode(index + 300));
  const packed = packText(noise.join(""));
  const held = kept.hold(TENANT);
  expect(held.of(SEGMENT, handed(2, false, packed))).toBeNull();
  expect(statedNumbers(kept.hold(TENANT).stated[SEGMENT])).toEqual([1]);
});
