// With --keep: how to go on by hand, until somebody stops it.

import { once } from "node:events";
import { query } from "./api.ts";
import type { DemoStack } from "./demo_stack.ts";
import { span } from "./spans.ts";
import type { Tour } from "./tour.ts";

/** Prints commands that work as they stand and waits for the signal. */
export async function keepStep(
  { screen, stack, signal, fullName, repository }: Tour,
  { isInStackFile }: DemoStack,
  repositoryId: string,
): Promise<void> {
  const api = `${stack.functionsUrl}/api`;
  const curl = `curl -H 'Authorization: Bearer ${stack.apiKey}'`;
  const search = query({ mode: "literal", q: "return", repository: fullName, limit: 3 });
  const symbols = query({ name: "main", match: "infix", limit: 3 });
  screen.step("Go on by hand");
  screen.verbatim(`${curl} '${api}/search?${search}'`);
  screen.verbatim(`${curl} '${api}/symbols?${symbols}'`);
  screen.verbatim(`${curl} '${api}/repositories/${repositoryId}'`);
  screen.verbatim(`${curl} '${api}/jobs?${query({ repository_id: repositoryId })}'`);
  screen.blank();
  const url = `${stack.githubUrl}/${fullName}.git`;
  screen.row([span("faint", "Every push is indexed; a repository of your own registers so:")]);
  screen.verbatim(`git clone ${url} --branch ${repository.branch}`);
  screen.verbatim(`git push ${stack.githubUrl}/me/project.git HEAD:main`);
  screen.verbatim(`${curl} -d '{"repository": "me/project"}' '${api}/repositories'`);
  screen.blank();
  if (isInStackFile) {
    screen.row([span("faint", ".local/stack.json has these addresses and the key.")]);
  }
  screen.row(["Everything stays up until Ctrl-C."]);
  if (!signal.aborted) await once(signal, "abort");
}
