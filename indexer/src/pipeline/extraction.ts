/**
 * Extracts one unit of blobs into one segment: reads them from git as a stream and adds each to a
 * builder. The same code runs on the main thread and on threads. Does not know trees, the database,
 * or which thread it is on.
 */
import { BrokenOff, readBlobs } from "../git/cat_file.ts";
import type { GitEnvironment } from "../git/environment.ts";
import { GitError, gitFailure } from "../git/git_failure.ts";
import { type Answers, keepAnswers, takeAnswers } from "../git/kept_answers.ts";
import { feedLines, startGit } from "../git/process.ts";
import type { FileMarks } from "../../../supabase/functions/_shared/text/path_marks.ts";
import type { SymbolParser } from "../parse/parser.ts";
import type { SymbolsSkipReason } from "../parse/symbol.ts";
import { type ContentSkipReason, FILE_BYTES_MAX } from "../segment/decode.ts";
import { EXTRACTOR_VERSION } from "../segment/extractor_version.ts";
import {
  type AddedBlob,
  type FinishedSegment,
  SegmentBuilder,
  type SegmentParts,
} from "../segment/segment_builder.ts";

const READ_MILLISECONDS_MAX = 3_600_000;

/** A blob to extract, in every language that a path gives it. */
export interface BlobTask {
  readonly oid: string;
  readonly languages: readonly string[];
  /** Null: the host was asked to leave it out, being too large. */
  readonly sizeBytes: number | null;
  /** Set after an extraction that it broke: its text is tried without symbols, then not at all. */
  readonly fault: Fault | null;
}

export type Fault =
  | { readonly leaveOut: "symbols"; readonly reason: SymbolsSkipReason }
  | { readonly leaveOut: "content" };

/** The blobs of one segment, and what is extracted of them. */
export interface Unit {
  readonly segmentId: bigint;
  readonly parts: SegmentParts;
  readonly tasks: readonly BlobTask[];
  /** Where the blobs are kept from the first of two goes over them to the second; null: nowhere. */
  readonly keptIn: string | null;
}

/** Where the extraction of a blob lies. */
export interface ExtractedBlob {
  readonly oid: string;
  readonly language: string;
  /** What the text is in, where it says so itself and it is another language. */
  readonly textLanguage: string | null;
  /** What the text says of its file. */
  readonly textMarks: FileMarks;
  readonly blobNo: number;
  readonly skipReason: ContentSkipReason | null;
}

export interface ExtractedUnit {
  readonly segmentId: bigint;
  readonly segment: FinishedSegment;
  readonly blobs: readonly ExtractedBlob[];
}

/** Where the objects are. */
export interface ObjectStore {
  readonly directory: string;
  readonly environment: GitEnvironment;
}

/** Told before each task and after it, by its index in the unit. */
export interface UnitObserver {
  started(index: number): void;
  done(index: number, bytes: number): void;
  /** All tasks are done; what follows concerns no single one. */
  finishing(): void;
}

export interface ExtractionTools {
  readonly objects: ObjectStore;
  readonly parser: SymbolParser;
  readonly observer: UnitObserver;
  readonly signal: AbortSignal;
}

/** Whether a blob's content is read at all. */
function isWanted({ sizeBytes, fault }: BlobTask): boolean {
  return sizeBytes !== null && sizeBytes <= FILE_BYTES_MAX && fault?.leaveOut !== "content";
}

/** Extracts a unit. Memory: one blob, and what the builder holds of at most a unit's bytes. */
export async function extractUnit(unit: Unit, tools: ExtractionTools): Promise<ExtractedUnit> {
  const target = new Target(unit, tools);
  for (const [index, task] of unit.tasks.entries()) {
    if (!isWanted(task)) target.leaveOut(index, task);
  }
  const wanted = unit.tasks.flatMap((task, index) => isWanted(task) ? [{ task, index }] : []);
  if (wanted.length > 0) await readInto(target, wanted, await answersFor(unit, wanted, tools));
  tools.observer.finishing();
  return target.finish();
}

