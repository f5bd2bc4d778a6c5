/**
 * An outline as the database stores it, base64 of raw deflate, becomes what the indexer packed.
 */
import { type Outline, unpackOutline } from "../_shared/segment/outline.ts";

const EMPTY: Outline = { definitions: [], imports: [], references: [] };

/** The outline of a blob; an empty one where nothing was found in it. */
export async function readOutline(stored: string | null): Promise<Outline> {
  if (stored === null) return EMPTY;
  // PostgreSQL breaks base64 into lines.
  const binary = atob(stored.replaceAll("\n", ""));
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = binary.charCodeAt(index);
  const inflated = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return unpackOutline(new Uint8Array(await new Response(inflated).arrayBuffer()));
}
