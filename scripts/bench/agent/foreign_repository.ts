// The repository that the questions are about: the sources that an npm package ships, in the version
// that the lock pins, committed and pushed to a stack's host, and indexed there.

import { cp } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Stack } from "../../local/stack.ts";
import { git } from "../command.ts";

/** Its name at the stack's host. */
export const FOREIGN_REPOSITORY = "colinhacks/zod";
const POLL_MILLISECONDS = 50;
const INDEX_SECONDS_MAX = 120;

/** Pushes it from an empty folder, which becomes its checkout, and waits for its index. */
export async function indexForeignRepository(
  stack: Stack,
  root: string,
  checkout: string,
): Promise<void> {
  const from = path.join(root, "node_modules/zod");
  await cp(path.join(from, "src"), path.join(checkout, "src"), { recursive: true });
  await cp(path.join(from, "package.json"), path.join(checkout, "package.json"));
  await git(checkout, ["init", "--quiet", "--initial-branch=main"]);
  await git(checkout, ["add", "--all"]);
  await git(checkout, ["commit", "--quiet", "-m", "The sources of the package"]);
  await stack.github.createRepository(FOREIGN_REPOSITORY);
  const remote = `${stack.githubUrl}/${FOREIGN_REPOSITORY}.git`;
  await git(checkout, ["push", "--quiet", remote, "HEAD:refs/heads/main"]);
  const headers = { authorization: `Bearer ${stack.apiKey}` };
  const body = JSON.stringify({ repository: FOREIGN_REPOSITORY });
  const api = `${stack.functionsUrl}/api/repositories`;
  await fetch(api, { method: "POST", headers, body });
  const deadline = performance.now() + INDEX_SECONDS_MAX * 1000;
  while (performance.now() < deadline) {
    const listed = await (await fetch(api, { headers })).text();
    // The one repository of this stack: ready once its first index is published.
    if (listed.includes('"state":"ready"')) return;
    await sleep(POLL_MILLISECONDS);
  }
  throw new Error(`${FOREIGN_REPOSITORY} was not indexed within ${INDEX_SECONDS_MAX} s`);
}
