/**
 * Brings the index of one ref to the ref's newest commit: fetch, compare, extract what is missing,
 * write, publish. Orchestration alone; every step is elsewhere.
 */
import { JobError } from "../errors.ts";
import { type JobOutcome, type JobResult, type JobRun, NO_PROGRESS } from "../job.ts";
import type { PipelineResult } from "../pipeline/pipeline.ts";
import { EXTRACTOR_VERSION } from "../segment/extractor_version.ts";
import { IndexStore } from "../store/index_store.ts";
import type { BlobKey, IndexedBlob } from "../store/indexed_blobs.ts";
import type { Base } from "../store/published.ts";
import { TreePackStore } from "../store/tree_pack_store.ts";
import { lookForAnnounced, refuseUnknownRef } from "./announced.ts";
import { placesOf, withoutKnown } from "./blob_places.ts";
import { changedLanguages, compareTrees, isCurrent } from "./compare_trees.ts";
import { type Doubt, isDefaultBranchAnother, refuseFormerDefaultBranch } from "./default_branch.ts";
import { extractBlobs } from "./extract_blobs.ts";
import { History } from "./history.ts";
import { type Plan, planOfNothing } from "./plan.ts";
import { type Head, openSource, type Source } from "./source.ts";
import type { JobTools } from "./tools.ts";
import { reportingWholeJob } from "./whole_progress.ts";
import { encodeTreeChanges } from "./tree_changes.ts";
import { TreeSeed } from "./tree_seed.ts";

/** What a published tree can be asked for. */
const FEATURES = ["text", "symbols"];

/** The job of kind index. */
export async function indexRef(phased: JobRun, tools: JobTools): Promise<JobResult> {
  const job = reportingWholeJob(phased);
  const { claim } = job;
  if (claim.ref === null) throw new JobError("invalid_ref", "no ref");
  // Whatever ends the job ends its fetch and its reads too.
  const scope = new AbortController();
  const signal = AbortSignal.any([job.signal, scope.signal]);
  const source = await openSource({
    claim,
    ref: claim.ref,
    signal,
    onFetchProgress: (progress) => job.report("fetching", progress),
  }, tools);
  try {
    return await new IndexRun({ ...job, signal }, tools, source).run();
  } finally {
    scope.abort();
    await source.remove();
  }
}

/** What is to be indexed: the head, what it is compared with, and what the index has of it already. */
interface Content {
  readonly head: Head;
  readonly base: Base;
  readonly plan: Plan;
  readonly known: readonly IndexedBlob[];
}

type Extracted = Pick<PipelineResult, "segmentIds" | "blobs" | "symbolCount" | "termCount">;

const NOTHING_EXTRACTED: Extracted = { segmentIds: [], blobs: [], symbolCount: 0, termCount: 0 };

class IndexRun {
  readonly #job: JobRun;
  readonly #tools: JobTools;
  readonly #source: Source;
  readonly #index: IndexStore;
  readonly #history: History;
  readonly #seed: TreeSeed;
  readonly #times: Record<string, number> = {};
  /** What is published of the ref once its text is; null: it is not published by itself. */
  #textBase: Base | null = null;

