// `npm run check`: format, lint, the types of both runtimes and the structure rules, in one exit
// code. `npm run check -- NAME...` runs only the checks whose name contains one of the words. It
// decides nothing itself: the rules are in scripts/check.

import { availableParallelism } from "node:os";
import path from "node:path";
import { readRepository } from "./check/repository.ts";
import { rules } from "./check/rules.ts";
import type { Rule, SourceFile } from "./check/source_file.ts";
import { type Outcome, runTool, toolsFor } from "./check/tools.ts";
import { denoBinary } from "./deno_binary.ts";

type Check = () => Outcome | Promise<Outcome>;

function ruleCheck(rule: Rule, files: readonly SourceFile[]): Outcome {
  const started = performance.now();
  const violations = rule.check(files);
  return {
    name: rule.name,
    passed: violations.length === 0,
    findings: violations.map(({ path, line, message }) => `${path}:${line} ${message}`),
    milliseconds: performance.now() - started,
  };
}

function report({ name, passed, findings, milliseconds }: Outcome): void {
  const seconds = (milliseconds / 1000).toFixed(1);
  const count = passed ? "" : `, ${findings.length} ${findings.length === 1 ? "line" : "lines"}`;
  console.log(`${passed ? "ok  " : "FAIL"} ${name} (${seconds} s${count})`);
  for (const finding of findings) console.log(`     ${finding}`);
}

/** Takes checks from one queue, so that no core waits while another has a list of its own. */
async function runAll(checks: readonly Check[]): Promise<boolean[]> {
  const queue = [...checks];
  const passed: boolean[] = [];
  const lane = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const outcome = await next();
      report(outcome);
      passed.push(outcome.passed);
    }
  };
  await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, lane));
  return passed;
}

async function main(words: readonly string[]): Promise<number> {
  const root = path.resolve(import.meta.dirname, "..");
  const deno = denoBinary(root);
  const files = await readRepository(root);
  const wanted = ({ name }: { name: string }) =>
    words.length === 0 || words.some((word) => name.includes(word));
  const checks: Check[] = [
    ...toolsFor(root, deno, files).filter(wanted).map((tool) => () => runTool(tool, root, deno)),
    ...rules.filter(wanted).map((rule) => () => ruleCheck(rule, files)),
  ];
  if (checks.length === 0) {
    console.error(`check: nothing is named like ${words.join(" or ")}`);
    return 2;
  }
  const passed = await runAll(checks);
  const failed = passed.filter((each) => !each).length;
  console.log(`check: ${passed.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
