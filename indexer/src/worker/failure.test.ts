import { expect, test } from "vitest";
import { HostRateLimited, JobError } from "../errors.ts";
import { classifyFailure } from "./failure.ts";

test.each(
  [
    ["host_unreachable", "retry"],
    ["database_unavailable", "retry"],
    ["internal_error", "retry"],
    ["version_mismatch", "retry"],
    ["access_denied", "give_up"],
    ["repository_gone", "give_up"],
    ["ref_not_found", "give_up"],
    ["repository_too_large", "give_up"],
    ["unsupported_job", "give_up"],
    ["unsupported_repository", "give_up"],
  ] as const,
)("%s is classed %s", (code, expected) => {
  const failure = classifyFailure(new JobError(code, "at /some/path"));
  expect(failure).toMatchObject({ class: expected, code, retryMilliseconds: null });
});

test("what is shown to a tenant has nothing of the error's own text", () => {
  const secret = "postgresql://user:password@10.0.0.1/db";
  for (const error of [new Error(secret), new JobError("git_failed", secret), secret]) {
    const failure = classifyFailure(error);
    expect(failure.message).not.toContain("password");
    expect(failure.detail).toContain("password");
  }
});

test("an unknown error is our own and is tried again", () => {
  expect(classifyFailure(new TypeError("x is not a function"))).toMatchObject({
    class: "retry",
    code: "internal_error",
  });
});

test.each(["ENOSPC", "EDQUOT"])("a file that is refused with %s wants room", (code) => {
  const refusal = Object.assign(new Error(`${code}: no space left on device, write`), { code });
  expect(classifyFailure(refusal)).toMatchObject({ class: "retry", code: "work_area_full" });
});

test("a rate limit without a time is waited out for a minute", () => {
  const failure = classifyFailure(new JobError("rate_limited"));
  expect(failure).toMatchObject({ class: "retry", retryMilliseconds: 60_000 });
});

test("a rate limit with a time is waited out for as long", () => {
  const failure = classifyFailure(new HostRateLimited(null, null, 45_000));
  expect(failure)
    .toMatchObject({ class: "retry", code: "rate_limited", retryMilliseconds: 45_000 });
});
