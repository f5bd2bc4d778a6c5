/**
 * Which files a bounded search should see first: the order of a segment's blobs is that of its
 * chunks, and chunks are read in order. Knows what a path tells; nothing is read yet.
 */
import { FILE_MARKS, type FileMarks } from "../../../supabase/functions/_shared/text/path_marks.ts";

const OTHERS = FILE_MARKS.vendored | FILE_MARKS.generated | FILE_MARKS.minified | FILE_MARKS.lock;
const BESIDE = FILE_MARKS.test | FILE_MARKS.documentation;

/** Deeper files are as good as these. */
const DEPTH_MAX = 99;
const GROUP = DEPTH_MAX + 1;

/**
 * The rank of a path with its marks, smaller for better: the project's own files before its tests and documents,
 * these before what is vendored, generated, minified or a lock; in each, shallow before deep.
 */
export function blobRank(path: string, marks: FileMarks): number {
  const depth = Math.min(path.split("/").length - 1, DEPTH_MAX);
  if ((marks & OTHERS) !== 0) return 2 * GROUP + depth;
  return (marks & BESIDE) === 0 ? depth : GROUP + depth;
}
