/**
 * An outline as the database stores it, or as base64 of that, becomes what the indexer packed.
 */
import { type Outline, unpackOutline } from "../_shared/segment/outline.ts";
import { readBytes, unpackBytes } from "../_shared/segment/stored_text.ts";

/** Far more than the outline of the largest file that is parsed. */
const OUTLINE_BYTES_MAX = 64 * 1024 * 1024;

const EMPTY: Outline = { definitions: [], imports: [], references: [] };

/** The outline of a blob; an empty one where nothing was found in it. */
export function readOutline(stored: string | Uint8Array | null): Outline {
  if (stored === null) return EMPTY;
  return unpackOutline(
    typeof stored === "string"
      ? readBytes(stored, OUTLINE_BYTES_MAX)
      : unpackBytes(stored, OUTLINE_BYTES_MAX),
  );
}
