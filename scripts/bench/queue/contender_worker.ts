// A worker process of another library whose job never ends by itself: node contender_worker.ts
// graphile-worker|pg-boss URL. Says "claimed" when it has a job. SIGTERM stops it as the library's
// documentation says; its job gives up when the library tells it to.

import { run } from "graphile-worker";
import { PgBoss } from "pg-boss";
import { runnerOptions } from "./graphile_worker.ts";
import { type AbandonedQueue, abandonedQueue } from "./abandoned_queue.ts";

function claimed(): void {
  process.stdout.write("claimed\n");
}

function abortOf(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    // The library's event loop is kept alive by its connections.
    signal?.addEventListener("abort", () => reject(new Error("the worker stops")));
  });
}

async function workGraphile(url: string): Promise<void> {
  // Its own signal handlers are on: graceful shutdown, abort signal after 5 s.
  const options = { ...runnerOptions(url, 1), noHandleSignals: false };
  const runner = await run({
    ...options,
    taskList: {
      [abandonedQueue.name]: async (_payload, { abortSignal }) => {
        claimed();
        await abortOf(abortSignal);
      },
    },
  });
  await runner.promise;
}

async function workPgBoss(url: string, { superviseSeconds }: AbandonedQueue): Promise<void> {
  const boss = new PgBoss({
    connectionString: url,
    superviseIntervalSeconds: superviseSeconds,
    monitorIntervalSeconds: superviseSeconds,
  });
  boss.on("error", () => undefined);
  await boss.start();
  await boss.work(abandonedQueue.name, async ([job]) => {
    claimed();
    await abortOf(job?.signal);
  });
  process.once("SIGTERM", () => void boss.stop().then(() => process.exit(0)));
}

const [library = "", url = ""] = process.argv.slice(2);
await (library === "pg-boss" ? workPgBoss(url, abandonedQueue) : workGraphile(url));
