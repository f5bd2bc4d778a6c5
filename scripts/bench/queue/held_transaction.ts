// An old transaction that stays open: PostgreSQL must keep every row version that it might still see,
// so dead rows pile up in tables and indexes for as long as it lasts.

import type { Contender } from "./contender.ts";

/** Runs something while every contender's database has such a transaction, open from just before. */
export async function withHeldTransactions<T>(
  contenders: readonly Contender[],
  run: () => Promise<T>,
): Promise<T> {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const opened = contenders.map(() => Promise.withResolvers<void>());
  const holding = contenders.map(({ sql }, index) =>
    sql.begin("isolation level repeatable read", async (transaction) => {
      // The first statement takes the snapshot.
      await transaction`select pg_catalog.txid_current()`;
      opened[index]?.resolve();
      await released;
    })
  );
  try {
    await Promise.all(opened.map(({ promise }) => promise));
    return await run();
  } finally {
    release();
    await Promise.allSettled(holding);
  }
}
