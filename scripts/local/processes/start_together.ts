// Starting several things at once without losing hold of any.

/** As Promise.all, but a failure waits until all have ended: what did start can then be stopped. */
export async function startTogether<T extends readonly Promise<unknown>[]>(
  promises: readonly [...T],
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(promises);
  return await Promise.all(promises);
}
