/**
 * The commit and tree objects of an earlier commit, as packs: laid into a fresh repository, they let
 * the host send only what has changed since. Files alone; does not run git.
 */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";

/** A pack as it lies in an object store. */
export interface TreePack {
  /** The hash in the names of its files. */
  readonly name: string;
  readonly pack: Uint8Array;
  readonly index: Uint8Array;
}

/** Packs that together hold a commit and all of its trees. */
export interface Seed {
  readonly commitOid: string;
  readonly packs: readonly TreePack[];
}

const PACK_NAME = /^pack-([0-9a-f]{40}|[0-9a-f]{64})\.pack$/;

/** What the packs take, in bytes. */
export function sizeOf(packs: readonly TreePack[]): number {
  return packs.reduce((sum, { pack, index }) => sum + pack.length + index.length, 0);
}

/** Lays the packs into a repository, whose history ends at the commit. */
export async function layOutSeed(directory: string, seed: Seed): Promise<void> {
  const packs = path.join(directory, "objects", "pack");
  await mkdir(packs, { recursive: true });
  await Promise.all([
    writeFile(path.join(directory, "shallow"), `${seed.commitOid}\n`),
    ...seed.packs.flatMap(({ name, pack, index }) => {
      const stem = path.join(packs, `pack-${name}`);
      return [
        writeFile(`${stem}.pack`, pack),
        writeFile(`${stem}.idx`, index),
        // What a pack of this kind refers to and nobody has is the host's to give.
        writeFile(`${stem}.promisor`, ""),
      ];
    }),
  ]);
}

/** The names of the packs that are in the store. */
export async function packNames(directory: string): Promise<string[]> {
  const names = await readdir(path.join(directory, "objects", "pack")).catch(() => []);
  return names.flatMap((name) => PACK_NAME.exec(name)?.[1] ?? []);
}

/** Reads a pack; `store` is where the files are. */
export async function readPack(store: string, name: string): Promise<TreePack> {
  const stem = path.join(store, `pack-${name}`);
  const [pack, index] = await Promise.all([readFile(`${stem}.pack`), readFile(`${stem}.idx`)]);
  return { name, pack, index };
}
