// What a change of a definition reaches by names that only its users know, by files that pass it on and by
// headers; over HTTP, from a real push, through the real indexer. What is reached by imports and packages:
// code_graph.test.ts.

import { afterAll, beforeAll, expect, test } from "vitest";
import { IndexedRepository } from "./support/indexed_repository.ts";
import { connectMcp } from "./support/mcp_client.ts";

const files: Readonly<Record<string, string>> = {
  "ts/lib/z.ts":
    "export default function z() {}\nfunction inner() {}\nexport { inner as outer };\n",
  "ts/a.ts": 'import other from "./lib/z.js";\n\nother();\n',
  "ts/b.ts": 'import { outer } from "./lib/z.js";\nouter();\n',
  // Has the word, and another z.
  "ts/c.ts": "function z() {}\nz();\n",
  "ts/lib/index.ts": 'export { default as tint } from "./z.js";\n',
  "ts/d.test.ts": 'import { tint } from "./lib/index.js";\ntint();\n',
  "ts/deep/plain.ts": "export function plain() {}\n",
  "ts/deep/all.ts": 'export * from "./plain.js";\n',
  "ts/e.ts": 'import { plain } from "./deep/all.js";\nplain();\n',
  "ts/f.ts": 'import { plain } from "elsewhere";\nplain();\n',
  "ts/g.ts": 'import * as all from "./deep/all.js";\n\nall.plain();\n',
  "ts/h.ts": 'import * as all from "elsewhere";\nall.plain();\n',
  // Has the file that passes it on, and the word of something else.
  "ts/i.ts":
    'import * as all from "./deep/all.js";\nall.vain();\nconst it = { plain: 1 };\nit.plain;\n',

  "c/inc/ring.h": "struct ring { int head; };\nint ring_push(struct ring *r, int value);\n" +
    "int ring_pop(struct ring *r);\n",
  "c/inc/all.h": '#include "ring.h"\n',
  "c/src/ring.c": '#include "ring.h"\nstatic int head;\n' +
    "int ring_push(struct ring *r, int value) { return r->head = value; }\n" +
    "int ring_pop(struct ring *r) { return r->head; }\n",
  "c/src/main.c":
    '#include "ring.h"\nint main(void) {\n  struct ring r;\n  return ring_push(&r, 1);\n}\n',
  "c/app/far.c": "#include <all.h>\nint far(struct ring *r) { return ring_pop(r); }\n",
  "c/app/head.c": '#include "ring.h"\nint head_of(struct ring *r) { return r->head; }\n',
  "c/app/stranger.c": "int stranger(void) { return ring_push(0, 0); }\n",
  "c/test/ring_test.c": "#include <ring.h>\nvoid test(void) { ring_push(0, 1); }\n",

  // Programs of one folder, each with names of its own.
  "tools/copy.c": "static void usage(void) { exit(1); }\nvoid assist(void) { usage(); }\n" +
    "void advise(void) { usage(); }\n",
  "tools/move.c": "static void usage(void) { exit(2); }\nint main(void) { usage(); }\n",
  "tools/list.c": '#include "../lib/assist.h"\nint main(void) { assist(); usage(); advise(); }\n',
  "tools/link.c": "extern void assist(void);\nint main(void) { assist(); }\n",
  "tools/find.c": "static void assist(void) { return; }\nint main(void) { assist(); }\n",
  "tools/whole.c": '#include "copy.c"\nint main(void) { usage(); }\n',
  "tools/sort.c": '#include "advise.h"\nint main(void) { advise(); }\n',
  // Nobody who defines it includes this.
  "tools/advise.h": "void advise(void);\n",
  // A nearer file of the name is included.
  "tools/own/copy.c": "static void usage(void) { exit(3); }\n",
  "tools/own/all.c": '#include "copy.c"\nint main(void) { usage(); }\n',
  "lib/assist.h": "void assist(void);\n",
  "lib/assist.c": '#include "assist.h"\nvoid assist(void) { return; }\n',

  // One has the name of the package, the other of one from outside.
  "go/go.mod": "module acme.dev/go\n\ngo 1.22\n",
  "go/scan/scan.go": "package scan\n\nfunc Scan() {}\n\nfunc Skip() {}\n",
  "go/own.go": 'package main\n\nimport "acme.dev/go/scan"\n\nfunc own() {\n\tscan.Scan()\n}\n',
  "go/others.go": 'package main\n\nimport (\n\t"flag"\n\n\t"acme.dev/go/scan"\n)\n\n' +
    "func others() {\n\tflag.Scan()\n\tscan.Skip()\n}\n",

  "cpp/shape.h": "class Shape {\n public:\n  int area();\n};\n",
  "cpp/shape.cc": '#include "shape.h"\nint Shape::area() { return 1; }\n',
  "cpp/app/use.cc": '#include "../shape.h"\nint use(Shape& shape) { return shape.area(); }\n',
};

