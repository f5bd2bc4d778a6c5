import { mkdtemp, readdir, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import { git, gitEnvironment } from "../../../scripts/local/github/git_process.ts";
import { commitFiles, file } from "../../test/support/hosted_commits.ts";
import { createSymbolParser } from "../parse/parser.ts";
import { extractUnit, type Unit } from "../pipeline/extraction.ts";
import { Counters } from "../pipeline/messages.ts";
import type { SegmentParts } from "../segment/segment_builder.ts";
import { type Answers, keepAnswers, takeAnswers } from "./kept_answers.ts";

let directory: string;
let kept: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), "quarry-kept-"));
  kept = path.join(directory, "kept");
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

function answersOf(text: string, end = () => Promise.resolve()): Answers {
  const pieces = (text.match(/.{1,1000}/gs) ?? []).map((piece) => Buffer.from(piece));
  return { pieces: Readable.from(pieces), end, close: () => Promise.resolve() };
}

async function read(answers: Answers): Promise<string> {
  let text = "";
  try {
    for await (const piece of answers.pieces) text += Buffer.from(piece).toString("latin1");
    await answers.end();
  } finally {
    await answers.close();
  }
  return text;
}

test("what was kept is taken once, as it was, and leaves nothing behind", async () => {
  const text = "0123456789".repeat(100_000);
  expect(await read(keepAnswers(answersOf(text), kept))).toBe(text);
  const taken = await takeAnswers(kept);
  expect(await takeAnswers(kept)).toBeNull();
  expect(taken && await read(taken)).toBe(text);
  expect(await readdir(directory)).toEqual([]);
});

test("answers that broke off are not kept", async () => {
  const broken = keepAnswers(answersOf("half", () => Promise.reject(new Error("git died"))), kept);
  await expect(read(broken)).rejects.toThrow("git died");
  const left = keepAnswers(answersOf("never read"), kept);
  await left.close();
  expect(await takeAnswers(kept)).toBeNull();
  expect(await readdir(directory)).toEqual([]);
});

test("answers for which there is no place are handed on all the same", async () => {
  const nowhere = path.join(directory, "missing", "kept");
  expect(await read(keepAnswers(answersOf("text"), nowhere))).toBe("text");
  expect(await takeAnswers(nowhere)).toBeNull();
});

test("of two goes over a unit git is asked in the first one alone", async () => {
  await git(directory, "init", "--quiet", "--bare", ".");
  await commitFiles(directory, new Map([["a.ts", file("export const a = 1;\n")]]));
  const oid = (await git(directory, "rev-parse", "main:a.ts")).trim();
  const task = { oid, languages: ["TypeScript"], sizeBytes: 20, fault: null };
  const extract = async (parts: SegmentParts, keptIn: string | null) => {
    const unit: Unit = { segmentId: 1n, parts, tasks: [task], keptIn };
    const { segment } = await extractUnit(unit, {
      objects: { directory, environment: gitEnvironment() },
      parser: createSymbolParser({ now: () => 0 }),
      observer: new Counters().observer,
      signal: new AbortController().signal,
    });
    return segment.counts;
  };
  expect(await extract("text", kept)).toMatchObject({ chunks: 1, symbols: 0 });
  await rm(path.join(directory, "objects"), { recursive: true });
  expect(await extract("symbols", kept)).toMatchObject({ chunks: 0, symbols: 1 });
  await expect(extract("symbols", kept)).rejects.toThrow("git cat-file");
});
