// Turns Vitest's JSON report into one line. A file that fails before its first test counts as a
// failure, since none of its tests ran.

/** `N passed, N failed`, and what else there was to say. */
export function summaryLine(text: string): string {
  const report = parse(text);
  if (report === null) return "no counts: the tests ended without a report";
  const broken =
    report.testResults.filter((file) =>
      file.status === "failed" && file.assertionResults.length === 0
    ).length;
  const skipped = report.numPendingTests + report.numTodoTests;
  return [
    `${report.numPassedTests} passed, ${report.numFailedTests + broken} failed`,
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(broken > 0 ? [`${broken} of the failed are files that did not run`] : []),
  ].join(", ");
}

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly unknown[];
  }[];
}

function parse(text: string): Report | null {
  try {
    const report: unknown = JSON.parse(text);
    return isReport(report) ? report : null;
  } catch {
    return null;
  }
}

function isReport(value: unknown): value is Report {
  return typeof value === "object" && value !== null && "testResults" in value &&
    Array.isArray(value.testResults);
}
