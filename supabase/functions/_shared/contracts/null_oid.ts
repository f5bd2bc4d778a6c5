/**
 * How git writes that there is no commit. By itself, without zod, which the indexer's image has not.
 */

/** What stands for "no commit" in a webhook and for a ref that is gone: zeros. */
export function isNullOid(value: string): boolean {
  return /^0+$/.test(value);
}
