import { expect, test } from "vitest";
import { type ApiCaller } from "../api_caller.ts";
import { fileTools } from "./files.ts";

test("read_file says why a file has no text, and nothing of its lines", async () => {
  const answer = {
    ...{ repository: "me/core", ref: "refs/heads/main", commit_oid: "a".repeat(40) },
    ...{ path: "big.sql", language: "SQL", skip_reason: "too_large", text: "", truncated: false },
    ...{ start_line: 1, end_line: 0, line_count: 0 },
  };
  const tool = fileTools.find(({ name }) => name === "read_file");
  const said = await tool?.run(
    { get: () => Promise.resolve(answer) } as unknown as ApiCaller,
    { repository: "me/core", path: "big.sql" },
    { report: () => Promise.resolve(), pause: () => Promise.resolve(true) },
  );
  expect(said?.text).toBe("me/core at aaaaaaaaaaaa  big.sql  SQL\nNo text: too_large.");
});

test("outline_file says why there is no outline, and counts no definitions", async () => {
  const answer = {
    ...{ repository: "me/core", ref: "refs/heads/main", commit_oid: "a".repeat(40) },
    ...{ path: "big.sql", language: "SQL", skip_reason: "parse_timeout" },
    ...{ definitions: [], imports: [], truncated: false, next_start_line: null },
  };
  const tool = fileTools.find(({ name }) => name === "outline_file");
  const said = await tool?.run(
    { get: () => Promise.resolve(answer) } as unknown as ApiCaller,
    { repository: "me/core", path: "big.sql" },
    { report: () => Promise.resolve(), pause: () => Promise.resolve(true) },
  );
  expect(said?.text).toBe("me/core at aaaaaaaaaaaa  big.sql  SQL\nNo outline: parse_timeout.");
});
