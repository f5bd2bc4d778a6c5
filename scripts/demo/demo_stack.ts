// The stack that the demo runs on: one of its own beside any other, or with --keep the checkout's, so
// that .local/stack.json tells other programs where it is.

import { cp, mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { StackIsRunningError, startCheckoutStack } from "../local/checkout_stack.ts";
import { createStack, type Stack } from "../local/stack.ts";
import { DemoFailure } from "./tour.ts";

/** A stack and what the demo does with it. */
export interface DemoStack {
  readonly stack: Stack;
  /** False when another stack of this checkout has that file, or nobody asked for it. */
  readonly isInStackFile: boolean;
  /** Puts the logs where they stay, for whoever wants to know what went wrong. Answers where. */
  saveLogs(): Promise<string>;
}

/** Where things may lie: `folder` is thrown away with the demo, `localDirectory` is .local. */
export interface DemoPlaces {
  readonly folder: string;
  readonly localDirectory: string;
}

/** Starts the stack. Stopping it is stack.stop. */
export async function startDemoStack(
  keep: boolean,
  { folder, localDirectory }: DemoPlaces,
): Promise<DemoStack> {
  if (keep) {
    try {
      const stack = await startCheckoutStack();
      return { stack, isInStackFile: true, saveLogs: () => Promise.resolve(stack.logDirectory) };
    } catch (error) {
      if (!(error instanceof StackIsRunningError)) throw error;
    }
  }
  const logDirectory = path.join(folder, "logs");
  await mkdir(logDirectory);
  const saveLogs = async () => {
    const saved = path.join(localDirectory, "demo-logs");
    await rm(saved, { recursive: true, force: true });
    await cp(logDirectory, saved, { recursive: true });
    return saved;
  };
  try {
    return { stack: await createStack({ logDirectory }), isInStackFile: false, saveLogs };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DemoFailure(`the stack did not start: ${reason} (logs: ${await saveLogs()})`);
  }
}
