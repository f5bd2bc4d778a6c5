import { expect, test } from "vitest";
import { editLine, editOrder, newFile } from "./edit.ts";

const file = (content: string | Buffer) => ({
  path: "README.md",
  mode: "100644" as const,
  content: Buffer.from(content),
});

test("one line changes and every other byte stays, CRLF too", () => {
  const edit = editLine(file("\r\n# Title\r\nbody\r\n"), "mark");
  expect(edit).toMatchObject({ line: 2, before: "# Title", after: "# Title mark" });
  expect(edit?.change.content.toString()).toBe("\r\n# Title mark\r\nbody\r\n");
});

test("binary files, other encodings and files without a word are left alone", () => {
  expect(editLine(file("a\0bcd"), "mark")).toBeNull();
  expect(editLine(file(Buffer.from([0x61, 0x62, 0x63, 0xff])), "mark")).toBeNull();
  expect(editLine(file("\n--\n"), "mark")).toBeNull();
});

test("the README is the first to be edited, a lock the last", () => {
  expect(editOrder(["package-lock.json", "src/a.ts", "setup.py", "README.md"], 9)).toEqual([
    "README.md",
    "setup.py",
    "src/a.ts",
    "package-lock.json",
  ]);
});

test("the new file defines its name", () => {
  const { path, content } = newFile("quarryDemoX1");
  expect(path).toBe("quarryDemoX1.ts");
  expect(content.toString()).toContain("export function quarryDemoX1(): string {");
});
