// The demo from beginning to end: starts the stack, takes the steps in order, and stops everything
// whatever happens. Knows neither the command line nor exit codes.

import { mkdtemp } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { openRun } from "../local/processes/run.ts";
import { QuarryClient } from "../client/quarry_client.ts";
import { changeStep } from "./change_step.ts";
import { type DemoStack, startDemoStack } from "./demo_stack.ts";
import { formatDuration } from "./figures.ts";
import type { Environment } from "./git.ts";
import { idleStep } from "./idle_step.ts";
import { indexStep, pushStep, registerStep } from "./index_steps.ts";
import { keepStep } from "./keep_step.ts";
import { PushedRepository } from "./pushed_repository.ts";
import type { Screen } from "./screen.ts";
import { searchStep } from "./search_step.ts";
import type { FilesSource, RepositorySource } from "./source.ts";
import { label } from "./screen.ts";
import { span } from "./spans.ts";
import { timed } from "./tour.ts";

const OWNER = "demo";

/** What the demo is about. */
export interface StoryOptions {
  readonly screen: Screen;
  readonly source: RepositorySource | FilesSource;
  /** The repository is Quarry's own, so that it is known what to search for. */
  readonly isOwn: boolean;
  readonly keep: boolean;
  /** The checkout's .local. */
  readonly localDirectory: string;
  readonly environment: Environment;
  /** Aborts when somebody wants it to end. */
  readonly signal: AbortSignal;
}

/** Tells it all. Nothing of it runs any more when this has returned or thrown. */
export async function tellStory(options: StoryOptions): Promise<void> {
  const { screen, signal } = options;
  const started = performance.now();
  screen.title("Quarry", "a code index that costs nothing while nobody pushes");
  const run = await openRun();
  try {
    const folder = await mkdtemp(path.join(os.tmpdir(), "quarry-demo-"));
    run.addDirectory(folder);
    const running = await startStep(options, folder);
    signal.addEventListener("abort", () => screen.live(null, [span("faint", "stopping")]));
    let isDone = false;
    try {
      signal.throwIfAborted();
      await takeSteps(options, running, folder);
      isDone = true;
    } finally {
      await stopStep(screen, running, !isDone && !signal.aborted, started);
    }
  } finally {
    await run.close();
  }
}

async function startStep(
  { screen, keep, localDirectory }: StoryOptions,
  folder: string,
): Promise<DemoStack> {
  screen.step("Start the local stack");
  screen.live(null, [span("faint", "starting")]);
  const { result, milliseconds } = await timed(() =>
    startDemoStack(keep, { folder, localDirectory })
  );
  screen.row(["PostgreSQL 17, functions in Deno, stand-ins for GitHub and Fly"], [
    formatDuration(milliseconds),
  ]);
  screen.row([label("api"), `${result.stack.functionsUrl}/api`]);
  return result;
}

async function takeSteps(
  { screen, source, isOwn, keep, environment, signal }: StoryOptions,
  running: DemoStack,
  folder: string,
): Promise<void> {
  const { stack } = running;
  const repository = await PushedRepository.create(source, folder, environment, signal);
  const api = new QuarryClient(stack, signal);
  const fullName = `${OWNER}/${source.name}`;
  const tour = { screen, stack, api, signal, repository, fullName };
  await pushStep(tour, source);
  const registered = await registerStep(tour);
  await indexStep(tour, registered.repository.id, registered.job.id);
  const needles = await searchStep(tour, isOwn);
  await changeStep(tour, registered.repository.id);
  await idleStep(tour);
  if (keep) await keepStep(tour, running, registered.repository.id, needles);
}

async function stopStep(
  screen: Screen,
  running: DemoStack,
  hasFailed: boolean,
  started: number,
): Promise<void> {
  screen.endLive();
  const { milliseconds } = await timed(() => running.stack.stop());
  screen.step("Stop");
  screen.row(["Every process has ended."], [formatDuration(milliseconds)]);
  if (hasFailed) screen.row([label("logs"), await running.saveLogs()]);
  screen.row([
    span("faint", `The whole demo took ${formatDuration(performance.now() - started)}.`),
  ]);
}
