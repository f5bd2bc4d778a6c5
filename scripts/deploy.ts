// Deploys this commit: `node scripts/run.cjs scripts/deploy.ts` prints what it would do,
// `… --run` does it; `--without-migrations` is for the way back to an earlier commit. docs/deploy.md
// explains the steps and the environment; the steps themselves are in scripts/deploy/plan.ts.

import { execFileSync } from "node:child_process";
import path from "node:path";
import postgres from "postgres";
import { readRepository } from "./check/repository.ts";
import { preferEncryption } from "./database_address.ts";
import { type AppliedMigration, migrationDrift } from "./deploy/migration_drift.ts";
import { deploySteps, type Step, stepAsShell, stepsWithoutMigrations } from "./deploy/plan.ts";
import { runSteps } from "./deploy/run_plan.ts";
import { readSettings } from "./deploy/settings.ts";

const root = path.resolve(import.meta.dirname, "..");

function git(...args: string[]): string {
  return execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
}

function printPlan(steps: readonly Step[], problems: readonly string[]): void {
  for (const [index, step] of steps.entries()) {
    console.log(`# ${index + 1}. ${step.title}\n${stepAsShell(step)}\n`);
  }
  for (const problem of problems) console.log(`# ${problem}`);
  console.log("# Nothing was done. With --run it is, as soon as every variable is set.");
}

async function drift(url: string, isWayBack: boolean): Promise<string[]> {
  const files = await readRepository(root);
  const sql = postgres(preferEncryption(url), { max: 1, onnotice: () => undefined });
  try {
    const [history] = await sql<{ found: boolean }[]>`
      select to_regclass('supabase_migrations.schema_migrations') is not null as found`;
    if (history?.found !== true) return [];
    const applied = await sql<AppliedMigration[]>`
      select version, statements from supabase_migrations.schema_migrations order by version`;
    return migrationDrift(applied, files, isWayBack);
  } finally {
    await sql.end();
  }
}

/** Null where a word is none of these: a mistyped one must not deploy something else. */
function readArguments(args: readonly string[]): { run: boolean; isWayBack: boolean } | null {
  if (args.some((word) => word !== "--run" && word !== "--without-migrations")) return null;
  return { run: args.includes("--run"), isWayBack: args.includes("--without-migrations") };
}

async function main(words: readonly string[]): Promise<number> {
  const args = readArguments(words);
  if (args === null) {
    console.error("usage: node scripts/run.cjs scripts/deploy.ts [--run] [--without-migrations]");
    return 2;
  }
  const settings = readSettings({ COMMIT: git("rev-parse", "HEAD"), ...process.env });
  const problems = "problems" in settings ? settings.problems : [];
  const steps = args.isWayBack ? stepsWithoutMigrations : deploySteps;
  if (!args.run) {
    printPlan(steps, problems);
    return 0;
  }
  // The image is built from the folder but named after the commit.
  if (git("status", "--porcelain") !== "") problems.push("the checkout has changes: commit them");
  if ("problems" in settings || problems.length > 0) {
    for (const problem of problems) console.error(`deploy: ${problem}`);
    return 2;
  }
  const differences = await drift(settings.values.get("SUPABASE_DB_URL") ?? "", args.isWayBack);
  if (differences.length > 0) {
    for (const difference of differences) console.error(`deploy: ${difference}`);
    console.error("deploy: before the first release such a project is replaced, not migrated");
    return 1;
  }
  try {
    const { values } = settings;
    const environment = process.env;
    await runSteps(steps, { root, values, environment, say: console.log, output: "inherit" });
  } catch (error) {
    console.error(`deploy: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
  console.log(`deploy: ${settings.values.get("COMMIT")} is live`);
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
