import { expect, test } from "vitest";
import { type ImpactAnswer } from "../../_shared/contracts/graph.ts";
import { type ApiCaller } from "../api_caller.ts";
import { navigationTools } from "./navigation.ts";

test("who uses what changes is told before tests that it reaches over others", async () => {
  const reached = (path: string, depth: number, inTest: boolean) => ({
    ...{ path, depth, via: "src/cache.ts", line: 1, in_test: inTest },
  });
  const get = () =>
    Promise.resolve({
      ...{ repository: "me/core", ref: "refs/heads/main", commit_oid: "a".repeat(40) },
      ...{ path: "src/cache.ts", name: "get", tests: 301, complete: true },
      ...{ incomplete_reason: null, next_cursor: null },
      files: [
        reached("test/cache.test.ts", 1, true),
        ...Array.from({ length: 300 }, (_, each) => reached(`test/far${each}.test.ts`, 2, true)),
        reached("src/user.ts", 1, false),
        reached("src/app.ts", 2, false),
      ],
    });
  const tool = navigationTools.find(({ name }) => name === "impact_of_change");
  const answer = await tool?.run(
    { get } as unknown as ApiCaller,
    { repository: "me/core", path: "src/cache.ts", name: "get", token_budget: 400 },
    { report: () => Promise.resolve(), pause: () => Promise.resolve(true) },
  );
  if (answer === undefined) throw new Error("there is no such tool");
  const { files } = answer.structured as ImpactAnswer;
  expect(files.slice(0, 3).map(({ path }) => path))
    .toEqual(["test/cache.test.ts", "src/user.ts", "test/far0.test.ts"]);
  expect(answer.text.split("\n").slice(0, 3)).toEqual([
    expect.stringContaining("src/cache.ts  303 files, 301 of them tests"),
    "test  test/cache.test.ts:1",
    "src/user.ts:1",
  ]);
});
