// The real indexer as a process of its own, on a database of a benchmark, with a git host that never
// answers: its job runs until somebody ends it.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { guardChild } from "../guarded_child.ts";
import type { QueueDatabase } from "./queue_database.ts";

const POLL_MILLISECONDS = 10;
const START_SECONDS_MAX = 30;
/** Longer than a benchmark lasts: an idle worker stays to take over. */
const IDLE_EXIT_SECONDS = 600;

/** Accepts connections and says nothing. */
export class SilentHost implements AsyncDisposable {
  readonly url: string;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(server: Server, sockets: Set<Socket>) {
    this.#server = server;
    this.#sockets = sockets;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async open(): Promise<SilentHost> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => sockets.delete(socket));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new SilentHost(server, sockets);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, "close");
  }
}

/** A process of the indexer, registered and looking for jobs. Disposing of it kills it. */
export class IndexerProcess implements AsyncDisposable {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Resolves when the process has registered. */
  static async start(
    database: QueueDatabase,
    host: SilentHost,
    { root, directory }: { readonly root: string; readonly directory: string },
  ): Promise<IndexerProcess> {
    const { sql } = database;
    const [machine] = await sql<{ launch_id: string }[]>`
      insert into quarry.machines (name) values ('bench-' || gen_random_uuid()) returning launch_id`;
    const launchId = machine?.launch_id ?? "";
    const entryFile = path.join(root, "indexer/src/main.ts");
    const child = spawn(process.execPath, [entryFile], {
      env: {
        PATH: process.env.PATH,
        DATABASE_URL: database.url("quarry_indexer"),
        LAUNCH_ID: launchId,
        GIT_BASE_URL: host.url,
        WORK_DIR: directory,
        THREADS: "1",
        IDLE_EXIT_SECONDS: String(IDLE_EXIT_SECONDS),
      },
      stdio: "ignore",
      // With its git in a group of its own, so that both can be ended.
      detached: true,
    });
    const indexer = new IndexerProcess(child);
    await guardChild(child, entryFile);
    const deadline = performance.now() + START_SECONDS_MAX * 1000;
    for (;;) {
      const rows = await sql`
        select from quarry.machines where launch_id = ${launchId} and state <> 'launching'`;
      if (rows.length > 0) return indexer;
      if (child.exitCode !== null || performance.now() > deadline) {
        await indexer[Symbol.asyncDispose]();
        throw new Error(`the indexer did not register (exit code ${child.exitCode})`);
      }
      await sleep(POLL_MILLISECONDS);
    }
  }

  /** Sends a signal to the process alone. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const pid = this.#child.pid;
    if (pid === undefined) return;
    const exited = this.#child.exitCode === null && this.#child.signalCode === null
      ? once(this.#child, "exit")
      : Promise.resolve();
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // The whole group has gone already.
    }
    await exited;
  }
}