interface WantedTask {
  readonly task: BlobTask;
  readonly index: number;
}

/** Of two goes over the blobs the first one asks git. */
async function answersFor(
  { parts, keptIn }: Unit,
  wanted: readonly WantedTask[],
  tools: ExtractionTools,
): Promise<Answers> {
  if (keptIn === null) return askGit(wanted, tools);
  if (parts === "symbols") return await takeAnswers(keptIn) ?? askGit(wanted, tools);
  return keepAnswers(askGit(wanted, tools), keptIn);
}

function askGit(wanted: readonly WantedTask[], { objects, signal }: ExtractionTools): Answers {
  const git = startGit({
    args: ["cat-file", "--batch", "--buffer"],
    ...objects,
    signal,
    timeoutMilliseconds: READ_MILLISECONDS_MAX,
  });
  const feeding = feedLines(git.stdin, wanted.map(({ task }) => task.oid));
  return {
    pieces: git.stdout,
    end: () =>
      git.ended.catch((error: unknown) => {
        throw error instanceof GitError ? gitFailure(error) : error;
      }),
    async close() {
      git.kill();
      await feeding;
    },
  };
}

async function readInto(
  target: Target,
  wanted: readonly WantedTask[],
  answers: Answers,
): Promise<void> {
  try {
    let next = 0;
    for await (const answer of readBlobs(answers.pieces, FILE_BYTES_MAX)) {
      const entry = wanted[next++];
      if (entry === undefined || answer.oid !== entry.task.oid) {
        throw new Error(`git cat-file answered ${answer.oid}, which was not the next`);
      }
      if (answer.kind === "blob") await target.add(entry.index, entry.task, answer.bytes);
      else target.leaveOut(entry.index, entry.task);
    }
    await answers.end();
    if (next !== wanted.length) throw new Error("git cat-file answered for too few blobs");
  } catch (error) {
    // What breaks off says less than the end of the git that wrote it.
    if (error instanceof BrokenOff) await answers.end();
    throw error;
  } finally {
    await answers.close();
  }
}

/** The segment under construction, and the list of what is in it. */
class Target {
  readonly #builder: SegmentBuilder;
  readonly #segmentId: bigint;
  readonly #observer: UnitObserver;
  readonly #blobs: ExtractedBlob[] = [];
  #fault: Fault | null = null;

  constructor({ segmentId, parts }: Unit, { parser, observer }: ExtractionTools) {
    this.#segmentId = segmentId;
    this.#observer = observer;
    this.#builder = new SegmentBuilder({
      segmentId,
      parts,
      extractorVersion: EXTRACTOR_VERSION,
      symbolParser: {
        parse: (source) =>
          this.#fault?.leaveOut === "symbols"
            ? Promise.resolve({ skip: this.#fault.reason })
            : parser.parse(source),
        close: () => undefined,
      },
    });
  }

  async add(index: number, { oid, languages, fault }: BlobTask, bytes: Uint8Array): Promise<void> {
    this.#observer.started(index);
    this.#fault = fault;
    for (const language of languages) {
      const added = await this.#builder.addBlob({ blobOid: oid, language, bytes });
      this.#note(oid, language, added);
    }
    this.#observer.done(index, bytes.length);
  }

  leaveOut(index: number, { oid, languages }: BlobTask): void {
    for (const language of languages) {
      const added = this.#builder.addUnfetched({ blobOid: oid, language, skipReason: "too_large" });
      this.#note(oid, language, added);
    }
    this.#observer.done(index, 0);
  }

  #note(
    oid: string,
    language: string,
    { blobNo, textLanguage, textMarks, skipReason }: AddedBlob,
  ): void {
    this.#blobs.push({ oid, language, textLanguage, textMarks, blobNo, skipReason });
  }

  finish(): ExtractedUnit {
    return { segmentId: this.#segmentId, segment: this.#builder.finish(), blobs: this.#blobs };
  }
}
