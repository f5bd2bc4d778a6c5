/**
 * Identifiers as they cross a boundary. Knows their form, not what they name.
 */
import { z } from "zod";

/** An id of ours: a uuid in lower case. */
export const id = z.guid().transform((value) => value.toLowerCase());

/** A git object id: SHA-1 or SHA-256 in hexadecimal. */
export const oid = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/);

/** A time as the API writes it: RFC 3339 in UTC. */
export const time = z.iso.datetime();
