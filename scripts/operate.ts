// `npm run operate -- COMMAND`: what an operator asks and does, straight on the database. Reads the
// command line, the environment and .local/stack.json, writes lines or JSON, and answers with an
// honest exit code: 0 done, 1 failed or refused, 2 wrong usage, 128 + N ended by signal N.

import { readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { lookOf } from "./demo/screen.ts";
import { paint, span } from "./demo/spans.ts";
import { printable } from "./demo/text_width.ts";
import { newApiKey } from "./api_key.ts";
import { preferEncryption } from "./database_address.ts";
import { parseArguments, usage } from "./operate/arguments.ts";
import { runCommand } from "./operate/commands.ts";
import { explainError } from "./operate/explain.ts";
import { OperatorDatabase } from "./operate/operator_database.ts";
import type { Line } from "./operate/table.ts";
import { readTarget, type Target } from "./operate/target.ts";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const root = path.resolve(import.meta.dirname, "..");
const { stdout } = process;
const { colours } = lookOf(stdout.isTTY, process.env);

function readStackFile(): string | null {
  try {
    return readFileSync(path.join(root, ".local", "stack.json"), "utf8");
  } catch {
    return null;
  }
}

function write(line: Line): void {
  stdout.write(`${paint(line, colours).trimEnd()}\n`);
}

function complain(message: string, exitCode: number): number {
  console.error(`operate: ${printable(message)}`);
  return exitCode;
}

async function main(args: readonly string[]): Promise<number> {
  const line = parseArguments(args);
  if (line.kind === "help") {
    stdout.write(usage);
    return 0;
  }
  if (line.kind === "mistake") {
    return complain(`${line.message}; npm run operate -- --help shows what there is`, EXIT_USAGE);
  }
  const target = readTarget(process.env, readStackFile());
  if ("problem" in target) return complain(target.problem, EXIT_USAGE);
  // Production and the stack at home answer alike: say which it is, first.
  if (!line.json) write([span("faint", `${target.place} (${target.source})`)]);
  return await operate(line, target);
}

async function operate(
  { command, json }: Extract<ReturnType<typeof parseArguments>, { kind: "run" }>,
  target: Target,
): Promise<number> {
  const database = new OperatorDatabase(preferEncryption(target.url));
  try {
    const { lines, data, isFailure } = await runCommand(command, {
      database,
      // Some terminals say that they have no columns at all.
      columnsMax: stdout.isTTY && stdout.columns > 0 ? stdout.columns : null,
      say: json ? () => undefined : write,
      newApiKey,
    });
    if (json) stdout.write(`${JSON.stringify(data, null, 2)}\n`);
    else for (const each of lines) write(each);
    return isFailure ? EXIT_FAILED : 0;
  } catch (error) {
    return complain(explainError(error, target), EXIT_FAILED);
  } finally {
    await database[Symbol.asyncDispose]();
  }
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => process.exit(128 + os.constants.signals[signal]));
}
// A closed pipe: nobody reads any more.
stdout.on("error", () => process.exit(128 + os.constants.signals.SIGPIPE));

process.exitCode = await main(process.argv.slice(2));
