import fc from "fast-check";
import { expect, test } from "vitest";
import { importPaths, importWord, joinPath } from "./import_paths.ts";

interface Case {
  readonly language: string;
  readonly from: string;
  readonly specifier: string;
  readonly kind?: string;
  readonly names?: readonly string[];
  readonly means: string;
}

const cases: readonly Case[] = [
  { language: "TypeScript", from: "src/a.ts", specifier: "./b.ts", means: "src/b.ts" },
  { language: "TypeScript", from: "src/a.ts", specifier: "./b.js", means: "src/b.ts" },
  { language: "TSX", from: "src/x/a.tsx", specifier: "../ui", means: "src/ui/index.ts" },
  { language: "JavaScript", from: "a.js", specifier: "./b", means: "b.js" },
  { language: "Python", from: "app/main.py", specifier: "app.store", means: "app/store.py" },
  {
    language: "Python",
    from: "src/app/a.py",
    specifier: "app",
    names: ["b"],
    means: "src/app/b.py",
  },
  { language: "Python", from: "app/a.py", specifier: ".", names: ["b"], means: "app/b.py" },
  { language: "Python", from: "p/q/a.py", specifier: "..r.s", means: "p/r/s.py" },
  { language: "Python", from: "a.py", specifier: "lib", means: "lib/__init__.py" },
  { language: "Go", from: "cmd/main.go", specifier: "example.org/app/store", means: "store/" },
  { language: "C", from: "src/a.c", specifier: "b.h", kind: "include", means: "src/b.h" },
  {
    language: "C++",
    from: "src/a.cc",
    specifier: "x/b.h",
    kind: "system_include",
    means: "include/x/b.h",
  },
  {
    language: "Rust",
    from: "src/main.rs",
    specifier: "inner",
    kind: "file",
    means: "src/inner.rs",
  },
  {
    language: "Rust",
    from: "src/a.rs",
    specifier: "inner",
    kind: "file",
    means: "src/a/inner/mod.rs",
  },
  {
    language: "Rust",
    from: "src/a/b.rs",
    specifier: "crate::c::D",
    kind: "name",
    means: "src/c.rs",
  },
  {
    language: "Rust",
    from: "src/a/b.rs",
    specifier: "super::c::D",
    kind: "name",
    means: "src/a/c.rs",
  },
  {
    language: "Java",
    from: "src/main/java/a/A.java",
    specifier: "b.c.D",
    names: ["D"],
    means: "src/main/java/b/c/D.java",
  },
  {
    language: "Java",
    from: "j/a/A.java",
    specifier: "b.D.max",
    names: ["max"],
    means: "j/b/D.java",
  },
  { language: "Kotlin", from: "k/a/A.kt", specifier: "b.D", names: ["D"], means: "k/b/D.kt" },
  {
    language: "Scala",
    from: "s/a/A.scala",
    specifier: "b",
    names: ["D", "E"],
    means: "s/b/E.scala",
  },
  { language: "PHP", from: "src/A.php", specifier: "B\\C", names: ["C"], means: "src/B/C.php" },
  { language: "PHP", from: "a/A.php", specifier: "./boot.php", kind: "file", means: "a/boot.php" },
  {
    language: "Ruby",
    from: "lib/a.rb",
    specifier: "store/memory",
    kind: "file",
    means: "lib/store/memory.rb",
  },
  { language: "Lua", from: "src/a.lua", specifier: "x.y", means: "src/x/y.lua" },
];

const around = { goModules: [{ name: "example.org/app", directory: "" }] };

test.each(cases)("$language: $specifier in $from may mean $means", (each) => {
  const { language, from, specifier, kind = "module", names = [], means } = each;
  const imported = { specifier, kind, names: names.map((name) => ({ name })) };
  expect(importPaths({ path: from, language }, imported, around)).toContain(means);
});

test.each([
  ["TypeScript", "zod"],
  ["TypeScript", "node:fs"],
  ["Go", "fmt"],
  ["Rust", "std::io"],
  ["TypeScript", "../../../outside"],
  ["Markdown", "a"],
])("%s: %s is outside", (language, specifier) => {
  const imported = { specifier, kind: "module", names: [] };
  expect(importPaths({ path: "src/a", language }, imported, around)).toEqual([]);
});

test("no import leads out of the repository, or to the file itself", () => {
  const part = fc.constantFrom(".", "..", "a", "b", "", "::", "super", "crate");
  const specifiers = fc.array(part, { maxLength: 6 }).map((parts) => parts.join("/"));
  const languages = fc.constantFrom("TypeScript", "Python", "Rust", "C", "Ruby", "Java", "PHP");
  fc.assert(fc.property(languages, specifiers, (language, specifier) => {
    const file = { path: "x/y/z.ts", language };
    for (const path of importPaths(file, { specifier, kind: "module", names: [] }, around)) {
      expect(path.split("/")).not.toContain("..");
      expect(path).not.toMatch(/^\//);
      expect(path).not.toBe(file.path);
    }
  }));
});

test("paths are joined within the root", () => {
  expect(joinPath("a/b", "../c")).toBe("a/c");
  expect(joinPath("", "./c")).toBe("c");
  expect(joinPath("a", "../../c")).toBeNull();
});

test.each([
  ["src/fuel.ts", "fuel"],
  ["src/fuel.d.ts", "fuel"],
  ["ui/index.tsx", "ui"],
  ["app/__init__.py", "app"],
  ["index.ts", "index"],
])("who imports %s is likely to write %s", (path, word) => {
  expect(importWord(path)).toBe(word);
});
