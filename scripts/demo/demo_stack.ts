// The stack that the demo runs on: one of its own beside any other, or with --keep the checkout's, so
// that .local/stack.json tells other programs where it is.

import { mkdir, mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { StackIsRunningError, startCheckoutStack } from "../local/checkout_stack.ts";
import { createStack, type Stack } from "../local/stack.ts";

/** A stack and what the demo does with it. */
export interface DemoStack {
  readonly stack: Stack;
  readonly logDirectory: string;
  /** False when another stack of this checkout has that file. */
  readonly isInStackFile: boolean;
  /** Stops everything. The logs are kept for whoever wants to know what went wrong. */
  stop(keepLogs: boolean): Promise<void>;
}

/** Starts the stack; `localDirectory` is the checkout's .local. */
export async function startDemoStack(keep: boolean, localDirectory: string): Promise<DemoStack> {
  if (keep) {
    try {
      const stack = await startCheckoutStack();
      const { logDirectory } = stack;
      return { stack, logDirectory, isInStackFile: true, stop: () => stack.stop() };
    } catch (error) {
      if (!(error instanceof StackIsRunningError)) throw error;
    }
  }
  await mkdir(localDirectory, { recursive: true });
  const logDirectory = await mkdtemp(path.join(localDirectory, "demo-logs-"));
  const removeLogs = () => rm(logDirectory, { recursive: true, force: true });
  const stack = await createStack({ logDirectory });
  const stop = async (keepLogs: boolean) => {
    await stack.stop();
    if (!keepLogs) await removeLogs();
  };
  return { stack, logDirectory, isInStackFile: false, stop };
}
