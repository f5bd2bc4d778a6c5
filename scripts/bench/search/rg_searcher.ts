// ripgrep as something to ask: a process for each query, over a checkout in the system's cache.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { run } from "../command.ts";
import { type BenchQuery, isCaseSensitive } from "./queries.ts";
import { ANSWER_LINES_MAX, type Searcher } from "./searcher.ts";

/** Every file, as the index has them, and case as Quarry takes it. */
export function rgArguments(query: BenchQuery): string[] {
  return [
    ...["--hidden", "--no-ignore", "--glob", "!.git", "--no-config"],
    isCaseSensitive(query) ? "--case-sensitive" : "--ignore-case",
    // RE2's classes are ASCII.
    ...(query.isRegex ? ["--no-unicode"] : ["--fixed-strings"]),
    ...["--regexp", query.text, "."],
  ];
}

/** rg until it has printed the first lines, its start included. */
export function rgSearcher(checkout: string): Searcher {
  return {
    name: "rg",
    async search(query) {
      const started = performance.now();
      const args = ["--no-heading", "--line-number", ...rgArguments(query)];
      const child = spawn("rg", args, { cwd: checkout, stdio: ["ignore", "pipe", "ignore"] });
      const closed = once(child, "close");
      let lines = 0;
      child.stdout.on("data", (data: Buffer) => {
        for (const byte of data) lines += byte === 0x0a ? 1 : 0;
        if (lines >= ANSWER_LINES_MAX) child.kill();
      });
      await closed;
      const milliseconds = performance.now() - started;
      return { milliseconds, lines: Math.min(lines, ANSWER_LINES_MAX) };
    },
  };
}

/** How many lines match in all. */
export async function countLines(
  checkout: string,
  query: BenchQuery,
  signal: AbortSignal,
): Promise<number> {
  const args = ["--count", "--no-filename", ...rgArguments(query)];
  const output = await run("rg", args, { cwd: checkout, signal, exitCodes: [0, 1] });
  return output.toString("utf8").split("\n").reduce((sum, line) => sum + Number(line), 0);
}
