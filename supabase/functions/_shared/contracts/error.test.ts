import { expect, test } from "vitest";
import { errorMeanings } from "./error.ts";

test("every error is a 4xx or 5xx and says what to do", () => {
  for (const [code, { status, title, nextStep }] of Object.entries(errorMeanings)) {
    expect(status, code).toBeGreaterThanOrEqual(400);
    expect(status, code).toBeLessThan(600);
    expect(title, code).not.toMatch(/\.$/);
    expect(nextStep, code).toMatch(/\.$/);
  }
});
