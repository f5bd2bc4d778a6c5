import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import {
  arbitraryLine,
  arbitraryLineAndNeedle,
} from "../../../supabase/functions/_shared/text/arbitrary_text.ts";
import { fold } from "../../../supabase/functions/_shared/text/fold.ts";
import { planLiteral, satisfies } from "../../../supabase/functions/_shared/text/literal.ts";
import { unpackText } from "../../../supabase/functions/_shared/segment/stored_text.ts";
import { createSymbolParser } from "../../src/parse/parser.ts";
import { createSegmentBuilder, type FinishedSegment } from "../../src/segment/segment_builder.ts";
import { bytesOf, readCopy, readTerms } from "./read_copy.ts";

const symbolParser = createSymbolParser({ now: () => performance.now() });
afterAll(() => symbolParser.close());

async function buildSegment(texts: readonly string[]): Promise<FinishedSegment> {
  const builder = createSegmentBuilder({ segmentId: 7n, extractorVersion: 1, symbolParser });
  for (const text of texts) {
    await builder.addBlob({
      blobOid: "ab".repeat(20),
      language: "TypeScript",
      bytes: Buffer.from(text),
    });
  }
  return builder.finish();
}

/** The chunks that have, for each constraint, a term that satisfies it; null when there is none. */
function candidateChunks(segment: FinishedSegment, needle: string): Set<number> | null {
  const terms = [...readTerms(segment.tables.term_pages)];
  let candidates: Set<number> | null = null;
  for (const constraint of planLiteral(needle).constraints) {
    const matching = terms.filter(([term]) => satisfies(term, constraint));
    const chunks = new Set(matching.flatMap(([, chunkNos]) => chunkNos));
    const narrowed: number[] = [...(candidates ?? chunks)].filter((chunkNo) => chunks.has(chunkNo));
    candidates = new Set(narrowed);
  }
  return candidates;
}

function matches(line: string, needle: string): boolean {
  return planLiteral(needle).caseSensitive ? line.includes(needle) : fold(line).includes(needle);
}

function searchSegment(segment: FinishedSegment, needle: string): string[] {
  const candidates = candidateChunks(segment, needle);
  return readCopy("blob_chunks", segment.tables.blob_chunks).flatMap((row) => {
    if (candidates?.has(Number(row["chunk_no"])) === false) return [];
    return unpackText(bytesOf(row["content"])).split("\n").flatMap((line, index) =>
      matches(line, needle)
        ? [`${Number(row["blob_no"])}:${Number(row["first_line"]) + index}`]
        : []
    );
  });
}

function searchTexts(texts: readonly string[], needle: string): string[] {
  return texts.flatMap((text, blobNo) => {
    const lines = text.replaceAll("\u0000", "\ufffd").split("\n");
    if (lines.at(-1) === "") lines.pop();
    return lines.flatMap((line, index) => matches(line, needle) ? [`${blobNo}:${index + 1}`] : []);
  });
}

/** Long enough that a NUL in the lines makes no file binary, and of several chunks. */
const preamble = `${"// preamble ".repeat(100)}\n`.repeat(8);

describe("a search over the rows of a segment", () => {
  test("finds exactly the lines that contain the needle", async () => {
    const cases = fc.record({
      files: fc.array(fc.array(arbitraryLine, { maxLength: 8 }), { maxLength: 4 }),
      found: arbitraryLineAndNeedle,
      isFolded: fc.boolean(),
      place: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ files, found, isFolded, place }) => {
        const withLine = [...files, [found.line]];
        withLine[place % withLine.length]?.push(found.line);
        const texts = withLine.map((lines) => preamble + lines.join("\n"));
        const raw = found.needle.replaceAll("\u0000", "\ufffd");
        const needle = isFolded ? fold(raw) : raw;
        if (needle === "") return;
        const segment = await buildSegment(texts);
        const expected = searchTexts(texts, needle);
        expect(searchSegment(segment, needle)).toEqual(expected);
        expect(isFolded || expected.length > 0).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});
