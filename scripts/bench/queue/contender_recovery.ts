// How long a job of another library waits when its worker's process is gone. Only what ends within
// minutes is measured; the rest is what their documentation says.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { PgBoss } from "pg-boss";
import type { PostgresServer } from "../../local/database/postgres.ts";
import { guardChild } from "../guarded_child.ts";
import { abandonedQueue } from "./abandoned_queue.ts";
import { createQueueDatabase, type QueueDatabase } from "./queue_database.ts";

const entryFile = fileURLToPath(new URL("./contender_worker.ts", import.meta.url));
export const CLAIM_SECONDS_MAX = 120;
/** What a worker process has to come up before the other one is ended. */
const START_MILLISECONDS = 4000;

export type Library = "graphile-worker" | "pg-boss";

/** Milliseconds from the signal to the claim by a second process; null when that is not in time. */
export async function measureContenderTakeover(
  server: PostgresServer,
  library: Library,
  deadly: "SIGKILL" | "SIGTERM",
): Promise<number | null> {
  const name = `${library.replace("-", "_")}_${deadly.toLowerCase()}`;
  await using database = await createQueueDatabase(server, name);
  const url = database.url("supabase_admin");
  await using first = await WorkerProcess.start(library, url);
  if (library === "pg-boss") await enqueuePgBoss(url, deadly === "SIGKILL");
  else await enqueueGraphile(database);
  await first.claimed;
  await using second = await WorkerProcess.start(library, url);
  await sleep(START_MILLISECONDS);
  const started = performance.now();
  first.kill(deadly);
  return await second.claimed.then(
    () => performance.now() - started,
    (error: unknown) => {
      if (error instanceof Error && error.name === "AbortError") return null;
      throw error;
    },
  );
}

async function enqueueGraphile(database: QueueDatabase): Promise<void> {
  const { makeWorkerUtils } = await import("graphile-worker");
  const utils = await makeWorkerUtils({ connectionString: database.url("supabase_admin") });
  await utils.addJob(abandonedQueue.name, {});
  await utils.release();
}

/** With heartbeats a lost worker is noticed; by default only the job's time limit is. */
async function enqueuePgBoss(url: string, hasHeartbeat: boolean): Promise<void> {
  const { name, heartbeatSeconds } = abandonedQueue;
  const boss = new PgBoss({ connectionString: url });
  boss.on("error", () => undefined);
  await boss.start();
  await boss.createQueue(name, hasHeartbeat ? { heartbeatSeconds } : {});
  await boss.send(name, {});
  await boss.stop({ graceful: false });
}

class WorkerProcess implements AsyncDisposable {
  /** Resolves at its first claim. */
  readonly claimed: Promise<void>;
  readonly #child: ChildProcess;

  static async start(library: Library, url: string): Promise<WorkerProcess> {
    const worker = new WorkerProcess(library, url);
    await guardChild(worker.#child, entryFile);
    return worker;
  }

  private constructor(library: Library, url: string) {
    const child = spawn(process.execPath, [entryFile, library, url], {
      env: { PATH: process.env.PATH, NO_LOG_SUCCESS: "1" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#child = child;
    this.claimed = (async () => {
      const impatience = AbortSignal.timeout(CLAIM_SECONDS_MAX * 1000);
      await Promise.race([
        once(child.stdout, "data", { signal: impatience }),
        once(child, "exit", { signal: impatience }).then(() => {
          throw new Error(`the worker of ${library} ended without a job`);
        }),
      ]);
    })();
    this.claimed.catch(() => undefined);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }
}
