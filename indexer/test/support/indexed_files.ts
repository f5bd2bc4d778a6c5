/**
 * The shortest way from files to their index: what most tests of index jobs begin and end with.
 */
import { dumpIndex } from "./dump.ts";
import { commitFiles, type HostedFiles } from "./hosted_commits.ts";
import type { Indexing, RegisteredRepository } from "./indexing.ts";

/** Commits the files to a new repository, registers it, and indexes it. */
export async function indexFiles(indexing: Indexing, files: HostedFiles) {
  const hosted = await indexing.createHosted();
  const commitOid = await commitFiles(hosted.directory, files);
  const repository = await indexing.register(hosted);
  await indexing.work();
  return { hosted, repository, commitOid };
}

/** What a repository's first tree holds, its files by path. */
export async function dumpTree({ database }: Indexing, repository: RegisteredRepository) {
  const [tree] = await dumpIndex(database.admin, repository);
  if (tree === undefined) throw new Error("no tree");
  return { tree, files: new Map(tree.files.map((each) => [each.path, each])) };
}
