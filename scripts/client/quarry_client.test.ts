import { expect, test } from "vitest";
import { ApiRefusal } from "./quarry_client.ts";

test("a refusal says first what is wrong, and leaves a mark under the place that it points at", () => {
  const refusal = new ApiRefusal("GET /search?q=foo+%28bar", 400, {
    code: "invalid_query",
    title: "The text to search for is wrong",
    detail: "q: this ( has no closing ), at position 4.\nfoo (bar\n    ^",
    next_step: "Correct it where the detail points.",
  });
  expect(refusal.message.split("\n")).toEqual([
    "The text to search for is wrong. q: this ( has no closing ), at position 4.",
    "foo (bar",
    "    ^",
    "Correct it where the detail points.",
    "GET /search?q=foo+%28bar answered 400 invalid_query",
  ]);
});
