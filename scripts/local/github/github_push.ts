// Builds the payload of a push event from what a push changed.
// Stands for: GitHub's push payload. Leaves out: avatars, node ids, and everything else nobody reads.

import { git } from "./git_process.ts";
import type { RefChange, Refs } from "./git_refs.ts";
import { fullName, type HostedRepository } from "./github_repositories.ts";
import { pushedRepositoryView } from "./github_views.ts";

/** As GitHub caps the list. */
const COMMITS_MAX = 2048;
const NO_OID = "0".repeat(40);
/** Marks that no sane message holds: start of a commit, between fields, end of the fields. */
const FORMAT = "format:%x01%H%x02%T%x02%an%x02%ae%x02%cn%x02%ce%x02%cI%x02%B%x03";

interface PushCommit {
  id: string;
  tree_id: string;
  distinct: boolean;
  message: string;
  timestamp: string;
  url: string;
  author: { name: string; email: string };
  committer: { name: string; email: string };
  added: string[];
  removed: string[];
  modified: string[];
}

/** The push event of one changed ref. `refsBefore` is what the repository had before the push. */
export async function pushPayload(
  repository: HostedRepository,
  change: RefChange,
  refsBefore: Refs,
  baseUrl: string,
) {
  const { before, after } = change;
  const url = `${baseUrl}/${fullName(repository)}`;
  const [commits, head, isFastForward] = await Promise.all([
    readNewCommits(repository, change, refsBefore, url),
    after === null ? null : readHead(repository, after, url),
    before === null || after === null || isAncestor(repository, before, after),
  ]);
  const person = { name: repository.owner, email: `${repository.owner}@users.noreply.github.com` };
  return {
    ref: change.ref,
    before: before ?? NO_OID,
    after: after ?? NO_OID,
    created: before === null,
    deleted: after === null,
    forced: !isFastForward,
    base_ref: null,
    compare: `${url}/compare/${(before ?? NO_OID).slice(0, 12)}...${
      (after ?? NO_OID).slice(0, 12)
    }`,
    commits,
    head_commit: head,
    repository: pushedRepositoryView(repository, baseUrl),
    pusher: person,
    sender: { login: repository.owner, type: "User" },
  };
}

async function readNewCommits(
  repository: HostedRepository,
  { ref, before, after }: RefChange,
  refsBefore: Refs,
  url: string,
): Promise<PushCommit[]> {
  if (after === null || !ref.startsWith("refs/heads/")) return [];
  const known = before === null ? [...new Set(refsBefore.values())] : [before];
  const range = [after, ...known.map((oid) => `^${oid}`)];
  return await readLog(repository, url, ["--reverse", `--max-count=${COMMITS_MAX}`, ...range]);
}

async function readHead(
  repository: HostedRepository,
  after: string,
  url: string,
): Promise<PushCommit | null> {
  // A tag may point to something that is no commit.
  const log = await readLog(repository, url, ["--max-count=1", after]).catch(() => []);
  return log[0] ?? null;
}

async function readLog(
  repository: HostedRepository,
  url: string,
  args: string[],
): Promise<PushCommit[]> {
  const shape = ["-z", "--name-status", "--no-renames", "--diff-merges=first-parent", "--root"];
  const log = await git(repository.directory, "log", `--format=${FORMAT}`, ...shape, ...args, "--");
  return log.split("\x01").slice(1).map((text) => parseCommit(text, url));
}

function parseCommit(text: string, url: string): PushCommit {
  const end = text.lastIndexOf("\x03");
  const [
    id = "",
    tree = "",
    author = "",
    authorEmail = "",
    committer = "",
    email = "",
    at = "",
    message = "",
  ] = text.slice(0, end).split("\x02");
  const paths: Record<string, string[]> = { A: [], D: [], M: [], T: [] };
  const fields = text.slice(end + 1).split("\0").map((field) => field.replace(/^\n+/, ""))
    .filter((field) => field !== "");
  for (let index = 0; index + 1 < fields.length; index += 2) {
    paths[fields[index] ?? ""]?.push(fields[index + 1] ?? "");
  }
  return {
    id,
    tree_id: tree,
    distinct: true,
    message: message.trimEnd(),
    timestamp: at,
    url: `${url}/commit/${id}`,
    author: { name: author, email: authorEmail },
    committer: { name: committer, email },
    added: paths["A"] ?? [],
    removed: paths["D"] ?? [],
    modified: [...(paths["M"] ?? []), ...(paths["T"] ?? [])],
  };
}

async function isAncestor(
  repository: HostedRepository,
  before: string,
  after: string,
): Promise<boolean> {
  return await git(repository.directory, "merge-base", "--is-ancestor", before, after)
    .then(() => true, () => false);
}
