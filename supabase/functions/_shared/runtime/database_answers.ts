/**
 * What the SQL functions of schema `api` answer, parsed where it enters. Knows no HTTP: an outcome
 * is the database's word, which routes translate.
 */
import { z } from "zod";
import { jobEvent } from "../contracts/event.ts";
import { overviewAnswer, treeEntry } from "../contracts/graph.ts";
import { id } from "../contracts/ids.ts";
import { job } from "../contracts/job.ts";
import {
  missingSymbolsReasons,
  skippedFile,
  skippedFilesHead,
  skipReasons,
} from "../contracts/lists.ts";
import { indexedFile } from "../contracts/navigation.ts";
import { repository } from "../contracts/repository.ts";
import { readText } from "../segment/stored_text.ts";

const notFound = z.object({ outcome: z.literal("not_found") });
const cursorExpired = z.object({ outcome: z.literal("cursor_expired") });
const limitReached = z.object({ outcome: z.literal("limit_reached"), limit: z.int() });

function page<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next_cursor: z.json() });
}

export const authenticateAnswer = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("unknown") }),
  z.object({
    outcome: z.enum(["ok", "limited"]),
    tenant_id: id,
    api_key_id: id,
    limit: z.int(),
    remaining: z.int(),
    retry_after_seconds: z.int(),
  }),
]);

export const registerAnswer = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.enum(["created", "existing"]), repository, job }),
  limitReached,
  z.object({ outcome: z.literal("refs_limit_reached"), limit: z.int() }),
  notFound,
]);

/** A webhook that is still to be created, with the secret to sign with. */
export const pendingHook = z.object({
  repository_id: id,
  full_name: z.string(),
  secret: z.string(),
  token: z.string().nullable(),
});
export type PendingHook = z.infer<typeof pendingHook>;

export const recordDeliveryAnswer = z.object({
  outcome: z.enum(["enqueued", "ignored", "pong", "duplicate", "not_found"]),
  job_id: id.nullable(),
});

export const setRefsAnswer = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("ok"), repository }),
  limitReached,
  notFound,
]);

export const requestIndexAnswer = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("enqueued"), job }),
  limitReached,
  notFound,
]);

export const cancelJobAnswer = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.enum(["cancelled", "requested", "conflict"]), job }),
  notFound,
]);

export const redriveJobAnswer = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.enum(["enqueued", "conflict"]), job }),
  limitReached,
  notFound,
]);

/** What is needed to remove the webhook of a repository that was deleted. */
export const deletedHook = z.object({
  full_name: z.string(),
  hook_id: z.int().nullable(),
  token: z.string().nullable(),
});
export type DeletedHook = z.infer<typeof deletedHook>;

export const deleteRepositoryAnswer = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("enqueued"), job, hook: deletedHook }),
  notFound,
]);

export const repositoryPage = page(repository);
export const jobPage = page(job).nullable();
export const jobEventPage = page(jobEvent).nullable();
export const skippedFilePage = page(skippedFile).extend(skippedFilesHead.shape).nullable();

/** What of the scope of an answer is not there. */
const scopeCounts = { unindexed: z.int(), symbols_pending: z.int(), access_lost: z.int() };
const namesScope = { ...scopeCounts, stopped: z.boolean() };
/** The blob that has an outline, as read_outlines takes it. */
const outlineBlob = z.string().nullable();
/** A definition that was found; the rest of it is in its blob's outline. */
const foundSymbol = z.object({
  name: z.string(),
  kind: z.string(),
  path: z.string(),
  /** Its index among the outline's definitions. */
  symbol_no: z.int(),
  /** As read_outlines takes it. */
  blob: z.string(),
  repository: z.string(),
  ref: z.string(),
  commit_oid: z.string(),
});
export type FoundSymbol = z.infer<typeof foundSymbol>;

export const searchSymbolsAnswer = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("ok"),
    symbols: z.array(foundSymbol),
    next_cursor: z.json(),
    ...namesScope,
  }),
  cursorExpired,
  notFound,
]);

/** A launch: its row exists before any call. */
export const plannedLaunch = z.object({
  launch_id: id,
  name: z.string(),
  /** The stopped machine to start; null: one is created. */
  machine_id: z.string().nullable(),
  /** Where a machine did not come up lately. */
  avoided_regions: z.array(z.string()),
});
export type PlannedLaunch = z.infer<typeof plannedLaunch>;

/** A machine to destroy, if it exists (id null: nobody knows), or that should be at rest (stopped). */
export const leftoverMachine = z.object({
  launch_id: id,
  /** The launch that created it. */
  created_by: id,
  machine_id: z.string().nullable(),
  leftover: z.enum(["condemned", "stopped"]),
});
export type LeftoverMachine = z.infer<typeof leftoverMachine>;

/** The figures are for operators and pass through as they are. */
export const healthAnswer = z.looseObject({ status: z.enum(["ok", "unavailable"]) });

