/**
 * What api.read_outlines and api.read_chunks answer: a header of JSON, then outlines or texts as they are
 * stored. What reads them throws for anything else.
 */
import { z } from "zod";
import { unpackText } from "../segment/stored_text.ts";
import { FrameReader } from "./frame_reader.ts";

const length = z.int().nonnegative();
const outlineLengths = z.array(length.nullable());
const chunkHeaders = z.array(z.tuple([z.string(), z.int(), length]));

/** A piece of a blob's text. */
export interface BlobChunk {
  readonly blob: string;
  /** 1-based. */
  readonly first_line: number;
  readonly content: string;
}

function readHeader<Header extends z.ZodType>(reader: FrameReader, header: Header) {
  return header.parse(JSON.parse(reader.text()));
}

/** The outlines that were asked for, in their order; null for one that is not there. */
export function readOutlinesAnswer(bytes: Uint8Array): (Uint8Array | null)[] {
  const reader = new FrameReader(bytes);
  return readHeader(reader, outlineLengths)
    .map((each) => each === null ? null : reader.bytes(each));
}

/** Chunks by blob and line. */
export function readChunksAnswer(bytes: Uint8Array): BlobChunk[] {
  const reader = new FrameReader(bytes);
  return readHeader(reader, chunkHeaders).map(([blob, firstLine, size]) => ({
    blob,
    first_line: firstLine,
    content: unpackText(reader.bytes(size)),
  }));
}
