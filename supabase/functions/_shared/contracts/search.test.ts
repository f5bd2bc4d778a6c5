import { expect, test } from "vitest";
import { MATCH_TEXT_UNITS_MAX } from "./limits.ts";
import { cutAround, cutText } from "./search.ts";

test("a line's text is cut at its limit and never through a character", () => {
  expect(cutText("short\r")).toBe("short\r");
  expect(cutText("x".repeat(MATCH_TEXT_UNITS_MAX + 5))).toHaveLength(MATCH_TEXT_UNITS_MAX);
  const astral = "x".repeat(MATCH_TEXT_UNITS_MAX - 1) + "🙂🙂";
  expect(cutText(astral)).toBe("x".repeat(MATCH_TEXT_UNITS_MAX - 1));
  const fitting = "x".repeat(MATCH_TEXT_UNITS_MAX - 2) + "🙂🙂";
  expect(cutText(fitting)).toBe("x".repeat(MATCH_TEXT_UNITS_MAX - 2) + "🙂");
});

test("a long line is cut around the place that it is shown for, wherever that is", () => {
  const line = (before: number, after: number) => "x".repeat(before) + "needle" + "y".repeat(after);
  for (const [before, after] of [[0, 500], [94, 500], [95, 500], [400, 500], [500, 0], [500, 3]]) {
    const text = line(before ?? 0, after ?? 0);
    const part = cutAround(text, { start: before ?? 0, length: 6 }, 100);
    expect(part.text).toHaveLength(100);
    expect(text.slice(part.start, part.start + 100)).toBe(part.text);
    expect(part.text).toContain("needle");
  }
  expect(cutAround(line(94, 500), { start: 94, length: 6 }, 100).start).toBe(0);
  expect(cutAround(line(400, 500), { start: 400, length: 6 }, 100).start).toBe(375);
  // More than fits is shown from where it begins.
  expect(cutAround(line(400, 500), { start: 400, length: 300 }, 100).start).toBe(400);
  const emoji = "🙂".repeat(400);
  for (let start = 200; start < 220; start += 1) {
    expect(cutAround(emoji, { start, length: 2 }, 99).text.isWellFormed()).toBe(true);
  }
});
