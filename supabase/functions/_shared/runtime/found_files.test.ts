import { expect, test } from "vitest";
import { pathStem } from "../graph/paths.ts";
import { type FoundFile } from "./database_answers.ts";
import { type WantedFiles } from "./database_import_functions.ts";
import { FoundFiles } from "./found_files.ts";

const TREE = { repository: "acme/one", ref: null };
const PATHS = ["a.ts", "b.test.ts", "b.ts", "lib/c.ts", "package.json"];

function wanting(candidates: WantedFiles["candidates"], filesMax = 10): WantedFiles {
  return { candidates, filesMax, withOutlines: true, textChunks: 1 };
}

/** A database with these files in every generation; `asked`: the candidates of each call. */
function counting() {
  const asked: WantedFiles["candidates"][] = [];
  const published = { state: "1/1" };
  const files = ({ stems = [], settings = [] }: WantedFiles["candidates"]) =>
    [
      ...PATHS.filter((path) => stems.includes(pathStem(path)))
        .map((path) => ({ kind: "file" as const, key: path, path })),
      ...PATHS.filter((path) => settings.includes(path))
        .map((path) => ({ kind: "settings" as const, key: path, path })),
    ].map((each): FoundFile => ({ ...each, language: "TypeScript", outline: null, text: null }))
      .toSorted((one, other) => one.path < other.path ? -1 : 1);
  const findFiles = (_tenant: string, _tree: unknown, { candidates }: WantedFiles) => {
    asked.push(candidates);
    const place = { repository: "acme/one", ref: "refs/heads/main", commit_oid: "1" };
    const state = published.state;
    return Promise.resolve({ outcome: "ok" as const, ...place, state, files: files(candidates) });
  };
  return { asked, published, database: { findFiles } };
}

const pathsOf = (answer: { readonly outcome: string } | { readonly files: readonly FoundFile[] }) =>
  "files" in answer ? answer.files.map(({ path }) => path) : answer;

test("a candidate is asked for once, whether it is there or not", async () => {
  const { asked, database } = counting();
  const found = new FoundFiles(database);
  const first = await found.ask("tenant", TREE, wanting({ stems: ["b", "none"] }));
  expect(pathsOf(first)).toEqual(["b.test.ts", "b.ts"]);
  const more = wanting({ stems: ["none", "lib/c", "b", "a"], settings: ["package.json"] });
  const paths = ["a.ts", "b.test.ts", "b.ts", "lib/c.ts", "package.json"];
  expect(pathsOf(await found.find("tenant", TREE, "1/1", more))).toEqual(paths);
  expect(pathsOf(await found.find("tenant", TREE, "1/1", more))).toEqual(paths);
  expect(asked).toHaveLength(2);
  expect(asked[1]).toMatchObject({ stems: ["lib/c", "a"], settings: ["package.json"] });
});

test("nothing that was found for another tenant, generation or number of files is answered", async () => {
  const { asked, database } = counting();
  const found = new FoundFiles(database);
  const wanted = wanting({ stems: ["a"] });
  await found.ask("tenant", TREE, wanted);
  await found.find("other", TREE, "1/1", wanted);
  await found.find("tenant", TREE, "1/2", wanted);
  await found.find("tenant", TREE, "1/1", wanting({ stems: ["a"] }, 1));
  expect(asked).toHaveLength(4);
  await found.find("tenant", TREE, "1/1", wanted);
  expect(asked).toHaveLength(4);
});

test("what is published meanwhile is kept as what it is", async () => {
  const { asked, published, database } = counting();
  const found = new FoundFiles(database);
  const wanted = wanting({ stems: ["a"] });
  published.state = "1/2";
  await found.find("tenant", TREE, "1/1", wanted);
  await found.find("tenant", TREE, "1/2", wanted);
  expect(asked).toHaveLength(1);
  await found.find("tenant", TREE, "1/1", wanted);
  expect(asked).toHaveLength(2);
});

test("of more than there is room for the tree that was used longest ago is forgotten", async () => {
  const { asked, published, database } = counting();
  const found = new FoundFiles(database, 1_000);
  const wanted = wanting({ stems: ["a"] });
  for (const state of ["1/1", "2/1"]) {
    published.state = state;
    await found.ask("tenant", TREE, wanted);
  }
  await found.find("tenant", TREE, "1/1", wanted);
  published.state = "3/1";
  await found.ask("tenant", TREE, wanting({ stems: ["a", "b"] }));
  await found.find("tenant", TREE, "1/1", wanted);
  expect(asked).toHaveLength(3);
  await found.find("tenant", TREE, "2/1", wanted);
  expect(asked).toHaveLength(4);
});
