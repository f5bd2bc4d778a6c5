/**
 * Writes commits straight into a repository of the GitHub stand-in, with any modes and any bytes in
 * names, and without a checkout: through git fast-import.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { git, gitEnvironment } from "../../../scripts/local/github/git_process.ts";

/** A path of a commit. */
export type HostedFile =
  | { readonly mode: "100644" | "100755" | "120000"; readonly content: string | Uint8Array }
  | { readonly mode: "160000"; readonly commitOid: string };

/** The files of a commit by path; a path is text, or bytes as latin1 where `bytePath` made it. */
export type HostedFiles = ReadonlyMap<string, HostedFile>;

/** An ordinary file. */
export function file(content: string | Uint8Array): HostedFile {
  return { mode: "100644", content };
}

/** A path whose bytes are these, as a key of HostedFiles. */
export function bytePath(...bytes: readonly number[]): string {
  return `\u{f0000}${Buffer.from(bytes).toString("latin1")}`;
}

/** The bytes of a key of HostedFiles. */
export function pathBytes(path: string): Buffer {
  return path.startsWith("\u{f0000}") ? Buffer.from(path.slice(2), "latin1") : Buffer.from(path);
}

let time = 1_700_000_000;

/** Makes `files` the whole content of the ref, in a commit with this parent, or none. Answers its oid. */
export async function commitFiles(
  directory: string,
  files: HostedFiles,
  ref = "refs/heads/main",
  parent: string | null = null,
): Promise<string> {
  const importer = spawn("git", ["fast-import", "--quiet", "--force"], {
    cwd: directory,
    env: gitEnvironment(),
    stdio: ["pipe", "ignore", "inherit"],
  });
  const ended = once(importer, "close");
  time += 1;
  importer.stdin.write(`reset ${ref}\ncommit ${ref}\ncommitter a <a@b> ${time} +0000\ndata 0\n`);
  if (parent !== null) importer.stdin.write(`from ${parent}\n`);
  importer.stdin.write("deleteall\n");
  for (const [path, entry] of files) {
    const name = `"${[...pathBytes(path)].map(octal).join("")}"`;
    if (entry.mode === "160000") {
      importer.stdin.write(`M 160000 ${entry.commitOid} ${name}\n`);
      continue;
    }
    const content = Buffer.from(entry.content);
    importer.stdin.write(`M ${entry.mode} inline ${name}\ndata ${content.length}\n`);
    importer.stdin.write(content);
    importer.stdin.write("\n");
  }
  importer.stdin.end("done\n");
  const [code] = await ended;
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`);
  return (await git(directory, "rev-parse", ref)).trim();
}

function octal(byte: number): string {
  return `\\${byte.toString(8).padStart(3, "0")}`;
}

/** Takes a ref away. */
export async function deleteRef(directory: string, ref: string): Promise<void> {
  await git(directory, "update-ref", "-d", ref);
}
