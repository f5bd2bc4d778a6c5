import { expect, test } from "vitest";
import { formatSpan, formatTime, spanBetween } from "./age.ts";

test.each([
  [-5, "0 s"],
  [0, "0 s"],
  [59.9, "59 s"],
  [60, "1 min"],
  [3_599, "59 min"],
  [3_600, "1 h"],
  [3_900, "1 h 5 min"],
  [90_000, "1 d 1 h"],
  [86_400 * 30, "30 d"],
])("%d seconds are %s", (seconds, text) => {
  expect(formatSpan(seconds)).toBe(text);
});

test("times are the database's, and shown in UTC", () => {
  expect(spanBetween("2026-11-22T10:00:00.000Z", "2026-11-22T10:02:03.000Z")).toBe("2 min");
  expect(formatTime("2026-11-22T10:00:00.125Z")).toBe("2026-11-22 10:00:00.125");
});