const notIndexed = z.object({ outcome: z.literal("not_indexed") });
/** Outcomes of a tree of which symbols are asked for. */
const noSymbols = [
  z.object({ outcome: z.literal("symbols_pending") }),
  notIndexed,
  notFound,
] as const;
const chunk = z.object({ first_line: z.int(), content: z.string().transform(readText) });
type Ok<Answer> = Extract<Answer, { readonly outcome: "ok" }>;
const readTree = { repository: z.string(), ref: z.string(), commit_oid: z.string().nullable() };
/** `state`: the tree in this generation, by a name that no other has. */
const publishedTree = { outcome: z.literal("ok"), ...readTree, state: z.string() };

export const readFileAnswer = z.discriminatedUnion("outcome", [
  z.object({
    ...publishedTree,
    path: z.string(),
    language: z.string(),
    size_bytes: z.int().nullable(),
    line_count: z.int().nullable(),
    last_chunk: chunk.nullable(),
    skip_reason: z.enum(skipReasons).nullable(),
    symbols_skip_reason: z.enum(missingSymbolsReasons).nullable(),
    /** Base64. */
    outline: z.string().nullable(),
    chunks: z.array(chunk),
  }),
  z.object({ outcome: z.literal("commit_not_indexed"), commit_oid: z.string().nullable() }),
  z.object({ outcome: z.literal("file_not_found") }),
  notIndexed,
  notFound,
]);

const listedFiles = page(indexedFile.extend({ marks: z.int() }));
export const listFilesAnswer = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("ok"), ...readTree, ...listedFiles.shape }),
  cursorExpired,
  notIndexed,
  notFound,
]);

const outlinedFile = z.object({ path: z.string(), language: z.string(), outline: outlineBlob });
/** A file that was looked for; `text`: of its first chunks, where asked for. */
export const foundFile = outlinedFile.extend({
  kind: z.enum(["file", "settings", "folder", "suffix", "definition", "package"]),
  /** What found it: the path, folder, end of path or key that was asked for. */
  key: z.string(),
  text: z.array(z.string()).nullable()
    .transform((chunks) => chunks?.map(readText).join("\n") ?? null),
});
export type FoundFile = z.infer<typeof foundFile>;

export const findFilesAnswer = z.discriminatedUnion("outcome", [
  z.object({ ...publishedTree, files: z.array(foundFile) }),
  ...noSymbols,
]);

export const findFilesByWordAnswer = z.discriminatedUnion("outcome", [
  z.object({ ...publishedTree, files: z.array(outlinedFile), cut: z.boolean() }),
  ...noSymbols,
]);
export type FilesByWordFound = Ok<z.infer<typeof findFilesByWordAnswer>>;

/** A definition, and which of the queries found it. */
const foundDefinition = foundSymbol.extend({
  query: z.int(),
  language: z.string(),
  marks: z.int(),
});
export type FoundDefinition = z.infer<typeof foundDefinition>;

export const findDefinitionsAnswer = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("ok"),
    definitions: z.array(foundDefinition),
    cut: z.boolean(),
    state: z.string().nullable(),
    ...namesScope,
  }),
  notFound,
]);
export type DefinitionsFound = Ok<z.infer<typeof findDefinitionsAnswer>>;

/** A file in which a term occurs. */
export const occurrence = z.object({
  repository: z.string(),
  ref: z.string(),
  commit_oid: z.string(),
  path: z.string(),
  language: z.string(),
  symbols_skip_reason: z.enum(missingSymbolsReasons).nullable(),
  /** As read_outlines and read_chunks take it. */
  blob: z.string(),
  has_outline: z.boolean(),
  key: z.record(z.string(), z.json()),
});
export type Occurrence = z.infer<typeof occurrence>;

export const findOccurrencesAnswer = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("ok"),
    files: z.array(occurrence),
    next_cursor: z.json(),
    ...scopeCounts,
    skipped: z.int(),
  }),
  cursorExpired,
  notFound,
]);

export const listFolderAnswer = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("ok"), ...readTree, ...page(treeEntry).shape }),
  z.object({ outcome: z.literal("file_not_found") }),
  cursorExpired,
  notIndexed,
  notFound,
]);

const overviewCounts = overviewAnswer.pick({
  files: true,
  lines: true,
  bytes: true,
  languages: true,
  folders: true,
});

export const readOverviewAnswer = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("ok"),
    ...readTree,
    ...overviewCounts.shape,
    generation: z.int(),
    sources: z.int(),
    samples: z.array(outlinedFile),
  }),
  z.object({ outcome: z.literal("kept"), overview: overviewAnswer }),
  ...noSymbols,
]);

export const countMentionsAnswer = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("ok"), files: z.record(z.string(), z.int()) }),
  notIndexed,
  notFound,
]);
