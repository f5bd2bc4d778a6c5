import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CHUNK_UNITS_MAX, visitChunks } from "./chunks.ts";

function chunksOf(text: string) {
  const chunks: { firstLine: number; content: string }[] = [];
  const lineCount = visitChunks(text, (firstLine, start, end) => {
    chunks.push({ firstLine, content: text.slice(start, end) });
  });
  return { chunks, lineCount };
}

/** The lines of a file as git counts them. */
function linesOf(text: string): string[] {
  if (text === "") return [];
  return (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
}

describe("visitChunks", () => {
  test.each([
    ["", [], 0],
    ["a", [{ firstLine: 1, content: "a" }], 1],
    ["a\n", [{ firstLine: 1, content: "a" }], 1],
    ["\n", [{ firstLine: 1, content: "" }], 1],
    ["\n\na\r\n", [{ firstLine: 1, content: "\n\na\r" }], 3],
  ])("of %j", (text, chunks, lineCount) => {
    expect(chunksOf(text)).toEqual({ chunks, lineCount });
  });

  test("fills a chunk up to its limit and no further", () => {
    const half = "x".repeat(CHUNK_UNITS_MAX / 2 - 1);
    const full = `${half}\n${half}y`;
    expect(chunksOf(`${full}\nz`).chunks).toEqual([
      { firstLine: 1, content: full },
      { firstLine: 3, content: "z" },
    ]);
    expect(chunksOf(`${full}y\nz`).chunks).toEqual([
      { firstLine: 1, content: half },
      { firstLine: 2, content: `${half}yy\nz` },
    ]);
  });

  test("gives a line that is longer a chunk of its own", () => {
    const long = "x".repeat(CHUNK_UNITS_MAX * 3);
    expect(chunksOf(`a\n${long}\n\nb`).chunks).toEqual([
      { firstLine: 1, content: "a" },
      { firstLine: 2, content: long },
      { firstLine: 3, content: "\nb" },
    ]);
  });

  test("of any text hold its lines, in order and numbered", () => {
    const line = fc.string({ maxLength: 3 }).chain((text) =>
      fc.constantFrom(text, text.repeat(500), "", "\r")
    );
    const anyText = fc.tuple(fc.array(line, { maxLength: 30 }), fc.boolean())
      .map(([lines, isEnded]) => lines.join("\n") + (isEnded ? "\n" : ""));
    fc.assert(fc.property(anyText, (text) => {
      const { chunks, lineCount } = chunksOf(text);
      const lines = chunks.flatMap(({ content }) => content.split("\n"));
      expect(lines).toEqual(linesOf(text));
      expect(lineCount).toBe(lines.length);
      let firstLine = 1;
      for (const chunk of chunks) {
        expect(chunk.firstLine).toBe(firstLine);
        const chunkLines = chunk.content.split("\n").length;
        expect(chunk.content.length <= CHUNK_UNITS_MAX || chunkLines === 1).toBe(true);
        firstLine += chunkLines;
      }
    }));
  });
});
