// `npm run demo [-- PATH]`: the whole path on a real repository. Reads the command line and the
// environment, turns signals into an orderly end, and answers with an honest exit code: 0 done, 1 it
// failed, 2 it was asked for something impossible, 128 + N ended by signal N.

import os from "node:os";
import path from "node:path";
import { parseArguments, usage } from "./demo/arguments.ts";
import { lookOf, Screen } from "./demo/screen.ts";
import { readOwnSource, readSource } from "./demo/source.ts";
import { tellStory } from "./demo/story.ts";
import { printable } from "./demo/text_width.ts";
import { onStopSignal } from "./stop_signals.ts";

const root = path.resolve(import.meta.dirname, "..");
const interruption = new AbortController();
/** The signal that ends it. A closed pipe counts as one: nobody reads any more. */
let endedBy: "SIGINT" | "SIGTERM" | "SIGHUP" | "SIGPIPE" | null = null;

function onSignal(signal: NonNullable<typeof endedBy>): void {
  // Whoever asks twice does not want to wait; the guards of what runs clear up after this process.
  if (endedBy !== null && signal !== "SIGPIPE") process.exit(128 + os.constants.signals[signal]);
  endedBy ??= signal;
  interruption.abort();
}

function newScreen(): Screen {
  const { stdout } = process;
  const sink = {
    write: (text: string) => void stdout.write(text),
    // Some terminals say that they have no columns at all.
    columns: () => stdout.isTTY && stdout.columns > 0 ? stdout.columns : undefined,
  };
  return new Screen(sink, lookOf(stdout.isTTY, process.env));
}

/** npm runs scripts in the package's folder and says where it was called. */
function resolvePath(given: string): string {
  const isOurScript = process.env["npm_lifecycle_event"] === "demo";
  return path.resolve((isOurScript ? process.env["INIT_CWD"] : undefined) ?? process.cwd(), given);
}

function complain(message: string): void {
  console.error(`demo: ${printable(message)}`);
}

async function main(args: readonly string[]): Promise<number> {
  const command = parseArguments(args);
  if (command.kind === "help") {
    process.stdout.write(usage);
    return 0;
  }
  if (command.kind === "mistake") {
    complain(`${command.message}; npm run demo -- --help shows what there is`);
    return 2;
  }
  const given = command.path === null ? null : resolvePath(command.path);
  const source = given === null || given === root
    ? await readOwnSource(root, process.env)
    : await readSource(given, process.env);
  if (source.kind === "mistake") {
    complain(source.message);
    return 2;
  }
  await tellStory({
    screen: newScreen(),
    source,
    isOwn: source.directory === root,
    keep: command.keep,
    localDirectory: path.join(root, ".local"),
    environment: process.env,
    signal: interruption.signal,
  });
  return 0;
}

onStopSignal(onSignal);
process.stdout.on("error", () => onSignal("SIGPIPE"));

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (endedBy === null) complain(error instanceof Error ? error.message : String(error));
  process.exitCode = endedBy === null ? 1 : 128 + os.constants.signals[endedBy];
}
// Whatever still holds the loop (a client's open connection) is nobody's any more.
process.exit();
