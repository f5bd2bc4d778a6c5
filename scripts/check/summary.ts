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
  const flaky = report.testResults.flatMap((file) => file.assertionResults.filter(isFlaky));
  return [
    `${report.numPassedTests} passed, ${report.numFailedTests + broken} failed`,
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(broken > 0 ? [`${broken} of the failed are files that did not run`] : []),
    ...(flaky.length > 0 ? [`passed only when tried again: ${flaky.map(quoted).join(", ")}`] : []),
  ].join(", ");
}

/** Vitest keeps what went wrong at first. */
function isFlaky({ status, failureMessages }: TestResult): boolean {
  return status === "passed" && (failureMessages ?? []).length > 0;
}

function quoted({ fullName }: TestResult): string {
  return `"${fullName ?? "a test"}"`;
}

interface TestResult {
  readonly status?: string;
  readonly fullName?: string;
  readonly failureMessages?: readonly string[];
}

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly TestResult[];
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
