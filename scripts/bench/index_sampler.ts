// Watches an indexer while it works: the memory of its process, of the gits it starts, and of the
// memory-backed folder it fetches into; and the processor time of all of them.

import { statfs } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import {
  familyMilliseconds,
  familyOf,
  peakResidentBytes,
  readProcesses,
  residentBytes,
} from "./proc.ts";

/** A look at every process takes 4 ms of processor time: at 50 ms that was a thirtieth of the indexer's own. */
const SAMPLE_MILLISECONDS = 250;
/** Where an indexer fetches to when the machine has it. */
const SHARED_MEMORY = "/dev/shm";

/** What was seen until the sampling ended; null is what this system does not tell. */
export interface IndexerUse {
  /** The most that the indexer's process ever held, as the system counts it. */
  readonly peakBytes: number | null;
  /** The most that it and its children held together in one sample. */
  readonly familyPeakBytes: number | null;
  /** The most that the memory-backed folder grew by. */
  readonly sharedMemoryPeakBytes: number | null;
  readonly processorMilliseconds: number | null;
}

/** Starts to watch; `indexers` finds the process once it runs. Call `end` while it still runs. */
export async function sampleIndexer(indexers: () => readonly number[]) {
  const emptyBytes = await sharedMemoryBytes();
  const ended = new AbortController();
  const peak = { family: 0, sharedMemory: 0 };
  let pid: number | undefined;
  const sample = async () => {
    pid ??= indexers()[0];
    const family = pid === undefined ? [] : familyOf(pid, readProcesses());
    const bytes = family.reduce((sum, each) => sum + (residentBytes(each.pid) ?? 0), 0);
    peak.family = Math.max(peak.family, bytes);
    peak.sharedMemory = Math.max(
      peak.sharedMemory,
      (await sharedMemoryBytes() ?? 0) - (emptyBytes ?? 0),
    );
  };
  const watching = (async () => {
    while (!ended.signal.aborted) {
      await sample();
      await sleep(SAMPLE_MILLISECONDS);
    }
  })();
  const end = async (): Promise<IndexerUse> => {
    ended.abort();
    await watching;
    return {
      peakBytes: pid === undefined ? null : peakResidentBytes(pid),
      familyPeakBytes: peak.family || null,
      sharedMemoryPeakBytes: emptyBytes === null ? null : peak.sharedMemory,
      processorMilliseconds: pid === undefined ? null : familyMilliseconds(pid),
    };
  };
  return { end };
}

async function sharedMemoryBytes(): Promise<number | null> {
  try {
    const { blocks, bfree, bsize } = await statfs(SHARED_MEMORY);
    return (blocks - bfree) * bsize;
  } catch {
    return null;
  }
}
