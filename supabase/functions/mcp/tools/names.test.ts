import { expect, test } from "vitest";
import { type ReferencesAnswer } from "../../_shared/contracts/navigation.ts";
import { type ApiCaller } from "../api_caller.ts";
import { BUDGET_TOKENS_MIN } from "../token_budget.ts";
import { estimateTokens } from "../token_estimate.ts";
import { nameTools } from "./names.ts";

const REFERENCES = 68;
const files = (count: number) =>
  Array.from({ length: count }, (_, each) => `packages/some/where/file_${each}.ts`);

function pageOf(limit: number) {
  const references = Array.from({ length: Math.min(limit, REFERENCES) }, (_, each) => ({
    ...{ repository: "me/core", ref: "refs/heads/main", commit_oid: "a".repeat(40) },
    ...{ path: `src/${each >> 3}.ts`, language: "TypeScript", line: each + 1, column: 1 },
    ...{ role: "call", enclosing: null, text: `isRef(value${each})` },
  }));
  return {
    references,
    // Those that could not be read have the word too.
    other_files: files(90),
    renaming_files: files(40),
    unread_files: files(30).map((path) => ({ path, language: "Go", reason: "parse_timeout" })),
    complete: limit >= REFERENCES,
    incomplete_reason: null,
    next_cursor: limit < REFERENCES ? "c".repeat(120) : null,
  };
}

/** Of find_references: what it says, and the limits that it asked the API with. */
async function ask(budget: number) {
  const limits: number[] = [];
  const get = (_: string, { limit }: { limit: number }) => {
    limits.push(limit);
    return Promise.resolve(pageOf(limit));
  };
  const tool = nameTools.find(({ name }) => name === "find_references");
  const answer = await tool?.run(
    { get } as unknown as ApiCaller,
    { name: "isRef", token_budget: budget },
    { report: () => Promise.resolve(), pause: () => Promise.resolve(true) },
  );
  if (answer === undefined) throw new Error("there is no such tool");
  return { text: answer.text, limits, answer: answer.structured as ReferencesAnswer };
}

test.each([600, 1000, 1500, 4000])(
  "files beside the references leave them most of a budget of %i",
  async (budget) => {
    const { text, answer, limits } = await ask(budget);
    expect(answer.references.length).toBeGreaterThan(Math.min(48, budget / 60));
    expect(limits.length).toBeLessThanOrEqual(2);
    expect(estimateTokens(text)).toBeLessThanOrEqual(budget);
    expect(answer.other_files).not.toContain(files(1)[0]);
    const named = answer.other_files.length;
    expect(text).toContain(named < 60 ? `, ${60 - named} more\n` : "Only mentioned in: ");
  },
);

test("the least budget counts the files that it has no room to name", async () => {
  const { text, answer } = await ask(BUDGET_TOKENS_MIN);
  expect(answer).toMatchObject({ complete: false, other_files: [] });
  expect(answer.references.length).toBeGreaterThan(0);
  expect(text).toContain("Only mentioned in: 60 files\n");
});

test.each([["App\\Models\\User", "User"], ["client->flags", "flags"], ["Server.Run()", "Run"]])(
  "whoever finds no %s is told to try %s",
  async (name, last) => {
    const get = () => Promise.resolve({ definitions: [], complete: true, incomplete_reason: null });
    const answer = await nameTools.find((tool) => tool.name === "find_definitions")?.run(
      { get } as unknown as ApiCaller,
      { name, match: "auto", token_budget: BUDGET_TOKENS_MIN },
      { report: () => Promise.resolve(), pause: () => Promise.resolve(true) },
    );
    expect(answer?.text).toContain(`try ${last}.`);
  },
);

/** What find_definitions says of a position whose name has these definitions. */
async function at(role: string, definitions: readonly { path: string; kind: string }[]) {
  const place = { repository: "me/core", ref: "refs/heads/main", commit_oid: "a".repeat(40) };
  const answer = {
    ...{ path: "a.go", line: 3, column: 1, name: "store", role, enclosing: null, imported: null },
    ...{ may_be_local: false, complete: true, incomplete_reason: null },
    definitions: definitions.map((each) => ({
      ...{ ...place, ...each, name: "store", line: 1, container: null, match: "exact" },
      signature: "package store",
    })),
  };
  const said = await nameTools.find(({ name }) => name === "find_definitions")?.run(
    { get: () => Promise.resolve(answer) } as unknown as ApiCaller,
    { repository: "me/core", path: "a.go", line: 3, token_budget: 1_000 },
    { report: () => Promise.resolve(), pause: () => Promise.resolve(true) },
  );
  return said?.text ?? "";
}

test("a package is told once a folder, however many files declare it", async () => {
  const declaring = ["db/a.go", "db/b.go", "other/c.go", "db/d.go"];
  const text = await at("read", declaring.map((path) => ({ path, kind: "namespace" })));
  expect(text).toContain("db/a.go");
  expect(text).toContain("other/c.go");
  expect(text).not.toContain("db/b.go");
  expect(text).toContain("2 more files declare the same.\n2 definitions.");
});

test("beside a definition the first of its name are told, and that there are more", async () => {
  const places = Array.from({ length: 9 }, (_, n) => ({ path: `f${n}.go`, kind: "function" }));
  expect(await at("definition", places)).toContain("3 definitions. Not complete (more_results)");
  expect(await at("call", places)).toContain("9 definitions.");
});

test("whoever finds but what speaks of Page.serve() is told to try serve", async () => {
  const section = {
    ...{ repository: "me/core", ref: "refs/heads/main", commit_oid: "a".repeat(40) },
    ...{ path: "notes.md", line: 3, kind: "section", signature: "## Changes to `Page.serve()`" },
    ...{ name: "Changes to `Page.serve()`", container: null, match: "infix" },
  };
  const get = () =>
    Promise.resolve({ definitions: [section], complete: true, incomplete_reason: null });
  const answer = await nameTools.find((tool) => tool.name === "find_definitions")?.run(
    { get } as unknown as ApiCaller,
    { name: "Page.serve", match: "auto", token_budget: BUDGET_TOKENS_MIN },
    { report: () => Promise.resolve(), pause: () => Promise.resolve(true) },
  );
  expect(answer?.text).toContain("try serve.");
  expect(answer?.text).toContain("(infix match)");
});

test.each([
  [[], 'Imported in line 2 from "fmt", which leads to no file of the repository.'],
  [files(5), `Imported in line 2 from "fmt", which leads to ${files(3).join(", ")}, 2 more.`],
])(
  "whoever finds no definition of an imported name is told where it is from",
  async (paths, said) => {
    const answer = {
      ...{ path: "a.ts", line: 3, column: 1, name: "fmt", role: "read", enclosing: null },
      ...{ imported: { name: "*", specifier: "fmt", line: 2, paths }, may_be_local: false },
      ...{ definitions: [], complete: true, incomplete_reason: null },
    };
    const tool = nameTools.find(({ name }) => name === "find_definitions");
    const { text } = await tool?.run(
      { get: () => Promise.resolve(answer) } as unknown as ApiCaller,
      { repository: "me/core", path: "a.ts", line: 3, token_budget: 1_000 },
      { report: () => Promise.resolve(), pause: () => Promise.resolve(true) },
    ) ?? { text: "" };
    expect(text).toContain(`${said}\nNo definition.`);
  },
);
