/**
 * The parameter `repository` of a search: an id, or a name in each form that
 * registering takes.
 */
import { id } from "../_shared/contracts/ids.ts";
import { parseRepositoryName } from "../_shared/contracts/repository_name.ts";
import { notFound } from "../_shared/runtime/problem.ts";

/** The filter for the database; what can be neither is answered like one that nobody has. */
export function repositoryFilter(
  input: string | undefined,
  allowedHosts: readonly string[],
): string | null {
  if (input === undefined) return null;
  const parsed = parseRepositoryName(input, allowedHosts);
  if (parsed.outcome === "ok") {
    return `${parsed.repository.owner}/${parsed.repository.name}`.toLowerCase();
  }
  if (!id.safeParse(input).success) throw notFound();
  return input.toLowerCase();
}
