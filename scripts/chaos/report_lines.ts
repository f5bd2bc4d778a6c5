// What a run prints at its end. Pure: a report in, lines out.

import type { ChaosReport } from "./run_chaos.ts";

const PROBLEMS_SHOWN_MAX = 5;

function counts(map: ReadonlyMap<string, number>): string {
  return [...map].sort(([one], [other]) => one < other ? -1 : 1)
    .map(([name, count]) => `${name} ${count}`).join(", ");
}

/** Whether everything held under every fault that was asked for. */
export function isClean({ checks, missing }: ChaosReport): boolean {
  return missing.length === 0 && checks.every(({ problems }) => problems.length === 0);
}

/** The report in a few lines. */
export function reportLines(report: ChaosReport): string[] {
  const injected = [...report.faults.values()].reduce((sum, count) => sum + count, 0);
  const facts = Object.entries(report.facts).map(([name, count]) => `${name} ${count}`).join(", ");
  const held = report.checks.filter(({ problems }) => problems.length === 0).length;
  return [
    `workload   ${counts(report.steps)}`,
    `faults     ${counts(report.faults)}`,
    `no effect  ${counts(report.pending) || "none"}; not injected ${
      counts(report.failed) || "none"
    }`,
    `facts      ${facts}`,
    ...report.missing.map((name) => `MISSING    ${name} never took effect`),
    ...report.checks.flatMap(({ name, problems }) => [
      `${problems.length === 0 ? "holds " : "BROKEN"}     ${name}`,
      ...problems.slice(0, PROBLEMS_SHOWN_MAX).map((problem) => `             ${problem}`),
    ]),
    `${isClean(report) ? "ok" : "FAILED"} seed ${report.seed}: ${injected} faults of ` +
    `${report.faults.size} kinds, ${held} of ${report.checks.length} checks hold`,
  ];
}
