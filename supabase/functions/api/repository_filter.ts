/**
 * The parameter `repository` of a search: an id or OWNER/NAME.
 */
import { id } from "../_shared/contracts/ids.ts";
import { parseRepositoryName } from "../_shared/contracts/repository_name.ts";
import { notFound } from "../_shared/runtime/problem.ts";

/** The filter for the database; what can be neither is answered like one that nobody has. */
export function repositoryFilter(input: string | undefined): string | null {
  if (input === undefined) return null;
  const isName = parseRepositoryName(input, []).outcome === "ok";
  if (!isName && !id.safeParse(input).success) throw notFound();
  return input.toLowerCase();
}
