// With --keep: how to go on by hand, until somebody stops it.

import { once } from "node:events";
import { query } from "../client/quarry_client.ts";
import type { DemoStack } from "./demo_stack.ts";
import type { Needles } from "./needles.ts";
import { span } from "./spans.ts";
import type { Tour } from "./tour.ts";

/** Prints commands that work as they stand and waits for the signal. */
export async function keepStep(
  { screen, stack, signal, fullName, repository }: Tour,
  { isInStackFile }: DemoStack,
  repositoryId: string,
  { literal, symbolWord }: Needles,
): Promise<void> {
  const api = `${stack.functionsUrl}/api`;
  const curl = `curl -H 'Authorization: Bearer ${stack.apiKey}'`;
  const search = query({ mode: "literal", q: literal ?? "return", repository: fullName, limit: 3 });
  const symbols = query({ name: symbolWord ?? "main", match: "infix", limit: 3 });
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
  const where = isInStackFile
    ? ".local/stack.json has these addresses and the key."
    : "Another stack of this checkout has .local/stack.json; this one runs beside it.";
  screen.row([span("faint", where)]);
  screen.row(["Everything stays up until Ctrl-C."]);
  if (!signal.aborted) await once(signal, "abort");
}
