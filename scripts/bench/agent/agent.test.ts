// An agent with the official client answers five questions about a repository from elsewhere, from
// what the tools tell it, for fewer tokens than the files cost that grep finds.

import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createStack, type Stack } from "../../local/stack.ts";
import { FOREIGN_REPOSITORY, indexForeignRepository } from "./foreign_repository.ts";
import { interview, type Interviewed } from "./interview.ts";
import { questions } from "./questions.ts";

const root = path.resolve(import.meta.dirname, "../../..");
let stack: Stack;
let checkout: string;
let asked: Interviewed[];

beforeAll(async () => {
  checkout = await mkdtemp(path.join(os.tmpdir(), "quarry-agent-"));
  stack = await createStack({ durable: false });
  await indexForeignRepository(stack, root, checkout);
  const { functionsUrl, apiKey } = stack;
  asked = await interview({ functionsUrl, apiKey, repository: FOREIGN_REPOSITORY, checkout });
});
afterAll(async () => {
  await stack.stop();
  await rm(checkout, { recursive: true, force: true });
});

test.each(questions.map(({ text, answer }, index) => ({ text, answer, index })))(
  "$text",
  ({ answer, index }) => {
    expect(asked[index]?.answer).toBe(answer);
  },
);

test("the tools' answers cost an agent a fraction of the files that grep finds", () => {
  for (const { tokens, grepTokens } of asked) expect(tokens).toBeLessThan(grepTokens);
  const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);
  const grepped = sum(asked.map(({ grepTokens }) => grepTokens));
  expect(sum(asked.map(({ tokens }) => tokens)) * 20).toBeLessThan(grepped);
});