let indexed: IndexedRepository;
beforeAll(async () => {
  indexed = await IndexedRepository.create("acme/impact", files);
});
afterAll(() => indexed[Symbol.asyncDispose]());

async function reached(parameters: Record<string, string>): Promise<string[]> {
  const body = await indexed.get("impact", parameters);
  expect(body).toMatchObject({ complete: true });
  return (body["files"] as { path: string; line: number; depth: number }[])
    .map(({ path, line, depth }) => `${depth} ${path}:${line}`);
}

test("a change of a default reaches whoever imports it, by whatever name", async () => {
  expect(await reached({ path: "ts/lib/z.ts", name: "z", depth: "1" }))
    .toEqual(["1 ts/d.test.ts:2", "1 ts/a.ts:3"]);
});

test("a change of a definition reaches who has it by the name of a list of exports", async () => {
  expect(await reached({ path: "ts/lib/z.ts", name: "inner", depth: "1" })).toEqual([
    "1 ts/b.ts:2",
  ]);
});

test("a change of a definition reaches who has it from a file that passes everything on", async () => {
  expect(await reached({ path: "ts/deep/plain.ts", name: "plain", depth: "1" }))
    .toEqual(["1 ts/e.ts:2", "1 ts/g.ts:3"]);
});

test("a change of a definition reaches none that has its name of something else", async () => {
  const own = { path: "go/scan/scan.go", depth: "1" };
  expect(await reached({ ...own, name: "Scan" })).toEqual(["1 go/own.go:6"]);
  expect(await reached({ ...own, name: "Skip" })).toEqual(["1 go/others.go:11"]);
});

test("a change of a source of C reaches who includes its header and uses what it defines", async () => {
  expect(await reached({ path: "c/src/ring.c", depth: "1" })).toEqual([
    "1 c/test/ring_test.c:2",
    "1 c/app/far.c:2",
    "1 c/src/main.c:4",
  ]);
  expect(await reached({ path: "cpp/shape.cc", depth: "1" })).toEqual(["1 cpp/app/use.cc:2"]);
});

test("a change of a function of C reaches who includes its header and uses that one", async () => {
  expect(await reached({ path: "c/src/ring.c", name: "ring_push", depth: "1" }))
    .toEqual(["1 c/test/ring_test.c:2", "1 c/src/main.c:4"]);
  expect(await reached({ path: "c/src/ring.c", name: "ring_pop", depth: "1" }))
    .toEqual(["1 c/app/far.c:2"]);
  // From its declaration too.
  expect(await reached({ path: "c/inc/ring.h", name: "ring_pop", depth: "1" }))
    .toEqual(["1 c/app/far.c:2"]);
});

test("a change of a name of C reaches none that has another one of that name", async () => {
  const users = async (path: string, name: string) =>
    (await reached({ path, name, depth: "1" })).map((each) => each.replace(/^1 |:\d+$/g, ""));
  expect(await users("tools/copy.c", "usage")).toEqual(["tools/whole.c"]);
  expect(await users("tools/own/copy.c", "usage")).toEqual(["tools/own/all.c"]);
  expect(await users("tools/copy.c", "assist")).toEqual(["tools/link.c"]);
  expect(await users("tools/copy.c", "advise")).toEqual(["tools/list.c", "tools/sort.c"]);
  expect(await users("lib/assist.c", "assist")).toEqual(["tools/list.c"]);
});

test("a name that the file does not define is refused, and not answered by nothing", async () => {
  const parameters = { path: "ts/lib/z.ts", name: "nope" };
  expect(await indexed.get("impact", parameters)).toMatchObject({
    status: 404,
    code: "definition_not_found",
    detail: "nope is not defined in ts/lib/z.ts.",
  });
  expect(await indexed.get("callers", parameters))
    .toMatchObject({ status: 404, code: "definition_not_found" });
  const client = await connectMcp(indexed.stack.functionsUrl, indexed.stack.apiKey);
  const answer = await client.callTool({
    name: "impact_of_change",
    arguments: { repository: "acme/impact", ...parameters },
  });
  await client.close();
  expect(answer.isError).toBe(true);
  expect(JSON.stringify(answer.content)).toContain("nope is not defined in ts/lib/z.ts.");
});
