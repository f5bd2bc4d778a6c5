import { expect, test } from "vitest";
import { MATCH_TEXT_UNITS_MAX } from "./limits.ts";
import { cutText } from "./search.ts";

test("a line's text is cut at its limit and never through a character", () => {
  expect(cutText("short\r")).toBe("short\r");
  expect(cutText("x".repeat(MATCH_TEXT_UNITS_MAX + 5))).toHaveLength(MATCH_TEXT_UNITS_MAX);
  const astral = "x".repeat(MATCH_TEXT_UNITS_MAX - 1) + "🙂🙂";
  expect(cutText(astral)).toBe("x".repeat(MATCH_TEXT_UNITS_MAX - 1));
  const fitting = "x".repeat(MATCH_TEXT_UNITS_MAX - 2) + "🙂🙂";
  expect(cutText(fitting)).toBe("x".repeat(MATCH_TEXT_UNITS_MAX - 2) + "🙂");
});
