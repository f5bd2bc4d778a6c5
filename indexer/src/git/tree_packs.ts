/**
 * The commit and tree objects of an earlier commit, as packs: laid into a fresh repository, they let
 * the host send only what has changed since. Files alone; does not run git.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";

/** A pack as it lies in an object store. */
export interface TreePack {
  /** The hash in the names of its files. */
  readonly name: string;
  readonly pack: Uint8Array;
  readonly index: Uint8Array;
}

/** A commit in here has the parents that its line says: none. */
const GRAFTS = "info/grafts";

/** Packs that together hold a commit and all of its trees. */
export interface Seed {
  readonly commitOid: string;
  readonly packs: readonly TreePack[];
}

/**
 * What to ask for, given an earlier commit: the commits and trees since then, of which a push has
 * few, another history many and a host that has forgotten the commit all; or the newest commit's
 * alone, for which the host walks every tree of the earlier one.
 */
export type Since =
  | { readonly kind: "history"; readonly bytesMax: number }
  | { readonly kind: "trees" };

/** What the packs take, in bytes. */
export function sizeOf(packs: readonly TreePack[]): number {
  return packs.reduce((sum, { pack, index }) => sum + pack.length + index.length, 0);
}

/**
 * Lays the packs into a repository whose history ends at the commit. The host is told so (shallow), or
 * takes it that the commits before are there too: then only git here must not look for them.
 */
export async function layOutSeed(
  directory: string,
  seed: Seed,
  isShallow: boolean,
): Promise<void> {
  const packs = path.join(directory, "objects", "pack");
  await mkdir(packs, { recursive: true });
  await mkdir(path.join(directory, path.dirname(GRAFTS)), { recursive: true });
  await Promise.all([
    writeFile(path.join(directory, isShallow ? "shallow" : GRAFTS), `${seed.commitOid}\n`),
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

/** Reads a pack; `store` is where the files are. */
export async function readPack(store: string, name: string): Promise<TreePack> {
  const stem = path.join(store, `pack-${name}`);
  const [pack, index] = await Promise.all([readFile(`${stem}.pack`), readFile(`${stem}.idx`)]);
  return { name, pack, index };
}
