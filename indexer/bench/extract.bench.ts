/**
 * Measures the extraction of a repository's HEAD in one thread and from memory, stage by stage, and
 * compares what tokens and grammars say of its definitions: `node scripts/run.cjs
 * indexer/bench/extract.bench.ts REPOSITORY` prints one line of JSON, which `npm run bench -- extract`
 * makes tables of. Processor time, so that what else runs matters less.
 */
import { execFileSync } from "node:child_process";
import process from "node:process";
import { packOutline } from "../../supabase/functions/_shared/segment/outline.ts";
import { packBytes } from "../../supabase/functions/_shared/segment/stored_text.ts";
import { createSymbolCollector } from "../src/parse/declarations/collector.ts";
import { elideBodies } from "../src/parse/declarations/elision.ts";
import { languageOfPath } from "../src/parse/detection/language.ts";
import type { ParsedLanguage } from "../src/parse/languages/language_support.ts";
import { loadLanguages } from "../src/parse/languages/registry.ts";
import { Lexer } from "../src/parse/tokens/lexer.ts";
import { createSymbolParser, type Extraction, PARSE_BYTES_MAX } from "../src/parse/parser.ts";
import { visitChunks } from "../src/segment/chunks.ts";
import { decode } from "../src/segment/decode.ts";
import { EXTRACTOR_VERSION } from "../src/segment/extractor_version.ts";
import { PostingsBuilder } from "../src/segment/postings.ts";
import { createSegmentBuilder, SEGMENT_SOURCE_BYTES_MAX } from "../src/segment/segment_builder.ts";

const supportedLanguages = await loadLanguages();

/** One file in so many is extracted before any is measured. */
const WARMING = 10;
const GIT_OUTPUT_BYTES_MAX = 2 ** 31 - 1;
interface SourceFile {
  readonly path: string;
  readonly language: string;
  readonly bytes: Buffer;
  readonly text: string;
}

interface LanguageReport {
  files: number;
  bytes: number;
  /** Told by tokens alone. */
  filesByTokens: number;
  /** What a grammar had to read, bodies blanked. */
  grammarBytes: number;
  definitions: number;
  onlyGrammar: number;
  onlyTokens: number;
}

function readFiles(repository: string): SourceFile[] {
  const git = (args: readonly string[], input = "") =>
    execFileSync("git", args, { cwd: repository, input, maxBuffer: GIT_OUTPUT_BYTES_MAX });
  const entries = git(["ls-tree", "-r", "-z", "HEAD"]).toString().split("\0")
    .flatMap((line) => {
      const [, oid = "", path = ""] = /^1\d{5} blob (\w+)\t(.*)$/s.exec(line) ?? [];
      return oid === "" ? [] : [{ oid, path }];
    });
  const answer = git(["cat-file", "--batch"], entries.map(({ oid }) => `${oid}\n`).join(""));
  let position = 0;
  return entries.flatMap(({ path }) => {
    const lineEnd = answer.indexOf(0x0a, position);
    const size = Number(answer.toString("latin1", position, lineEnd).split(" ")[2]);
    const bytes = answer.subarray(lineEnd + 1, lineEnd + 1 + size);
    position = lineEnd + size + 2;
    const decoded = decode(bytes);
    if (decoded.kind === "skip") return [];
    return [{ path, language: languageOfPath(path), bytes, text: decoded.text }];
  });
}

