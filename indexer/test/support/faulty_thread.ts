/**
 * Loaded into an indexer process before its own modules, and into its threads: there a parser hangs,
 * dies or runs out of memory over files that say so. The hang is noticed after the milliseconds
 * that TASK_MILLISECONDS_MAX says.
 */
import { isMainThread } from "node:worker_threads";
import { createSymbolParser, type Source, type SymbolParser } from "../../src/parse/parser.ts";
import { extractionThread } from "../../src/pipeline/extractor.ts";

if (isMainThread) {
  Object.assign(extractionThread, {
    taskMillisecondsMax: Number(process.env["TASK_MILLISECONDS_MAX"]),
    heapMegabytesMax: 64,
  });
} else {
  const prototype: SymbolParser = Object.getPrototypeOf(createSymbolParser({ now: () => 0 }));
  const parse = Reflect.get(prototype, "parse");
  prototype.parse = function parseOrFail(source: Source) {
    if (source.text.includes("please hang")) { for (;;) { /* for ever */ } }
    if (source.text.includes("please die")) process.exit(7);
    if (source.text.includes("please fill")) {
      const hoard: number[][] = [];
      for (;;) hoard.push(Array.from({ length: 1_000_000 }, (_, index) => index + 0.5));
    }
    return parse.call(this, source);
  };
}
