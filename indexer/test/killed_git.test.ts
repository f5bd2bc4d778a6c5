import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commitFiles, file } from "./support/hosted_commits.ts";
import { createIndexing, type Indexing } from "./support/indexing.ts";

/** Before git in PATH: reads of blobs are killed, as by a machine that runs out of memory. */
const KILLED = `#!/bin/sh
PATH="\${PATH#*:}"
case "$*" in
  "cat-file --batch --buffer") git "$@" | head -c "$ANSWER_BYTES"; kill -9 $$ ;;
esac
exec git "$@"
`;

let indexing: Indexing;
let directory: string;
beforeAll(async () => {
  indexing = await createIndexing();
  directory = await mkdtemp(path.join(os.tmpdir(), "quarry-killed-git-"));
});
afterAll(async () => {
  await rm(directory, { recursive: true });
  await indexing[Symbol.asyncDispose]();
});

/** The environment of an indexer whose git is killed when it has answered so many bytes. */
async function killedAfter(answerBytes: number) {
  const git = path.join(directory, "git");
  await writeFile(git, KILLED.replace("$ANSWER_BYTES", String(answerBytes)));
  await chmod(git, 0o755);
  return { PATH: `${directory}:${process.env["PATH"] ?? ""}` };
}

test.each([
  ["between two blobs", 0],
  ["in the middle of an answer", 20],
  ["in the middle of a blob", 60],
])(
  "a git that is killed %s is an error of git's, on the main thread and on another",
  async (_, bytes) => {
    const hosted = await indexing.createHosted();
    await commitFiles(
      hosted.directory,
      new Map([["a.ts", file("export const a = 1;\n".repeat(9))]]),
    );
    const repository = await indexing.register(hosted);
    const environment = await killedAfter(bytes);
    // The second attempt has a thread, however small it is.
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      await (await indexing.start({ environment })).ended;
      await indexing.passTime();
    }
    expect(await indexing.lastJob(repository)).toMatchObject({
      state: "queued",
      errors: [{ code: "git_failed" }, { code: "git_failed" }],
    });
    await (await indexing.start()).ended;
    expect(await indexing.lastJob(repository)).toMatchObject({ state: "completed", attempt: 3 });
  },
);
