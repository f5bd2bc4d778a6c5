/**
 * The initials of a name: what people type for it when they are in a hurry, `gun` for getUserName.
 * Knows nothing of files or queries.
 */
import { fold } from "./fold.ts";

/**
 * A hump begins at a letter or digit after something else, at a capital after a small letter or a
 * digit, and at the last capital of a run that a small letter follows (HTTPServer).
 */
const HUMP = /(?<![\p{L}\p{N}])[\p{L}\p{N}]|(?<=[\p{Ll}\p{N}])\p{Lu}|\p{Lu}(?=\p{Ll})/gu;

/** The folded initials of a name; empty when it has neither letter nor digit. */
export function initialsOf(name: string): string {
  return fold((name.match(HUMP) ?? []).join(""));
}
