// What every step of the demo is given, and how a step says that it cannot go on.

import type { Stack } from "../local/stack.ts";
import type { QuarryClient } from "../client/quarry_client.ts";
import type { PushedRepository } from "./pushed_repository.ts";
import type { Screen } from "./screen.ts";

/** The demo under way. */
export interface Tour {
  readonly screen: Screen;
  readonly stack: Stack;
  readonly api: QuarryClient;
  readonly signal: AbortSignal;
  readonly repository: PushedRepository;
  /** OWNER/NAME at the code host. */
  readonly fullName: string;
}

/** Something that a person should read as it stands: no stack, no class name. */
export class DemoFailure extends Error {
  override readonly name = "DemoFailure";
}

/** Milliseconds that a piece of work took, and what came of it. */
export async function timed<Result>(
  work: () => Promise<Result>,
): Promise<{ result: Result; milliseconds: number }> {
  const started = performance.now();
  const result = await work();
  return { result, milliseconds: performance.now() - started };
}
