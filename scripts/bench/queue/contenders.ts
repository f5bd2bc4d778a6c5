// The queues that are compared, each in a new database of one server.

import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import type { PostgresServer } from "../../local/database/postgres.ts";
import { GraphileWorker } from "./graphile_worker.ts";
import { PgBossQueue } from "./pg_boss.ts";
import { QuarryQueue } from "./quarry.ts";
import { createQueueDatabase, migrate } from "./queue_database.ts";

/** In the order in which they are shown. */
export interface Contenders {
  readonly quarry: QuarryQueue;
  readonly graphile: GraphileWorker;
  readonly pgBoss: PgBossQueue;
}

/** Their databases have this name in theirs; the stack closes them. The versions are those of the checkout. */
export async function openContenders(
  server: PostgresServer,
  name: string,
  stack: AsyncDisposableStack,
  root: string,
): Promise<Contenders> {
  const create = (contender: string) => createQueueDatabase(server, `${contender}_${name}`);
  const ofQuarry = await create("quarry");
  const quarry = stack.use(new QuarryQueue(ofQuarry));
  await migrate(ofQuarry, root);
  const graphileVersion = await readVersion(root, "graphile-worker");
  const graphile = stack.use(new GraphileWorker(await create("graphile"), graphileVersion));
  await graphile.prepare();
  const pgBossVersion = await readVersion(root, "pg-boss");
  const pgBoss = stack.use(new PgBossQueue(await create("pgboss"), pgBossVersion));
  await pgBoss.prepare();
  return { quarry, graphile, pgBoss };
}

const manifest = z.object({ version: z.string() });

async function readVersion(root: string, name: string): Promise<string> {
  const file = path.join(root, "node_modules", name, "package.json");
  return manifest.parse(JSON.parse(await readFile(file, "utf8"))).version;
}
