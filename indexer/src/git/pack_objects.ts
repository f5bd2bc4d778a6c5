/**
 * Packs objects of a repository, for somebody else to keep. Does not know what they are.
 */
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { type GitCommand, startGit } from "./process.ts";
import { readPack, type TreePack } from "./tree_packs.ts";

/** Beside the repository's own packs: it has no use for this one. */
const STORE = "kept";

/** Packs the objects with these oids, a line each. `command` says where and how; its args are not used. */
export async function packObjects(command: GitCommand, oids: Buffer): Promise<TreePack> {
  const store = path.join(command.directory, STORE);
  await mkdir(store, { recursive: true });
  const git = startGit({ ...command, args: ["pack-objects", "--quiet", `${STORE}/pack`] });
  git.stdin.end(oids);
  const chunks: Buffer[] = [];
  for await (const chunk of git.stdout) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  await git.ended;
  return await readPack(store, Buffer.concat(chunks).toString("latin1").trim());
}
