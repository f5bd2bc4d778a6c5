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

test("tests that passed only when tried again are named", () => {
  const steady = { status: "passed", fullName: "holds", failureMessages: [] };
  const flaky = { status: "passed", fullName: "waits for it", failureMessages: ["too late"] };
  const broken = { status: "failed", fullName: "breaks", failureMessages: ["no", "no"] };
  const file = { status: "failed", assertionResults: [steady, flaky, broken] };
  expect(summaryLine(JSON.stringify({ ...counts, testResults: [file] })))
    .toBe('3 passed, 1 failed, passed only when tried again: "waits for it"');
});

test("a file that did not run is a failure", () => {
  const broken = { status: "failed", assertionResults: [] };
  expect(summaryLine(JSON.stringify({ ...counts, testResults: [ran, broken] })))
    .toBe("3 passed, 2 failed, 1 of the failed are files that did not run");
});

test.each(["", "{", "{}"])("%j is no report", (text) => {
  expect(summaryLine(text)).toBe("no counts: the tests ended without a report");
});