/** The processor time of some work, in milliseconds. */
async function measured(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function parsedLanguage(file: SourceFile): ParsedLanguage | null {
  const support = supportedLanguages.get(file.language);
  return support?.grammar && file.bytes.length <= PARSE_BYTES_MAX ? support : null;
}

/** A lexer for each language. */
function lexers() {
  const known = new Map<ParsedLanguage, Lexer>();
  return (support: ParsedLanguage): Lexer | null => {
    if (support.references === null) return null;
    const lexer = known.get(support) ?? new Lexer(support.references.lexis);
    known.set(support, lexer);
    return lexer;
  };
}

/** Visits what is parsed with its tokens. */
function lexAll(
  files: readonly SourceFile[],
  visit: (file: SourceFile, support: ParsedLanguage, lexer: Lexer | null) => void,
): void {
  const lexerOf = lexers();
  for (const file of files) {
    const support = parsedLanguage(file);
    if (support === null) continue;
    const lexer = lexerOf(support);
    lexer?.lex(file.text);
    visit(file, support, lexer);
  }
}

function findByTokens(file: SourceFile, support: ParsedLanguage, lexer: Lexer | null) {
  const collector = createSymbolCollector(file.text, support.comments);
  if (lexer === null || support.find === undefined) return null;
  return support.find(lexer.tokens, lexer.identifiers, collector) ? collector.symbols : null;
}

async function compare(files: readonly SourceFile[]): Promise<Map<string, LanguageReport>> {
  const grammars = createSymbolParser({ now: () => performance.now(), grammarsOnly: true });
  const reports = new Map<string, LanguageReport>();
  const compared: { file: SourceFile; report: LanguageReport; found: string[] }[] = [];
  lexAll(files, (file, support, lexer) => {
    const report = reports.get(file.language) ?? {
      files: 0,
      bytes: 0,
      filesByTokens: 0,
      grammarBytes: 0,
      definitions: 0,
      onlyGrammar: 0,
      onlyTokens: 0,
    };
    reports.set(file.language, report);
    report.files += 1;
    report.bytes += file.bytes.length;
    const found = findByTokens(file, support, lexer);
    if (found !== null) {
      report.filesByTokens += 1;
      compared.push({ file, report, found: found.map((symbol) => JSON.stringify(symbol)) });
      return;
    }
    const elision = support.references?.elision;
    const elided = lexer !== null && elision
      ? elideBodies(file.text, lexer.tokens, lexer.identifiers, elision)
      : null;
    report.grammarBytes += (elided ?? file.text).replaceAll(/\s+/g, " ").length;
  });
  for (const { file: { language, text, bytes }, report, found } of compared) {
    const outcome = await grammars.parse({ language, text, sizeBytes: bytes.length });
    const parsed = "skip" in outcome ? [] : outcome.symbols.map((each) => JSON.stringify(each));
    const byTokens = new Set(found);
    const byGrammar = new Set(parsed);
    report.definitions += found.length;
    report.onlyTokens += found.filter((each) => !byGrammar.has(each)).length;
    report.onlyGrammar += parsed.filter((each) => !byTokens.has(each)).length;
  }
  grammars.close();
  return reports;
}

async function measureStages(files: readonly SourceFile[]): Promise<Record<string, number>> {
  const stages: Record<string, number> = {};
  stages.decode = await measured(() => files.forEach(({ bytes }) => decode(bytes)));
  stages.terms = await measured(() => {
    const postings = new PostingsBuilder();
    let chunkNo = 0;
    for (const { text } of files) {
      visitChunks(text, (_line, start, end) => postings.addChunk(chunkNo++, text, start, end));
    }
  });
  stages.tokens = await measured(() => lexAll(files, () => undefined));
  const found = await measured(() => lexAll(files, findByTokens));
  stages.find = found - stages.tokens;
  const parser = createSymbolParser({ now: () => performance.now() });
  const extractions: Extraction[] = [];
  const parsing = await measured(async () => {
    for (const { language, text, bytes } of files) {
      const outcome = await parser.parse({ language, text, sizeBytes: bytes.length });
      if (!("skip" in outcome)) extractions.push(outcome);
    }
  });
  stages.grammars_and_references = parsing - found;
  const packed: Uint8Array[] = [];
  stages.outlines = await measured(() => {
    for (const { symbols, imports, references } of extractions) {
      const outline = packOutline({ definitions: symbols, imports, references });
      if (outline !== null) packed.push(outline);
    }
  });
  stages.deflate = await measured(() => packed.forEach((outline) => packBytes(outline)));
  parser.close();
  return stages;
}

async function buildSegments(files: readonly SourceFile[]): Promise<number> {
  const symbolParser = createSymbolParser({ now: () => performance.now() });
  const options = { segmentId: 1n, extractorVersion: EXTRACTOR_VERSION, symbolParser };
  const time = await measured(async () => {
    let builder = createSegmentBuilder(options);
    for (const { language, bytes } of files) {
      await builder.addBlob({ blobOid: "0".repeat(40), language, bytes });
      if (builder.sourceBytes < SEGMENT_SOURCE_BYTES_MAX) continue;
      builder.finish();
      builder = createSegmentBuilder(options);
    }
    builder.finish();
  });
  symbolParser.close();
  return time;
}

const files = readFiles(process.argv[2] ?? ".");
// What runs for the first time is compiled: not part of any stage.
await measureStages(files.filter((_, index) => index % WARMING === 0));
const stages = await measureStages(files);
const whole = await buildSegments(files);
const peakBytes = process.resourceUsage().maxRSS * 1024;
const languages = Object.fromEntries(await compare(files));
const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
console.log(JSON.stringify({ files: files.length, bytes, whole, peakBytes, stages, languages }));
