// `npm run chaos`: a seeded run of faults against the whole stack. Exit code 0 when every check
// holds, 1 when one does not or the run broke, 2 for a command line that makes no sense.

import { appendFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { randomInt } from "node:crypto";
import { parseArguments, usage } from "./chaos/arguments.ts";
import { isClean, reportLines } from "./chaos/report_lines.ts";
import { runChaos } from "./chaos/run_chaos.ts";

const SEED_MAX = 1_000_000;
const TENANTS = 3;

async function main(args: readonly string[]): Promise<number> {
  const command = parseArguments(args);
  if (command.kind === "help") {
    process.stdout.write(usage);
    return 0;
  }
  if (command.kind === "mistake") {
    console.error(`chaos: ${command.message}`);
    return 2;
  }
  const { minutes, repositories, faults } = command;
  const seed = command.seed ?? randomInt(SEED_MAX);
  const logDirectory = await mkdtemp(path.join(os.tmpdir(), "quarry-chaos-logs-"));
  const started = performance.now();
  const onEvent = (text: string) => {
    const seconds = ((performance.now() - started) / 1000).toFixed(2);
    appendFileSync(path.join(logDirectory, "chaos.log"), `${seconds} ${text}\n`);
  };
  console.log(`chaos      seed ${seed}, ${minutes} min, ${faults.length} faults`);
  try {
    const seconds = minutes * 60;
    const size = { tenants: TENANTS, repositories };
    const report = await runChaos({ seed, seconds, faults, size, logDirectory, onEvent });
    for (const line of reportLines(report)) console.log(line);
    if (isClean(report)) {
      await rm(logDirectory, { recursive: true, force: true });
      return 0;
    }
  } catch (error) {
    console.error(`FAILED seed ${seed}: the run broke:`, error);
  }
  const names = faults.map(({ name }) => name).join(",");
  const options = `--seed ${seed} --minutes ${minutes} --repositories ${repositories}`;
  console.log(`repeat     npm run chaos -- ${options} --faults ${names}`);
  console.log(`logs       ${logDirectory}`);
  return 1;
}

// postgres 3.4.9 writes to a socket that is gone when a session ends in the middle of a batch, and nobody
// hears when the query fails by which it learns the array types of a new session. The stack's own
// clients survive both, since every query of theirs is asked again; the indexer's asks for no types.
process.on("uncaughtException", (error) => {
  const isLearning = String(Reflect.get(error, "query")).includes("b.typarray");
  const isClient = error.stack?.includes("postgres/src/connection.js") === true || isLearning;
  if (!isClient) throw error;
  console.log(`note       the stack's own database client: ${error.message}`);
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  // The run's guard stops what was started.
  process.once(signal, () => process.exit(128 + os.constants.signals[signal]));
}
process.exit(await main(process.argv.slice(2)));
