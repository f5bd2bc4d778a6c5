// Reads the refs of a bare repository from its files: no process, so a push costs no more for it.
// Knows git's files backend (loose refs and packed-refs); the stand-in's repositories have no other.

import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

/** Full ref names and the oids they point to, symbolic refs left out. */
export type Refs = ReadonlyMap<string, string>;

/** One ref that a push created, moved or deleted; null: it did not, or does not, exist. */
export interface RefChange {
  readonly ref: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** Every ref under refs/. */
export async function readRefs(directory: string): Promise<Refs> {
  const refs = new Map<string, string>();
  const packed = await readFile(path.join(directory, "packed-refs"), "utf8").catch(() => "");
  for (const line of packed.split("\n")) {
    const [oid = "", ref] = line.split(" ");
    if (/^[0-9a-f]{40,64}$/.test(oid) && ref !== undefined) refs.set(ref, oid);
  }
  await readLoose(directory, "refs", refs);
  return refs;
}

/** Loose refs win over packed ones. */
async function readLoose(directory: string, ref: string, refs: Map<string, string>): Promise<void> {
  const entries = await readdir(path.join(directory, ref), { withFileTypes: true }).catch(() => []);
  await Promise.all(entries.map(async (entry) => {
    const name = `${ref}/${entry.name}`;
    if (entry.isDirectory()) return await readLoose(directory, name, refs);
    if (name.endsWith(".lock")) return;
    const oid = (await readFile(path.join(directory, name), "utf8").catch(() => "")).trim();
    if (/^[0-9a-f]{40,64}$/.test(oid)) refs.set(name, oid);
  }));
}

/** What differs between two readings. */
export function changedRefs(before: Refs, after: Refs): RefChange[] {
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((ref) => {
    const change = { ref, before: before.get(ref) ?? null, after: after.get(ref) ?? null };
    return change.before === change.after ? [] : [change];
  });
}
