// Members that code names without their owner, each beside a function of its name elsewhere: over HTTP, from
// a real push, through the real indexer.

import { afterAll, beforeAll, expect, test } from "vitest";
import { IndexedRepository } from "./support/indexed_repository.ts";

/** Of each path the code, and what is found in its last place: the name of a member of its own folder. */
const MEMBERS: Readonly<Record<string, readonly [text: string, name: string]>> = {
  "members/shop.py": [
    "class Shop:\n    def size(self):\n        return 1\n\n    total = property(size)\n",
    "size",
  ],
  "members/named.py": [
    "class Named:\n    @property\n    def title(self):\n        return 1\n\n" +
    "    @title.setter\n    def set_it(self, value):\n        pass\n",
    "title.",
  ],
  "members/conf.rs": [
    "pub struct Conf {\n    pub addr: u32,\n}\npub fn conf() -> Conf {\n    Conf { addr: 1 }\n}\n",
    "addr",
  ],
  "members/start.go": [
    "package members\n\nfunc Start() *Server {\n\treturn &Server{\n\t\tAddr: place(),\n\t}\n}\n",
    "Addr",
  ],
  "members/box.ts": [
    "export interface Box {\n  width: number;\n}\n" +
    "export function box(): Box {\n  return { width: 1 };\n}\n",
    "width",
  ],
};
const files: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(MEMBERS).map(([path, [text]]) => [path, text])),
  "members/type.go": "package members\n\ntype Server struct {\n\tAddr string\n}\n",
  "elsewhere/size.py": "def size():\n    pass\n\n\ndef title():\n    pass\n",
  "elsewhere/addr.rs": "pub fn addr() {}\n",
  "elsewhere/addr.go": "package elsewhere\n\nfunc Addr() {}\n",
  "elsewhere/width.ts": "export function width() {}\n",
  // In a method its name means the function beside the class.
  "members/file.py": "def close(number):\n    pass\n\n\nclass File:\n    def close(self):\n" +
    "        close(1)\n",
};

let indexed: IndexedRepository;
beforeAll(async () => {
  indexed = await IndexedRepository.create("acme/members", files);
});
afterAll(() => indexed[Symbol.asyncDispose]());

/** What is at the last place of a text in a file. */
async function atLast(path: string, word: string) {
  const text = files[path] ?? "";
  const before = text.slice(0, text.lastIndexOf(word)).split("\n");
  const column = `${(before.at(-1) ?? "").length + 1}`;
  return await indexed.get("definitions/at", { path, line: `${before.length}`, column });
}

test.each(Object.entries(MEMBERS))(
  "a member that %s names without an owner is meant before a function elsewhere",
  async (path, [, name]) => {
    const { may_be_local: mayBeLocal, definitions } = await atLast(path, name);
    expect(mayBeLocal).toBe(false);
    expect((definitions as { path: string }[]).map((each) => each.path.split("/")[0]))
      .toEqual(["members", "elsewhere"]);
  },
);

test("in a method a function of the file is meant before the member", async () => {
  expect((await atLast("members/file.py", "close"))["definitions"])
    .toMatchObject([{ kind: "function" }, { kind: "method" }]);
});
