// `npm run stack`: the local stack in the foreground. Prints where everything is and stops it all on
// Ctrl-C. What a stack is made of is decided in scripts/local.

import { enableCompileCache } from "node:module";
import path from "node:path";
import { styleText } from "node:util";
import type { CheckoutStack } from "./local/checkout_stack.ts";
import type { DeadPart } from "./local/processes/watch_parts.ts";
import { onStopSignal } from "./stop_signals.ts";

// Before the rest is loaded: from the second start on it need not be compiled again.
enableCompileCache(path.join(import.meta.dirname, "..", ".local", "compile-cache"));
const { startCheckoutStack, StackIsRunningError } = await import("./local/checkout_stack.ts");

/** Where run.json, stack.json and the logs lie: the checkout's .local, unless a test says otherwise. */
const directory = process.argv[2];
const started = performance.now();
let stack: CheckoutStack | null = null;
let isWished = false;
let isStopping = false;

type Style = Parameters<typeof styleText>[0];

/** Styled on a terminal that wants it (styleText heeds NO_COLOR), plain in a pipe. */
function styled(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

function describe(running: CheckoutStack): string {
  const { functionsUrl, githubUrl, apiKey } = running;
  const rows = [
    ["functions", functionsUrl],
    ["github", githubUrl],
    ["machines", running.machinesUrl],
    ["database", running.databaseUrl],
    ["api key", apiKey],
    ["logs", path.relative(process.cwd(), running.logDirectory)],
  ].map(([name = "", value = ""]) => `  ${styled("dim", name.padEnd(10))} ${value}`);
  const header = `-H "Authorization: Bearer ${apiKey}"`;
  return [
    "",
    `${styled("bold", "Quarry")} is running.`,
    "",
    ...rows,
    "",
    styled("dim", "  Push a repository, register it, search it:"),
    "",
    `  git push ${githubUrl}/me/project.git HEAD:main`,
    `  curl ${header} -d '{"repository": "me/project"}' ${functionsUrl}/api/repositories`,
    `  curl ${header} "${functionsUrl}/api/search?mode=literal&q=return"`,
    "",
    styled("dim", `  Ready after ${seconds(performance.now() - started)}. Ctrl-C stops it all.`),
    "",
  ].join("\n");
}

function explain(error: unknown): string {
  if (!(error instanceof StackIsRunningError)) {
    return error instanceof Error ? error.message : String(error);
  }
  const place = error.functionsUrl === null ? "still starting" : error.functionsUrl;
  return `${error.message}: ${place}. Stop it first: kill ${error.pid}`;
}

/** The first wish stops in order, a later one does not wait. */
async function stopOrForce(running: CheckoutStack): Promise<void> {
  if (isStopping) {
    await running.force();
    process.exit(130);
  }
  isStopping = true;
  const since = performance.now();
  console.log(styled("dim", "\n  Stopping. Ctrl-C again does not wait."));
  await running.stop();
  console.log(styled("dim", `  Stopped after ${seconds(performance.now() - since)}.`));
  // Whatever might still hold the loop (a client's open connection) is nobody's any more.
  process.exit(0);
}

/** Without that part nothing works, and a stack that only looks alive helps nobody. */
async function onDeath(running: CheckoutStack, { name, pid }: DeadPart): Promise<void> {
  // A stop was wished for, and is under way.
  if (isStopping) return;
  const log = path.relative(process.cwd(), path.join(running.logDirectory, `${name}.log`));
  console.error(`stack: ${name} died (pid ${pid}); its log is ${log}. Stopping the rest.`);
  // What stops in order may miss the part that is gone.
  await running.stop().catch(() => undefined);
  await running.force();
  process.exit(1);
}

async function main(): Promise<void> {
  onStopSignal(() => {
    isWished = true;
    // While it still starts, main stops it as soon as it can be stopped.
    if (stack !== null) void stopOrForce(stack);
  });
  try {
    stack = await startCheckoutStack({}, (names) => {
      const list = names.length === 0 ? "" : `: stopped ${names.join(", ")}`;
      console.log(styled("dim", `  Cleared up after a stack that was killed${list}.`));
    }, directory);
  } catch (error) {
    console.error(`stack: ${explain(error)}`);
    process.exit(1);
  }
  if (isWished) return await stopOrForce(stack);
  const running = stack;
  running.watch((part) => void onDeath(running, part));
  console.log(describe(running));
}

await main();
