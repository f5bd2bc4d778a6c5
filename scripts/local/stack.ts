// The whole of Quarry on one machine: starts every process and stand-in, deploys into them, and stops
// them in order. Used by `npm run stack`, by the demo and by tests; several may run side by side.
// Does not know terminals, signals or .local/stack.json.

import { startPostgres } from "./database/postgres.ts";
import { openRun } from "./processes/run.ts";
import { logFileIn, type Parts, type Stack, type StackOptions, stopParts } from "./stack_parts.ts";
import { startTogether } from "./processes/start_together.ts";

export type { Stack, StackOptions } from "./stack_parts.ts";

/** Starts a stack and resolves when its health answers. */
export async function createStack(options: StackOptions = {}): Promise<Stack> {
  const run = options.run ?? await openRun();
  const parts: Parts = {};
  let stopping: Promise<void> | null = null;
  const stop = () =>
    stopping ??= stopParts(parts).then(() => options.run === undefined ? run.close() : undefined);
  try {
    // First of all: initdb takes longest. The rest is loaded and started beside it.
    const server = startPostgres({
      run,
      durable: options.durable ?? true,
      ...logFileIn(options, "postgres"),
    }).then((started) => parts.postgres = started);
    const rest = import("./stack_start.ts").then(({ startRestOfStack }) =>
      startRestOfStack(run, options, parts, server)
    );
    const [, started] = await startTogether([server, rest]);
    return { ...started, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
