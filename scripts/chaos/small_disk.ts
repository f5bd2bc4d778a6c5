// A work area with next to no room: a file system of its own, so that what is written there meets the
// real "no space left on device". Mounting one needs the rights of root; without them there is none. What
// a machine leaves on it goes with it, as its own disk would.

import { execFile } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { promisify } from "node:util";

/** Room for the folder of a repository, not for what is fetched into it. */
const SIZE = "48k";
const run = promisify(execFile);

export class SmallDisk implements AsyncDisposable {
  readonly #path: string;
  #mounted: Promise<string> | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  /** Its path; mounts it at the first call, and rejects where that is not allowed. */
  directory(): Promise<string> {
    return this.#mounted ??= this.#mount();
  }

  async #mount(): Promise<string> {
    await mkdir(this.#path);
    await run("mount", ["-t", "tmpfs", "-o", `size=${SIZE}`, "tmpfs", this.#path]);
    return this.#path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const isMounted = await this.#mounted?.then(() => true, () => false) ?? false;
    if (isMounted) await run("umount", ["--lazy", this.#path]);
    await rm(this.#path, { recursive: true, force: true });
  }
}
