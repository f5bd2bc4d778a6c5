// Calls of what C and C++ declare in a header and define in a source: both are one thing. Over HTTP, from a
// real push, through the real indexer.

import { afterAll, beforeAll, expect, test } from "vitest";
import { type Body, IndexedRepository } from "./support/indexed_repository.ts";

const files: Readonly<Record<string, string>> = {
  "c/lib.h": "int lib_open(const char *name);\nint lib_low(int flags);\n",
  "c/all.h": '#include "lib.h"\n',
  "c/lib.c": '#include "lib.h"\nstatic int check(int flags);\n' +
    "int lib_open(const char *name) {\n  return lib_low(check(0));\n}\n" +
    "static int check(int flags) {\n  return lib_bits(flags);\n}\n",
  // By a header that includes all there are.
  "c/low.c": '#include "all.h"\nint lib_low(int flags) { return lib_bits(flags); }\n',
  "c/bits.c": "int lib_bits(int flags) { return flags; }\n",
  "c/main.c": '#include "lib.h"\nint main(void) {\n  return lib_open("a");\n}\n',
  // The same name, and another thing: it includes no header that declares the first.
  "other/lib.c": "int lib_open(const char *name) { return 0; }\n" +
    "int other_use(void) { return lib_open(0); }\n",

  // Has the header by another one, so that header and source are as near.
  "near/deep.h": "void sink(void);\n",
  "near/deep.c": '#include "deep.h"\nvoid sink(void) { return; }\n',
  "near/over.h": '#include "deep.h"\n',
  "near/use.c": '#include "over.h"\nvoid near_use(void) { sink(); }\n',
  "cpp/widget.h":
    "namespace ui {\nclass Widget {\n public:\n  void draw(int depth);\n  void draw();\n};\n" +
    "class Label {\n public:\n  void draw();\n};\n}\n",
  "cpp/widget.cc": '#include "widget.h"\nusing namespace ui;\n' +
    "void Widget::draw(int depth) {\n  paint(depth);\n}\nvoid Widget::draw() {\n  clear();\n}\n",
  "cpp/paint.cc": "void paint(int depth) {}\nvoid clear() {}\n",
  "cpp/app.cc": '#include "widget.h"\nvoid app(ui::Widget *w) {\n  w->draw(1);\n}\n',
};

let indexed: IndexedRepository;
beforeAll(async () => {
  indexed = await IndexedRepository.create("acme/declared", files);
});
afterAll(() => indexed[Symbol.asyncDispose]());

interface CallView {
  readonly from: { readonly name: string | null };
  readonly to: { readonly name: string | null; readonly path: string; readonly line: number };
  readonly depth: number;
}

async function calls(route: string, parameters: Record<string, string>): Promise<string[]> {
  const body: Body = await indexed.get(route, parameters);
  expect(body).toMatchObject({ complete: true });
  return (body["calls"] as CallView[]).map(({ from, to, depth }) =>
    `${depth} ${from.name ?? "top level"} > ${to.name} ${to.path}:${to.line}`
  );
}

test("a function of C is called by who includes its header, whichever of both is asked for", async () => {
  expect(await calls("callers", { name: "lib_open", path: "c/lib.c" }))
    .toEqual(["1 main > lib_open c/lib.c:3"]);
  expect(await calls("callers", { name: "lib_open", path: "c/lib.h" }))
    .toEqual(["1 main > lib_open c/lib.h:1"]);
});

test("callers go on from a source by the header that declares it", async () => {
  expect(await calls("callers", { name: "lib_bits", depth: "4" })).toEqual([
    "1 check > lib_bits c/bits.c:1",
    "1 lib_low > lib_bits c/bits.c:1",
    "2 lib_open > lib_low c/low.c:2",
    "2 lib_open > check c/lib.c:6",
    "3 main > lib_open c/lib.c:3",
  ]);
});

test("callees go on from a header to the source that defines what it declares", async () => {
  const down = [
    "1 main > lib_open c/lib.c:3",
    "2 lib_open > lib_low c/low.c:2",
    "2 lib_open > check c/lib.c:6",
    "3 lib_low > lib_bits c/bits.c:1",
    "3 check > lib_bits c/bits.c:1",
  ];
  expect(await calls("callees", { name: "main", depth: "4" })).toEqual(down);
  expect(await calls("callees", { name: "lib_open", path: "c/lib.h", depth: "1" }))
    .toEqual(["1 lib_open > lib_low c/low.c:2", "1 lib_open > check c/lib.c:6"]);
  // A declaration beside its definition is no other one that may be meant.
  const within = await indexed.get("callees", { name: "lib_open", path: "c/lib.c" });
  expect(within["calls"]).toMatchObject([{ candidates: 1 }, { candidates: 1 }]);
});

test("a declaration that is as near as its definition is no other one that may be meant", async () => {
  const meant = [{ path: "near/use.c", proximity: "same_folder", candidates: 1 }];
  expect((await indexed.get("callers", { name: "sink" }))["calls"]).toMatchObject(meant);
  expect((await indexed.get("callees", { name: "near_use" }))["calls"]).toMatchObject(meant);
});

test("of a namesake that has not the header nothing is said", async () => {
  expect(await calls("callers", { name: "lib_open", path: "other/lib.c" }))
    .toEqual(["1 other_use > lib_open other/lib.c:1"]);
});

test("a method of C++ is what its class declares, and no other class's", async () => {
  expect(await calls("callers", { name: "draw", path: "cpp/widget.cc" }))
    .toEqual(["1 app > Widget.draw cpp/widget.cc:3"]);
  expect(await calls("callees", { path: "cpp/widget.cc", line: "6", column: "14" }))
    .toEqual(["1 Widget.draw > clear cpp/paint.cc:2"]);
  expect(await calls("callees", { name: "app", depth: "2" })).toEqual([
    "1 app > Widget.draw cpp/widget.cc:3",
    "2 Widget.draw > paint cpp/paint.cc:1",
    "2 Widget.draw > clear cpp/paint.cc:2",
  ]);
});
