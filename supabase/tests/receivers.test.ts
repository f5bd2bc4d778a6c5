// What a member means behind a value, of which the index knows no class: told by how the value is declared, by
// its own name and by the classes that are named around, over HTTP from a real push.

import { afterAll, beforeAll, expect, test } from "vitest";
import { IndexedRepository } from "./support/indexed_repository.ts";

const files: Readonly<Record<string, string>> = {
  "src/cable.ts": "export class Cable {\n  plug() {}\n}\n",
  "src/drill.ts": "export class Drill {\n  plug() {}\n}\n",
  "src/lamp.ts": "export class Lamp {\n  plug() {}\n}\n",
  "src/bench.ts": 'import { Cable } from "./cable.ts";\nimport { Drill } from "./drill.ts";\n' +
    'import { Lamp } from "./lamp.ts";\n\nconst spare = new Drill();\n\n' +
    "export class Bench {\n  tool: Lamp;\n  plug() {}\n\n" +
    "  byField() {\n    this.tool.plug();\n  }\n\n" +
    "  byName(x: Cable) {\n    lamp.plug();\n  }\n\n" +
    "  byType(x: Drill) {\n    x.plug();\n  }\n\n" +
    "  own(x: Lamp) {\n    this.plug();\n  }\n\n" +
    "  byVariable() {\n    spare.plug();\n  }\n\n" +
    "  untold(x: unknown) {\n    x.plug();\n  }\n}\n",
  "jvm/Reader.java": "package jvm;\n\nclass Reader {\n  void end() {}\n}\n",
  "jvm/Writer.java": "package jvm;\n\nclass Writer {\n  void end() {}\n}\n",
  "jvm/Use.java": "package jvm;\n\nclass Use {\n  void all(Writer out) {\n    out.end();\n  }\n}\n",
};

let indexed: IndexedRepository;
beforeAll(async () => {
  indexed = await IndexedRepository.create("acme/receivers", files);
});
afterAll(() => indexed[Symbol.asyncDispose]());

test.each([
  ["the type of a field", "src/bench.ts", "this.tool.plug", "Lamp"],
  ["the name of the value", "src/bench.ts", "lamp.plug", "Lamp"],
  ["the type of a parameter", "src/bench.ts", "x.plug", "Drill"],
  ["the class itself", "src/bench.ts", "this.plug", "Bench"],
  ["what a variable is made of", "src/bench.ts", "spare.plug", "Drill"],
  ["a class of the package", "jvm/Use.java", "out.end", "Writer"],
])("%s tells whose member is meant", async (_, path, text, container) => {
  const lines = files[path]?.split("\n") ?? [];
  const index = lines.findIndex((line) => line.includes(text));
  const column = (lines[index]?.lastIndexOf(".") ?? 0) + 2;
  const found = await indexed.get("definitions/at", {
    path,
    line: `${index + 1}`,
    column: `${column}`,
  });
  const [first] = found["definitions"] as { container: string }[];
  expect(first).toMatchObject({ container });
});
