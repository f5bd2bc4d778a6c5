// Deploys this commit: `node scripts/run.cjs scripts/deploy.ts` prints what it would do,
// `… --run` does it. docs/deploy.md explains the steps and the environment; the steps themselves are
// in scripts/deploy/plan.ts.

import { execFileSync } from "node:child_process";
import path from "node:path";
import postgres from "postgres";
import { readRepository } from "./check/repository.ts";
import { type AppliedMigration, migrationDrift } from "./deploy/migration_drift.ts";
import { deploySteps, stepAsShell } from "./deploy/plan.ts";
import { runSteps } from "./deploy/run_plan.ts";
import { readSettings } from "./deploy/settings.ts";

const root = path.resolve(import.meta.dirname, "..");

function git(...args: string[]): string {
  return execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
}

function printPlan(problems: readonly string[]): void {
  for (const [index, step] of deploySteps.entries()) {
    console.log(`# ${index + 1}. ${step.title}\n${stepAsShell(step)}\n`);
  }
  for (const problem of problems) console.log(`# ${problem}`);
  console.log("# Nothing was done. With --run it is, as soon as every variable is set.");
}

async function drift(url: string): Promise<string[]> {
  const files = await readRepository(root);
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    const [history] = await sql<{ found: boolean }[]>`
      select to_regclass('supabase_migrations.schema_migrations') is not null as found`;
    if (history?.found !== true) return [];
    const applied = await sql<AppliedMigration[]>`
      select version, statements from supabase_migrations.schema_migrations order by version`;
    return migrationDrift(applied, files);
  } finally {
    await sql.end();
  }
}

async function main(args: readonly string[]): Promise<number> {
  const settings = readSettings({ COMMIT: git("rev-parse", "HEAD"), ...process.env });
  const problems = "problems" in settings ? settings.problems : [];
  if (!args.includes("--run")) {
    printPlan(problems);
    return 0;
  }
  // The image is built from the folder but named after the commit.
  if (git("status", "--porcelain") !== "") problems.push("the checkout has changes: commit them");
  if ("problems" in settings || problems.length > 0) {
    for (const problem of problems) console.error(`deploy: ${problem}`);
    return 2;
  }
  const differences = await drift(settings.values.get("SUPABASE_DB_URL") ?? "");
  if (differences.length > 0) {
    for (const difference of differences) console.error(`deploy: ${difference}`);
    console.error("deploy: before the first release such a project is replaced, not migrated");
    return 1;
  }
  try {
    const { values } = settings;
    const environment = process.env;
    await runSteps(deploySteps, { root, values, environment, say: console.log, output: "inherit" });
  } catch (error) {
    console.error(`deploy: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
  console.log(`deploy: ${settings.values.get("COMMIT")} is live`);
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
