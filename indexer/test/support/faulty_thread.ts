/**
 * An extraction thread whose parser hangs, dies or runs out of memory over files that say so.
 */
import { parentPort, workerData } from "node:worker_threads";
import { createSymbolParser } from "../../src/parse/parser.ts";
import { Counters, readThreadData } from "../../src/pipeline/messages.ts";
import { serveUnits } from "../../src/pipeline/thread.ts";

const { counters } = readThreadData(workerData);
if (parentPort === null) throw new Error("this module runs in a thread");
const parser = createSymbolParser({ now: () => performance.now() });
serveUnits(parentPort, new Counters(counters), {
  parse(source) {
    if (source.text.includes("please hang")) { for (;;) { /* for ever */ } }
    if (source.text.includes("please die")) process.exit(7);
    if (source.text.includes("please fill")) {
      const hoard: number[][] = [];
      for (;;) hoard.push(Array.from({ length: 1_000_000 }, (_, index) => index + 0.5));
    }
    return parser.parse(source);
  },
  close: () => parser.close(),
});
