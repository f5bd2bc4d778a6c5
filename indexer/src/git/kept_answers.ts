/**
 * What git answered for a unit, kept in a file between two goes over its blobs: to look objects up,
 * inflate them and apply their differences takes git longer than to read all of it again here. Does not
 * know what is in the answers.
 */
import { closeSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";

/** Read at a time. */
const PIECE_BYTES = 256 * 1024;

/** What answers come from. */
export interface Answers {
  /** Valid until the next one. */
  readonly pieces: AsyncIterable<Uint8Array>;
  /** Rejects where they are not complete. To be awaited after the last piece. */
  end(): Promise<void>;
  /** Whatever happened. */
  close(): Promise<void>;
}

/** Answers that are also written to a file, which is there once all are. Without room there is none. */
export function keepAnswers(answers: Answers, file: string): Answers {
  const unfinished = `${file}.part`;
  let descriptor = attempt(() => openSync(unfinished, "w"));
  const closeFile = () => {
    if (descriptor !== null) closeSync(descriptor);
    descriptor = null;
  };
  async function* pieces() {
    for await (const piece of answers.pieces) {
      const to = descriptor;
      if (to !== null && attempt(() => writeWhole(to, piece)) === null) closeFile();
      yield piece;
    }
  }
  return {
    pieces: pieces(),
    async end() {
      await answers.end();
      if (descriptor !== null) attempt(() => renameSync(unfinished, file));
    },
    async close() {
      closeFile();
      rmSync(unfinished, { force: true });
      await answers.close();
    },
  };
}

/** Null where the file system refuses. */
function attempt<Result>(action: () => Result): Result | null {
  try {
    return action();
  } catch {
    return null;
  }
}

function writeWhole(descriptor: number, piece: Uint8Array): number {
  let written = 0;
  while (written < piece.length) written += writeSync(descriptor, piece, written);
  return written;
}

/** What was kept, and is no longer; null: nothing was. */
export async function takeAnswers(file: string): Promise<Answers | null> {
  const handle = await open(file).catch(() => null);
  if (handle === null) return null;
  // Its room is free once it is closed. Who reads the unit again, since a file broke a thread, asks git.
  await rm(file);
  return {
    pieces: piecesOf(handle),
    end: () => Promise.resolve(),
    close: () => handle.close(),
  };
}

async function* piecesOf(handle: FileHandle): AsyncGenerator<Uint8Array> {
  const piece = new Uint8Array(PIECE_BYTES);
  for (;;) {
    const { bytesRead } = await handle.read(piece);
    if (bytesRead === 0) return;
    yield piece.subarray(0, bytesRead);
  }
}
