/** Where an extraction thread starts. */
import { parentPort, workerData } from "node:worker_threads";
import { createSymbolParser } from "../parse/parser.ts";
import { Counters, readThreadData } from "./messages.ts";
import { serveUnits } from "./thread.ts";

const { counters } = readThreadData(workerData);
if (parentPort === null) throw new Error("this module runs in a thread");
serveUnits(
  parentPort,
  new Counters(counters),
  createSymbolParser({ now: () => performance.now() }),
);
