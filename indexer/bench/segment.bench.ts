/**
 * Measures the stages of the index engine over the text files of a folder, in one thread and from
 * memory: `node scripts/run.cjs indexer/bench/segment.bench.ts [DIR...]`. Each figure is the
 * median of RUNS after one that is dropped. Not a test: nothing depends on the outcome.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import process from "node:process";
import { visitRuns } from "../../supabase/functions/_shared/text/terms.ts";
import { languageOfPath } from "../src/parse/detection/language.ts";
import { createSymbolParser } from "../src/parse/parser.ts";
import { loadLanguages } from "../src/parse/languages/registry.ts";
import { visitChunks } from "../src/segment/chunks.ts";
import { CopyEncoder } from "../src/segment/copy_encoder.ts";
import { decode, FILE_BYTES_MAX } from "../src/segment/decode.ts";
import { EXTRACTOR_VERSION } from "../src/segment/extractor_version.ts";
import { buildGrams } from "../src/segment/grams.ts";
import { cutPages, TERM_PAGE_ENTRIES } from "../src/segment/pages.ts";
import { PostingsBuilder } from "../src/segment/postings.ts";
import {
  createSegmentBuilder,
  type FinishedSegment,
  SEGMENT_SOURCE_BYTES_MAX,
} from "../src/segment/segment_builder.ts";

const supportedLanguages = await loadLanguages();

const RUNS = 3;

/** Source in several languages that every checkout has after `npm ci`. */
const DEFAULT_FOLDERS = ["typescript/lib", "zod", "vite", "fast-check", "@supabase"];

interface SourceFile {
  readonly language: string;
  readonly bytes: Buffer;
  readonly text: string;
}

function readFolder(folder: string): SourceFile[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).toSorted().flatMap((name) => {
    const path = join(folder, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isFile() !== true || stat.size > FILE_BYTES_MAX) return [];
    const bytes = readFileSync(path);
    const decoded = decode(bytes);
    if (decoded.kind === "skip") return [];
    return [{ language: languageOfPath(name), bytes, text: decoded.text }];
  });
}

function sizeOf(files: readonly SourceFile[]): number {
  return files.reduce((sum, file) => sum + file.bytes.length, 0);
}

async function measure(work: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run <= RUNS; run++) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return times.slice(1).toSorted((a, b) => a - b)[Math.floor(RUNS / 2)] ?? 0;
}

function report(stage: string, milliseconds: number, bytes: number, note = ""): void {
  const rate = (bytes / 1e6 / (milliseconds / 1000)).toFixed(1);
  console.log(
    `${stage.padEnd(28)}${milliseconds.toFixed(0).padStart(8)} ms${rate.padStart(9)} MB/s  ${note}`,
  );
}

function fillPostings(files: readonly SourceFile[]): PostingsBuilder {
  const postings = new PostingsBuilder();
  let chunkNo = 0;
  for (const { text } of files) {
    visitChunks(text, (_, start, end) => postings.addChunk(chunkNo++, text, start, end));
  }
  return postings;
}

async function measureText(files: readonly SourceFile[]): Promise<void> {
  const bytes = sizeOf(files);
  report("decode", await measure(() => files.map((file) => decode(file.bytes))), bytes);
  let chunks = 0;
  const chunking = await measure(() => {
    chunks = 0;
    for (const { text } of files) visitChunks(text, () => chunks++);
  });
  report("cut into chunks", chunking, bytes, `${chunks} chunks`);
  let runs = 0;
  const tokenising = await measure(() => {
    runs = 0;
    for (const { text } of files) visitRuns(text, 0, text.length, () => runs++);
  });
  report("tokenise", tokenising, bytes, `${runs} runs`);
  const adding = await measure(() => fillPostings(files));
  report("tokenise and post", adding, bytes);
  let dictionary = fillPostings(files).finish();
  const withSort = await measure(() => {
    dictionary = fillPostings(files).finish();
  });
  const { entries: terms, numbers } = dictionary;
  report("tokenise, post and sort", withSort, bytes, `${terms.length} terms`);
  console.log(`${"".padEnd(28)}${numbers.length} (term, chunk) pairs`);
  let grams = 0;
  const inverting = await measure(() => {
    grams = buildGrams(terms, cutPages(dictionary, TERM_PAGE_ENTRIES)).entries.length;
  });
  report("grams", inverting, bytes, `${grams} grams`);
  const encoding = await measure(() => {
    const encoder = new CopyEncoder();
    for (const { text } of files) {
      visitChunks(text, (_, start, end) => encoder.text(text.slice(start, end)));
    }
    return encoder.finish();
  });
  report("encode text", encoding, bytes);
}

async function measureParse(files: readonly SourceFile[]): Promise<void> {
  const parser = createSymbolParser({ now: () => performance.now() });
  for (const language of supportedLanguages.keys()) {
    const ours = files.filter((file) => file.language === language);
    if (ours.length === 0) continue;
    let symbols = 0;
    let skipped = 0;
    const parsing = await measure(async () => {
      symbols = 0;
      skipped = 0;
      for (const { text, bytes } of ours) {
        const outcome = await parser.parse({ language, text, sizeBytes: bytes.length });
        if ("skip" in outcome) skipped++;
        else symbols += outcome.symbols.length;
      }
    });
    const note = `${ours.length} files, ${symbols} symbols, ${skipped} without`;
    report(`parse ${language}`, parsing, sizeOf(ours), note);
  }
  parser.close();
}

async function measureWhole(files: readonly SourceFile[], hasSymbols: boolean): Promise<void> {
  const symbolParser = createSymbolParser({ now: () => performance.now() });
  const options = { segmentId: 1n, extractorVersion: EXTRACTOR_VERSION, symbolParser };
  let segments: FinishedSegment[] = [];
  const building = await measure(async () => {
    segments = [];
    let builder = createSegmentBuilder(options);
    for (const { language, bytes } of files) {
      const blobOid = "0".repeat(40);
      await builder.addBlob({ blobOid, language: hasSymbols ? language : "Text", bytes });
      if (builder.sourceBytes < SEGMENT_SOURCE_BYTES_MAX) continue;
      segments.push(builder.finish());
      builder = createSegmentBuilder(options);
    }
    segments.push(builder.finish());
  });
  symbolParser.close();
  const output = segments
    .flatMap((segment) => Object.values(segment.tables).flat())
    .reduce((sum, piece) => sum + piece.length, 0);
  const note = `${segments.length} segments, ${(output / 1e6).toFixed(1)} MB of COPY`;
  report(hasSymbols ? "whole segment" : "whole, text only", building, sizeOf(files), note);
}

const [...given] = process.argv.slice(2);
const folders = given.length > 0
  ? given
  : DEFAULT_FOLDERS.map((name) => join(import.meta.dirname, "../../node_modules", name));
const files = folders.flatMap((folder) => readFolder(resolve(folder)));
console.log(
  `${files.length} files, ${(sizeOf(files) / 1e6).toFixed(1)} MB, Node ${process.version}\n`,
);
await measureText(files);
await measureWhole(files, false);
await measureWhole(files, true);
await measureParse(files);
console.log(`\npeak memory ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`);
