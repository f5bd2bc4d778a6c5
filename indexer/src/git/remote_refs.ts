/**
 * What a host says of its refs: the question, and what its answer means. Pure; does not run git.
 */

const ANSWER_BYTES_MAX = 65_536;
const REMOTE_MILLISECONDS_MAX = 60_000;
const HEADS = "refs/heads/";
/** Behind the ref of a tag with a message: what it points to. */
const PEELED = "^{}";
/** The ref that stands for the default branch. */
export const REMOTE_HEAD = "HEAD";

/** The command that asks where a ref is. */
export function lsRemote(ref: string) {
  return {
    args: ["ls-remote", "--symref", "origin", ref, `${ref}${PEELED}`],
    stdoutBytesMax: ANSWER_BYTES_MAX,
    timeoutMilliseconds: REMOTE_MILLISECONDS_MAX,
  };
}

/** The commit at which the ref is; null: the host has no such ref. */
export function oidOf(answer: Buffer, ref: string): string | null {
  const [peeled] = linesOf(answer, `${ref}${PEELED}`);
  const line = peeled ?? linesOf(answer, ref).find((each) => !each.startsWith("ref: "));
  return line?.split("\t")[0] ?? null;
}

/** The branch that HEAD stands for; null: the host does not say, as where it has no commit. */
export function defaultBranchOf(answer: Buffer): string | null {
  const line = linesOf(answer, REMOTE_HEAD).find((each) => each.startsWith(`ref: ${HEADS}`));
  return line?.split("\t")[0]?.slice(`ref: ${HEADS}`.length) ?? null;
}

/** The ref's own: git also answers those whose name ends with it. */
function linesOf(answer: Buffer, ref: string): string[] {
  return answer.toString("utf8").split("\n").filter((line) => line.endsWith(`\t${ref}`));
}

/** A full ref or an oid: nothing that a refspec or an option gives a meaning to. */
const FETCHABLE = /^(?:refs(?:\/[^\x00-\x20~^:?*[\\\x7f/]+)+|[0-9a-f]{40}|[0-9a-f]{64})$/;

/** Whether git may be asked to fetch this. */
export function isFetchable(refOrOid: string): boolean {
  return FETCHABLE.test(refOrOid);
}