  constructor(job: JobRun, tools: JobTools, source: Source) {
    this.#job = job;
    this.#tools = tools;
    this.#source = source;
    this.#index = new IndexStore(tools.connection, job.claim, job.signal, tools.failpoint);
    this.#history = new History(job, tools.queue);
    this.#seed = new TreeSeed(
      new TreePackStore(tools.connection, job.claim, job.signal),
      job.log,
    );
  }

  async run(): Promise<JobResult> {
    const { full, commitOid: hint, defaultBranch } = this.#job.claim.payload;
    this.#job.report("fetching", NO_PROGRESS);
    // While the database is asked: the lease is ours, so that what is published stays what it is.
    if (this.#mayBeSeeded) this.#source.askAhead();
    const base = await this.#index.readBase();
    if (defaultBranch !== null) await isDefaultBranchAnother(this.#doubt);
    let head = await this.#fetchHead(base);
    if (head !== null && head.commitOid === base.commitOid && !full && isCurrent(base)) {
      const isAnnounced = hint !== null && hint !== head.commitOid;
      if (!isAnnounced || !await this.#source.waitForMove(head.commitOid)) {
        await this.#seed.keep(head, this.#source);
        return await this.#finish("unchanged", head.commitOid, { reason: "same commit" });
      }
      head = await this.#fetchHead(base);
    }
    this.#times.fetch_milliseconds = this.#history.lap();
    await this.#tools.failpoint("after_fetch");
    if (head === null) return await this.#publishEmpty(base);
    this.#history.note("fetched", head.commitOid, {
      milliseconds: this.#times.fetch_milliseconds,
      bytes: await this.#source.fetchedBytes(),
      by: head.by,
    });
    return await this.#indexHead(head, base, full);
  }

  get #doubt(): Doubt {
    return { claim: this.#job.claim, source: this.#source, index: this.#index };
  }

  /** An attempt that follows another does without what may have been the cause of its end. */
  get #mayBeSeeded(): boolean {
    return !this.#job.claim.payload.full && this.#job.claim.attempt === 1;
  }

  async #fetchHead(base: Base): Promise<Head | null> {
    return await this.#source.fetchHead({
      withBlobs: this.#job.claim.payload.full,
      seed: this.#mayBeSeeded && isCurrent(base) ? await this.#seed.load(base) : null,
      onSeedRefused: (error) => this.#seed.refuse(error),
    });
  }

  async #indexHead(head: Head, base: Base, full: boolean): Promise<JobResult> {
    this.#job.report("diffing", NO_PROGRESS);
    // While the database is asked. A failure to load shows where the parser is used.
    this.#tools.localParser.load(changedLanguages(head)).catch(() => undefined);
    const plan = await compareTrees(head, {
      index: this.#index,
      source: this.#source,
      base,
      full,
    });
    const known = full ? [] : await this.#index.findBlobs(plan.needs, EXTRACTOR_VERSION);
    const missing = withoutKnown(plan.needs, known);
    this.#times.diff_milliseconds = this.#history.lap();
    this.#history.note("diffed", "", {
      milliseconds: this.#times.diff_milliseconds,
      files: plan.fileCount,
      changed: plan.changed.length,
      removed: plan.removed.length,
      blobs_missing: missing.length,
    });
    await this.#tools.failpoint("after_diff");
    const areAll = plan.changed.length === plan.fileCount && missing.length === plan.needs.length;
    const content: Content = { head, base, plan, known };
    const extracted = await this.#extract(content, missing, { full, areAll });
    const published = await this.#publish(content, extracted);
    await (plan.isSound ? this.#seed.keep(head, this.#source) : this.#seed.drop(head.commitOid));
    const isFirst = !base.hasSymbols;
    const contentChangedCount = plan.changed.length - plan.modesChangedCount;
    const isChanged = isFirst || contentChangedCount + plan.removed.length > 0;
    const reason = plan.modesChangedCount > 0 ? "same content" : "same files";
    const changed = plan.fileCount === 0 ? "empty" : "indexed";
    return await this.#finish(isChanged ? changed : "unchanged", head.commitOid, {
      ...(isChanged ? {} : { reason }),
      files: plan.fileCount,
      changed: contentChangedCount,
      modes_changed: plan.modesChangedCount,
      removed: plan.removed.length,
      segments: published,
      symbols: extracted.symbolCount,
      terms: extracted.termCount,
      blobs_fetched: missing.length,
    });
  }

  async #extract(
    content: Content,
    missing: readonly BlobKey[],
    { full, areAll }: { readonly full: boolean; readonly areAll: boolean },
  ) {
    if (missing.length === 0) return NOTHING_EXTRACTED;
    const { head, base } = content;
    const oids = [...new Set(missing.map(({ oid }) => oid))];
    const sizes = full
      ? await this.#source.seal(oids)
      : await this.#source.bringBlobs(head, oids, areAll);
    this.#times.fetch_blobs_milliseconds = this.#history.lap();
    const extracted = await extractBlobs(missing, sizes, {
      job: this.#job,
      tools: this.#tools,
      index: this.#index,
      objects: this.#source.objects,
      publishText: base.takesText ? (text) => this.#publishText(content, text) : null,
    });
    this.#times.parse_milliseconds = extracted.extractMilliseconds;
    return extracted;
  }

  /** The tree with the text of its files: it is searched while the symbols are extracted. */
  async #publishText({ head, base, plan, known }: Content, text: Extracted): Promise<void> {
    const changes = await this.#writeChanges(plan, placesOf(known, text.blobs), text.segmentIds);
    await this.#tools.failpoint("before_text");
    this.#textBase = await this.#index.publishText({ commitOid: head.commitOid, ...changes }, base);
    this.#times.text_milliseconds = this.#history.sinceStart();
    await this.#tools.failpoint("after_text");
  }

  /** Answers how many segments were published. */
  async #publish({ head, base, plan, known }: Content, extracted: Extracted): Promise<number> {
    this.#job.report("writing", NO_PROGRESS);
    const changes = this.#textBase === null
      ? await this.#writeChanges(plan, placesOf(known, extracted.blobs), extracted.segmentIds)
      : { segmentIds: extracted.segmentIds, changesSegmentId: null };
    await this.#tools.failpoint("after_copy");
    // COPY begins while the last blobs are parsed; here counts what came after them.
    this.#times.write_milliseconds = this.#history.lap() - (this.#times.parse_milliseconds ?? 0);
    this.#history.note("written", "", {
      milliseconds: this.#times.write_milliseconds,
      segments: changes.segmentIds.length,
    });
    await this.#history.settle();
    this.#job.report("publishing", NO_PROGRESS);
    await this.#tools.failpoint("before_publish");
    await this.#index.publish({
      commitOid: head.commitOid,
      segmentIds: changes.segmentIds,
      changesSegmentId: changes.changesSegmentId,
      features: FEATURES,
      extractorVersion: EXTRACTOR_VERSION,
    }, this.#textBase ?? base);
    this.#times.publish_milliseconds = this.#history.lap();
    await this.#tools.failpoint("after_publish");
    return changes.segmentIds.length;
  }

  /** Copies the changes of the tree into a segment of this job; without changes there is none. */
  async #writeChanges(
    plan: Plan,
    blobs: ReadonlyMap<string, IndexedBlob>,
    segmentIds: readonly bigint[],
  ) {
    if (plan.changed.length + plan.removed.length === 0) {
      return { segmentIds, changesSegmentId: null };
    }
    const first = segmentIds[0];
    const changesSegmentId = first ?? await this.#index.openSegment();
    await this.#index.writeTreeChanges(
      changesSegmentId,
      encodeTreeChanges(changesSegmentId, plan, blobs),
    );
    return {
      segmentIds: first === undefined ? [changesSegmentId] : segmentIds,
      changesSegmentId,
    };
  }

  /**
   * The ref has no commit, or is gone: so is what was indexed of it. A default branch without one is
   * a new repository's, and published as such: otherwise every search would call it not indexed.
   */
  async #publishEmpty(base: Base): Promise<JobResult> {
    const { ref, defaultBranch } = this.#job.claim;
    const isFirst = base.generation === null;
    const isDefault = ref === `refs/heads/${defaultBranch}`;
    if (isFirst && !isDefault) await refuseUnknownRef(this.#job.claim, this.#source);
    if (isDefault) await refuseFormerDefaultBranch(this.#doubt);
    const files = isFirst ? [] : await this.#index.readTree();
    if (isFirst || files.length > 0 || base.commitOid !== null) {
      const changes = await this.#writeChanges(planOfNothing(files), new Map(), []);
      await this.#history.settle();
      await this.#index.publish({
        commitOid: null,
        ...changes,
        features: FEATURES,
        extractorVersion: EXTRACTOR_VERSION,
      }, base);
    }
    return await this.#finish("empty", null, { removed: files.length });
  }

  async #finish(
    outcome: JobOutcome,
    commitOid: string | null,
    facts: Readonly<Record<string, string | number>>,
  ): Promise<JobResult> {
    await this.#history.settle();
    const bytesFetched = await this.#source.fetchedBytes();
    await lookForAnnounced(this.#job.claim, commitOid, this.#source);
    return {
      outcome,
      commitOid,
      report: {
        ...facts,
        bytes_fetched: bytesFetched,
        ...this.#times,
        peak_rss_bytes: this.#tools.peakRssBytes(),
      },
    };
  }
}
