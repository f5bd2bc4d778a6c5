import { expect, test } from "vitest";
import { FoundFiles } from "../../_shared/runtime/found_files.ts";
import { treeLookups } from "../../_shared/runtime/tree_lookups.ts";
import { TreeFiles } from "./tree_files.ts";

const WANTED = { queries: [], kind: null, prefix: "", limit: 1 };

/** Requests to one instance about a tree with a definition of its generation; `asked`: what the database was. */
function instance() {
  const published = {
    state: "1/1",
    repository: "acme/one",
    ref: "refs/heads/main",
    commit_oid: "a",
  };
  const asked: string[] = [];
  const answer = <Answer>(name: string, own: Answer) => {
    asked.push(name);
    return Promise.resolve({ outcome: "ok" as const, ...published, cut: false, ...own });
  };
  const found = () => ({
    ...{ name: "f", kind: "function", path: `${published.state}.ts`, language: "Go", marks: 0 },
    ...{ query: 0, symbol_no: 0, blob: "1/0", commit_oid: published.commit_oid },
    ...{ repository: published.repository, ref: published.ref },
  });
  const file = () => ({ path: `${published.state}.ts`, language: "Go", outline: null });
  const scope = { stopped: false, unindexed: 0, symbols_pending: 0, access_lost: 0, skipped: 0 };
  const database = {
    findDefinitions: () => answer("definitions", { ...scope, definitions: [found()] }),
    findFiles: () => answer("files", { files: [] }),
    findFilesByWord: () => answer("word", { files: [file()] }),
  };
  const source = { database, foundFiles: new FoundFiles(database), treeLookups: treeLookups() };
  const request = (tenantId = "tenant") =>
    new TreeFiles({ ...source, tenantId }, { repository: "acme/one", ref: null });
  return { published, asked, request };
}

test("definitions are asked for once a generation, and told with the commit and name of today", async () => {
  const { published, asked, request } = instance();
  const first = await request().definitions(WANTED);
  expect(first).toMatchObject({ definitions: [{ path: "1/1.ts", commit_oid: "a" }] });
  expect(await request().definitions(WANTED)).toEqual(first);
  expect(asked).toEqual(["definitions", "files"]);
  Object.assign(published, { repository: "acme/renamed", commit_oid: "b" });
  expect(await request().definitions(WANTED)).toMatchObject({
    definitions: [{ path: "1/1.ts", repository: "acme/renamed", commit_oid: "b" }],
  });
  published.state = "1/2";
  expect(await request().definitions(WANTED)).toMatchObject({ definitions: [{ path: "1/2.ts" }] });
  expect(asked.slice(2)).toEqual(["files", "files", "definitions"]);
});

test("uses of a word are asked for once a generation by who was told which is published", async () => {
  const { published, asked, request } = instance();
  const uses = async (files: TreeFiles) => (await files.byWord("call", [], ["Go"], 1)).files;
  const files = request();
  expect(await uses(files)).toMatchObject([{ path: "1/1.ts" }]);
  expect(await uses(files)).toMatchObject([{ path: "1/1.ts" }]);
  expect(asked).toEqual(["word"]);
  published.state = "1/2";
  expect(await uses(request())).toMatchObject([{ path: "1/2.ts" }]);
  expect(asked).toEqual(["word", "word"]);
});

test("what was found for one tenant is not told to another", async () => {
  const { asked, request } = instance();
  await request().definitions(WANTED);
  const files = request("other");
  await files.definitions(WANTED);
  await files.byWord("call", [], ["Go"], 1);
  expect(asked).toEqual(["definitions", "definitions", "word"]);
});
