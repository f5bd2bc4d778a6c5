/**
 * An extraction thread: answers each unit with its segment, whose buffers it hands over instead of
 * copying them. Does not know the database.
 */
import type { MessagePort } from "node:worker_threads";
import { JobError } from "../errors.ts";
import type { SymbolParser } from "../parse/parser.ts";
import { type ExtractedUnit, extractUnit } from "./extraction.ts";
import type { Counters, ExtractAnswer, ExtractMessage } from "./messages.ts";

/** Serves units until the main thread ends it. */
export function serveUnits(port: MessagePort, counters: Counters, parser: SymbolParser): void {
  const never = new AbortController();
  port.on("message", ({ unit, objects }: ExtractMessage) => {
    counters.reset();
    const { observer } = counters;
    extractUnit(unit, { objects, parser, observer, signal: never.signal }).then(
      (extracted) => answer({ kind: "extracted", unit: extracted }, buffersOf(extracted)),
      (error: unknown) => {
        const code = error instanceof JobError ? error.code : "extraction_failed";
        answer({ kind: "failed", code, message: String(error) }, []);
      },
    );
  });
  function answer(message: ExtractAnswer, transfer: ArrayBuffer[]): void {
    port.postMessage(message, transfer);
  }
}

function buffersOf({ segment }: ExtractedUnit): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const stream of Object.values(segment.tables)) {
    for (const { buffer } of stream) {
      if (buffer instanceof ArrayBuffer) buffers.add(buffer);
    }
  }
  return [...buffers];
}
