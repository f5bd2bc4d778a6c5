// `npm run quarry -- COMMAND`: Quarry from a terminal, over its HTTP API. Reads the command line, the
// environment and .local/stack.json; writes lines or JSON; answers with an honest exit code: 0 done,
// 1 failed, refused or nothing found, 2 wrong usage, 128 + N ended by signal N.

import { readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { QuarryClient } from "./client/quarry_client.ts";
import { lookOf, Screen } from "./demo/screen.ts";
import { printable } from "./demo/text_width.ts";
import { parseArguments, usage } from "./quarry/arguments.ts";
import { runCommand } from "./quarry/commands.ts";
import { readService } from "./quarry/service.ts";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const root = path.resolve(import.meta.dirname, "..");
const { stdout } = process;

function readStackFile(): string | null {
  try {
    return readFileSync(path.join(root, ".local", "stack.json"), "utf8");
  } catch {
    return null;
  }
}

function complain(message: string, exitCode: number): number {
  // Line by line: a mistake in a query is shown with a mark below it.
  console.error(`quarry: ${message.split("\n").map(printable).join("\n")}`);
  return exitCode;
}

/** A variable's value; an empty one counts as not set. */
function variable(name: string): string | null {
  const value = process.env[name] ?? "";
  return value === "" ? null : value;
}

async function main(args: readonly string[]): Promise<number> {
  const line = parseArguments(args);
  if (line.kind === "help") {
    stdout.write(usage);
    return 0;
  }
  if (line.kind === "mistake") {
    return complain(`${line.message}; npm run quarry -- --help shows what there is`, EXIT_USAGE);
  }
  const service = readService(process.env, readStackFile());
  if ("problem" in service) return complain(service.problem, EXIT_USAGE);
  const { signal } = new AbortController();
  // With --json what is shown on the way goes to nobody.
  const sink = {
    write: (text: string) => void (line.json || stdout.write(text)),
    columns: () => stdout.isTTY && stdout.columns > 0 ? stdout.columns : undefined,
  };
  const look = { ...lookOf(stdout.isTTY, process.env), wholeRows: !stdout.isTTY };
  const screen = new Screen(sink, look);
  const api = new QuarryClient(service, signal);
  try {
    const tools = { api, screen, signal, gitToken: variable("QUARRY_GIT_TOKEN") };
    const { data, isFailure } = await runCommand(line.command, tools);
    if (line.json) stdout.write(`${JSON.stringify(data, null, 2)}\n`);
    return isFailure ? EXIT_FAILED : 0;
  } catch (error) {
    return complain(error instanceof Error ? error.message : String(error), EXIT_FAILED);
  }
}

for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(name, () => process.exit(128 + os.constants.signals[name]));
}
// A closed pipe: nobody reads any more.
stdout.on("error", () => process.exit(128 + os.constants.signals.SIGPIPE));

process.exitCode = await main(process.argv.slice(2));
