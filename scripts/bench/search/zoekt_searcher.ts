// zoekt as something to ask: its web server's JSON interface, over an index that is there.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { guardChild } from "../guarded_child.ts";
import { exchange } from "./http_exchange.ts";
import { type BenchQuery, isCaseSensitive } from "./queries.ts";
import { ANSWER_LINES_MAX, type Searcher } from "./searcher.ts";

const START_SECONDS_MAX = 20;
const POLL_MILLISECONDS = 20;

const answerSchema = z.object({
  Result: z.object({
    Files: z.array(z.object({ LineMatches: z.array(z.unknown()).nullish() })).nullish(),
  }),
});

/** A query in zoekt's language: everything is an expression there, so a literal is escaped. */
export function zoektQuery(query: BenchQuery): string {
  const source = query.isRegex ? query.text : query.text.replaceAll(/[\\^$.|?*+()[\]{}]/g, "\\$&");
  const quoted = source.replaceAll(/[\\"]/g, "\\$&");
  return `content:"${quoted}" case:${isCaseSensitive(query) ? "yes" : "no"}`;
}

/** zoekt-webserver over an index. Disposing of it ends it. */
export async function startZoekt(
  program: string,
  indexDirectory: string,
  signal: AbortSignal,
): Promise<Searcher & AsyncDisposable> {
  const address = `127.0.0.1:${await freePort()}`;
  const args = ["-index", indexDirectory, "-listen", address, "-rpc", "-html=false"];
  const child = spawn(program, args, { stdio: "ignore" });
  const exited = once(child, "exit");
  await guardChild(child, address);
  const stop = async () => {
    child.kill("SIGKILL");
    await exited;
  };
  const searcher = zoektSearcher(`http://${address}/api/search`, signal);
  try {
    await untilAnswers(searcher, signal);
  } catch (error) {
    await stop();
    throw error;
  }
  return { ...searcher, [Symbol.asyncDispose]: stop };
}

function zoektSearcher(url: string, signal: AbortSignal): Searcher {
  // It stops as soon as it has enough lines, as the others do.
  const Opts = {
    ShardMaxMatchCount: ANSWER_LINES_MAX,
    TotalMaxMatchCount: ANSWER_LINES_MAX,
    MaxMatchDisplayCount: ANSWER_LINES_MAX,
  };
  return {
    name: "zoekt",
    async search(query) {
      const body = JSON.stringify({ Q: zoektQuery(query), Opts });
      const answer = await exchange({ url, method: "POST", body, signal });
      const text = answer.body.toString("utf8");
      if (answer.status !== 200) throw new Error(`zoekt: ${query.text}: ${answer.status} ${text}`);
      const files = answerSchema.parse(JSON.parse(text)).Result.Files ?? [];
      const lines = files.reduce((sum, file) => sum + (file.LineMatches?.length ?? 0), 0);
      return { milliseconds: answer.milliseconds, lines };
    },
  };
}

async function untilAnswers(searcher: Searcher, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + START_SECONDS_MAX * 1000;
  for (;;) {
    try {
      const probe = { kind: "common", text: "e", isRegex: false } as const;
      const answer = await searcher.search(probe);
      if (answer !== null && answer.lines > 0) return;
    } catch (error) {
      if (signal.aborted || performance.now() > deadline) throw error;
    }
    if (performance.now() > deadline) throw new Error("zoekt-webserver found nothing in its index");
    await sleep(POLL_MILLISECONDS, undefined, { signal });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
