// What a file says of its language itself, where its path does not: in every answer, over HTTP, from
// real pushes, through the real indexer.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { register } from "./support/http.ts";
import { type Body, IndexedRepository } from "./support/indexed_repository.ts";
import { Clone, ended, until } from "./support/whole_path.ts";

const PYTHON_SCRIPT = "#!/usr/bin/env python3\nfrom lib import y\n\ny.go()\n";
const CPP_HEADER =
  "#pragma once\nnamespace shapes {\nclass Circle {\n public:\n  int area();\n};\n}\n";

const files: Readonly<Record<string, string>> = {
  "tool": PYTHON_SCRIPT,
  "lib/__init__.py": "",
  "lib/y.py": "def go():\n    return 1\n",
  "serve": '#!/usr/bin/env node\nimport { ship } from "./lib/x.js";\n\nship();\n',
  "lib/x.js": "export function ship() {}\n",
  "run": "#!/bin/bash\n. ./lib/log.sh\n\nsay hello\n",
  "lib/log.sh": 'say() {\n  echo "$1"\n}\n',
  "shapes/circle.h": CPP_HEADER,
  "shapes/circle.cc": '#include "circle.h"\nint shapes::Circle::area() { return 1; }\n',
  "view/Panel.h": "#import <UIKit/UIKit.h>\n@interface Panel : UIView\n@end\n",
  "plain/ring.h": "struct ring { int head; };\n",
};

const LANGUAGES: Readonly<Record<string, string>> = {
  "tool": "Python",
  "serve": "JavaScript",
  "run": "Shell",
  "shapes/circle.h": "C++",
  "view/Panel.h": "Objective-C",
  "plain/ring.h": "C",
};

let indexed: IndexedRepository;
beforeAll(async () => {
  indexed = await IndexedRepository.create("acme/told", files);
});
afterAll(() => indexed[Symbol.asyncDispose]());

function get(route: string, parameters: Record<string, string>): Promise<Body> {
  return indexed.get(route, parameters);
}

function languagesIn(list: unknown): Record<string, string> {
  const items = list as { path: string; language: string }[];
  return Object.fromEntries(items.map(({ path, language }) => [path, language]));
}

async function pathsFound(q: string, repository = "acme/told"): Promise<string[]> {
  const found = (await get("search", { q, repository }))["matches"] as { path: string }[];
  return [...new Set(found.map(({ path }) => path))].toSorted();
}

describe("the language that a text tells of itself", () => {
  test.each(Object.entries(LANGUAGES))(
    "is that of %s in its outline: %s",
    async (path, language) => {
      expect(await get("outline", { path })).toMatchObject({ path, language });
      expect(await get("file", { path })).toMatchObject({ path, language });
    },
  );

  test("is listed with the files, in a folder, and counted in the overview", async () => {
    expect(languagesIn((await get("files", {}))["items"])).toMatchObject(LANGUAGES);
    expect((await get("tree", { path: "shapes" }))["items"]).toContainEqual(
      expect.objectContaining({ name: "circle.h", language: "C++" }),
    );
    const counted = (await get("overview", {}))["languages"] as {
      language: string;
      files: number;
    }[];
    expect(Object.fromEntries(counted.map(({ language, files: count }) => [language, count])))
      .toEqual({ "Python": 3, "JavaScript": 2, "Shell": 2, "C++": 2, "Objective-C": 1, "C": 1 });
  });

  test("is what a search filters by", async () => {
    expect(await pathsFound("lang:python go")).toEqual(["lib/y.py", "tool"]);
    expect(await pathsFound("lang:c++ area")).toEqual(["shapes/circle.cc", "shapes/circle.h"]);
    expect(await pathsFound("lang:c area")).toEqual([]);
    expect(await pathsFound("lang:sh say")).toEqual(["lib/log.sh", "run"]);
  });
});

test.each([
  ["tool", "lib/y.py"],
  ["serve", "lib/x.js"],
  ["run", "lib/log.sh"],
  ["shapes/circle.cc", "shapes/circle.h"],
])("imports of %s lead to %s, whose change reaches it", async (from, to) => {
  const edges = (await get("dependencies", { path: from }))["edges"];
  expect(edges).toEqual([expect.objectContaining({ from, to })]);
  const reached = (await get("impact", { path: to }))["files"];
  expect(reached).toEqual([expect.objectContaining({ path: from, depth: 1 })]);
});

test("a change of a definition reaches the script that uses it", async () => {
  expect(await get("impact", { path: "lib/y.py", name: "go" }))
    .toMatchObject({ files: [{ path: "tool", depth: 1, line: 4 }], complete: true });
});

test("a blob is of the language that each of its paths gives it, through moves and edits", async () => {
  const { stack } = indexed;
  const repository = "acme/moved";
  await using clone = await Clone.create(stack, repository);
  await clone.write("tool", PYTHON_SCRIPT);
  await clone.write("a.h", CPP_HEADER);
  await clone.commitAndPush();
  await ended(stack, (await register(stack, repository)).jobId);
  const pushed = async () => {
    const commit = await clone.commitAndPush();
    return await until("the files of the push", async () => {
      const body = await get("files", { repository });
      return body["commit_oid"] === commit && languagesIn(body["items"]);
    });
  };
  expect(languagesIn((await get("files", { repository }))["items"])).toEqual({
    "tool": "Python",
    "a.h": "C++",
  });
  // Unchanged, under other names: of the same kind, and of one that decides alone.
  await clone.git("mv", "tool", "bin");
  await clone.write("tool.py", PYTHON_SCRIPT);
  await clone.write("tool.rb", PYTHON_SCRIPT);
  await clone.git("mv", "a.h", "b.h");
  await clone.write("a.hpp", CPP_HEADER);
  expect(await pushed()).toEqual({
    ...{ "bin": "Python", "tool.py": "Python", "tool.rb": "Ruby" },
    ...{ "b.h": "C++", "a.hpp": "C++" },
  });
  // Changed beneath the same names.
  await clone.write("bin", "#!/bin/sh\necho\n");
  await clone.write("b.h", "struct a;\n");
  expect(await pushed()).toMatchObject({ "bin": "Shell", "b.h": "C" });
  expect(await pathsFound("lang:python go", repository)).toEqual(["tool.py"]);
});
