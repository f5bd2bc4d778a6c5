import { expect, test } from "vitest";
import { createLog } from "./log.ts";

function lineOf(fields: Record<string, unknown>): string {
  const lines: string[] = [];
  createLog((line) => lines.push(line))("event", fields);
  expect(lines).toHaveLength(1);
  return lines[0] ?? "";
}

test("a line is one JSON object", () => {
  expect(JSON.parse(lineOf({ a: 1, b: "x\ny", c: null, d: true }))).toEqual({
    event: "event",
    a: 1,
    b: "x\ny",
    c: null,
    d: true,
  });
});

test("an error is written with its stack and its causes", () => {
  const error = new Error("outer", { cause: new TypeError("inner") });
  expect(lineOf({ error })).toMatch(/outer.*log\.test\.ts.*TypeError.*inner/s);
});

test("causes that go in a circle end", () => {
  const error = new Error("round");
  error.cause = error;
  expect(lineOf({ error })).toContain("round");
});

test.each([
  "qry_abcdefghijklmnop",
  "ghp_0123456789abcdefghij",
  "github_pat_0123456789_abcdef",
  "ghs_123_eyJhbGciOi.JIUzI1NiIs.InR5cCI6",
  "sb_secret_0123456789abcdef",
])("%s does not reach the log", (secret) => {
  const error = new Error(`sent ${secret} to the host`);
  const line = lineOf({ text: secret, error, nested: { secret } });
  expect(line).not.toContain(secret);
  expect(line).toContain("to the host");
});

test("what follows Bearer, and what stands before a host, does not reach the log", () => {
  const line = lineOf({ a: "Bearer topsecret", b: "https://user:topsecret@host/x" });
  expect(line).not.toContain("topsecret");
  expect(line).toContain("host/x");
});

test("a long text is cut", () => {
  expect(lineOf({ text: "x".repeat(100_000) }).length).toBeLessThan(10_000);
});
