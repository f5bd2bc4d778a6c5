import { expect, test } from "vitest";
import { summaryLine } from "./summary.ts";

const counts = { numPassedTests: 3, numFailedTests: 1, numPendingTests: 0, numTodoTests: 0 };
const ran = { status: "failed", assertionResults: [{}] };

test("the line counts tests", () => {
  expect(summaryLine(JSON.stringify({ ...counts, testResults: [ran] }))).toBe("3 passed, 1 failed");
});

test("skipped tests are named", () => {
  expect(summaryLine(JSON.stringify({ ...counts, numPendingTests: 2, testResults: [] })))
    .toBe("3 passed, 1 failed, 2 skipped");
});

test("a file that did not run is a failure", () => {
  const broken = { status: "failed", assertionResults: [] };
  expect(summaryLine(JSON.stringify({ ...counts, testResults: [ran, broken] })))
    .toBe("3 passed, 2 failed, 1 of the failed are files that did not run");
});

test.each(["", "{", "{}"])("%j is no report", (text) => {
  expect(summaryLine(text)).toBe("no counts: the tests ended without a report");
});
