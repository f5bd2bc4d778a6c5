import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Candidate, type Import } from "./import_meaning.ts";
import { joinPath } from "./paths.ts";
import { candidatesOf, keyOf, pathBeginning, pick, resolveImport } from "./resolve_import.ts";
import { readSurroundings } from "./surroundings.ts";

/** A repository: paths with their texts, and what its files define. */
interface Tree {
  readonly files: readonly string[];
  readonly configuration?: Readonly<Record<string, string>>;
  /** path → full names. */
  readonly defines?: Readonly<Record<string, readonly string[]>>;
  readonly namespaces?: Readonly<Record<string, readonly string[]>>;
}

const FAMILIES: Readonly<Record<string, string>> = {
  cs: "C#",
  ex: "Elixir",
  java: "JVM",
  kt: "JVM",
  php: "PHP",
  scala: "JVM",
};

/** What the database would find: the same rules over a list. */
function isOf(family: string, path: string): boolean {
  return FAMILIES[path.slice(path.lastIndexOf(".") + 1)] === family;
}

function findIn({ files, defines = {}, namespaces = {} }: Tree, candidate: Candidate): string[] {
  switch (candidate.kind) {
    case "file":
      return files.filter((path) => path === candidate.path);
    case "suffix":
      return files.filter((path) => `/${path}`.endsWith(`/${candidate.path}`));
    case "folder":
      return files.filter((path) =>
        path.startsWith(candidate.path === "" ? "" : `${candidate.path}/`) &&
        !path.slice(candidate.path === "" ? 0 : candidate.path.length + 1).includes("/")
      );
    case "definition":
      return files.filter((path) =>
        isOf(candidate.family, path) &&
        defines[path]?.includes([candidate.within, candidate.name].filter(Boolean).join(".")) ===
          true
      );
    case "namespace":
      return files.filter((path) =>
        isOf(candidate.family, path) && namespaces[path]?.includes(candidate.name) === true
      );
  }
}

function resolveIn(tree: Tree, from: string, language: string, imported: Partial<Import>) {
  const around = readSurroundings(
    Object.entries(tree.configuration ?? {}).map(([path, text]) => ({ path, text })),
  );
  const whole = { specifier: "", kind: "module", names: [], ...imported };
  const meaning = resolveImport({ path: from, language }, whole, around);
  const found = new Map(
    candidatesOf(meaning).map((each) => [keyOf(each), findIn(tree, each)]),
  );
  const { to, isExternal, isMissing } = pick(
    { path: from, language },
    meaning,
    (key) => found.get(key) ?? [],
  );
  if (to.length > 0) return to;
  if (isExternal) return "external";
  return isMissing ? "unresolved" : "itself";
}

const named = (...names: string[]) => names.map((name) => ({ name }));

describe("TypeScript and JavaScript", () => {
  const tree: Tree = {
    files: [
      "apps/web/src/main.ts",
      "apps/web/src/lib/index.ts",
      "apps/web/src/lib/both.js",
      "apps/web/src/lib/both.ts",
      "packages/ui/src/index.ts",
      "packages/ui/src/button.tsx",
      "packages/ui/src/internal/paint.ts",
      "packages/old/lib/start.js",
      "shared/env.ts",
    ],
    configuration: {
      "tsconfig.base.json": `{ // the root's
        "compilerOptions": { "baseUrl": ".", "paths": { "@shared/*": ["shared/*"], } } }`,
      "apps/web/tsconfig.json":
        `{"extends": "../../tsconfig.base", "compilerOptions": {"strict": true}}`,
      "packages/ui/package.json": `{"name": "@acme/ui", "exports": {
        ".": {"types": "./dist/index.d.ts", "default": "./dist/index.js"},
        "./*": "./dist/*.js"}, "imports": {"#internal/*": "./src/internal/*.ts"}}`,
      "packages/old/package.json": `{"name": "old", "main": "lib/start"}`,
      "deno.json": `{"imports": {"env": "./shared/env.ts", "zod": "npm:zod"}}`,
    },
  };
  test.each<[from: string, specifier: string, means: string[] | string]>([
    ["apps/web/src/main.ts", "./lib", ["apps/web/src/lib/index.ts"]],
    ["apps/web/src/main.ts", "./lib/both.js", ["apps/web/src/lib/both.ts"]],
    ["apps/web/src/main.ts", "@shared/env", ["shared/env.ts"]],
    ["apps/web/src/main.ts", "@shared/gone", "unresolved"],
    ["apps/web/src/main.ts", "@acme/ui", ["packages/ui/src/index.ts"]],
    ["apps/web/src/main.ts", "@acme/ui/button", ["packages/ui/src/button.tsx"]],
    ["apps/web/src/main.ts", "@acme/ui/gone", "unresolved"],
    ["apps/web/src/main.ts", "old", ["packages/old/lib/start.js"]],
    ["apps/web/src/main.ts", "react", "external"],
    ["apps/web/src/main.ts", "node:fs", "external"],
    ["apps/web/src/main.ts", "env", ["shared/env.ts"]],
    ["packages/ui/src/button.tsx", "#internal/paint", ["packages/ui/src/internal/paint.ts"]],
    ["packages/ui/src/button.tsx", "../../../../above", "unresolved"],
    ["shared/env.ts", "zod", "external"],
  ])("%s imports %s", (from, specifier, means) => {
    expect(resolveIn(tree, from, "TypeScript", { specifier })).toEqual(means);
  });
  test("JavaScript takes the file it names before the one it may be built from", () => {
    expect(resolveIn(tree, "apps/web/src/x.js", "JavaScript", { specifier: "./lib/both.js" }))
      .toEqual(["apps/web/src/lib/both.js"]);
  });
});

test.each([
  ["com.google.samples.core.Gone", "unresolved"],
  ["com.google.Gone", "unresolved"],
  ["com.google.firebase.Firebase", "external"],
  ["com.google.common.truth.Truth.assertThat", "external"],
])("a file of com.google.samples.apps takes a missing %s for %s", (specifier, means) => {
  const from = "app/src/main/kotlin/com/google/samples/apps/Main.kt";
  for (const language of ["Kotlin", "Java"]) {
    expect(resolveIn({ files: [from] }, from, language, { specifier })).toEqual(means);
  }
});

describe("settings that only refer to others", () => {
  const tree: Tree = {
    files: ["ui/src/main.ts", "ui/src/button.ts", "ui/kit/src/paint.ts", "ui/kit/main.ts"],
    configuration: {
      "ui/tsconfig.json": `{"files": [], "references": [{"path": "./tsconfig.node.json"},
        {"path": "tsconfig.app.json"}, {"path": "./tsconfig.vitest.json"}, {"path": "kit"}, {}]}`,
      "ui/tsconfig.node.json": `{"extends": "./tsconfig.json"}`,
      "ui/tsconfig.app.json": `{"extends": "@vue/tsconfig/tsconfig.dom.json",
        "compilerOptions": {"paths": {"@/*": ["./src/*"]}}}`,
      "ui/tsconfig.vitest.json": `{"extends": "./tsconfig.app.json",
        "compilerOptions": {"paths": {"@/*": ["./gone/*"], "$/*": ["./kit/*"]}}}`,
      "ui/kit/tsconfig.json": `{"compilerOptions": {"baseUrl": "src"},
        "references": [{"path": "./tsconfig.app.json"}]}`,
      "ui/kit/tsconfig.app.json": `{"compilerOptions": {"paths": {"@/*": ["../src/*"]}}}`,
    },
  };
  test.each<[from: string, specifier: string, means: string[] | string]>([
    // Of those beside them the first that says something.
    ["ui/src/main.ts", "@/button", ["ui/src/button.ts"]],
    ["ui/src/main.ts", "$/main", "external"],
    ["ui/src/main.ts", "paint", "external"],
    // What says something itself holds.
    ["ui/kit/main.ts", "paint", ["ui/kit/src/paint.ts"]],
    ["ui/kit/main.ts", "@/button", "external"],
  ])("%s imports %s", (from, specifier, means) => {
    expect(resolveIn(tree, from, "TypeScript", { specifier })).toEqual(means);
  });
});

test("settings that extend one another many times over are each read once", () => {
  const names = Array.from({ length: 40 }, (_, each) => `./tsconfig.${each}.json`);
  const all = JSON.stringify({ extends: names });
  const configuration = Object.fromEntries(["tsconfig.json", ...names.map((name) => name.slice(2))]
    .map((name) => [name, all]));
  const last = JSON.stringify({ extends: names, compilerOptions: { paths: { "@/*": ["./*"] } } });
  const tree = { files: ["a.ts"], configuration: { ...configuration, "tsconfig.39.json": last } };
  expect(resolveIn(tree, "b.ts", "TypeScript", { specifier: "@/a" })).toEqual(["a.ts"]);
});

describe("an alias for every name", () => {
  const tree: Tree = {
    files: [
      "src/main.ts",
      "src/pages/home.ts",
      "src/inner/paint.ts",
      "src/icon.svg",
      "src/worker.ts",
      "types/untyped.d.ts",
      "shared/env.ts",
      "ui/src/index.ts",
      "ui/src/open.ts",
      "ui/src/hidden/paint.ts",
      "ui/src/closed.ts",
    ],
    configuration: {
      "package.json": `{"name": "app", "imports": {"#inner/*": "./src/inner/*.ts"},
        "exports": {".": "./src/main.ts"}}`,
      "tsconfig.json": `{"compilerOptions": {"baseUrl": "src",
        "paths": {"*": ["../types/*"], "@ui/*": ["../ui/src/gone/*"]}}}`,
      "deno.json": `{"imports": {"env": "./shared/env.ts"}}`,
      "ui/package.json":
        `{"name": "@ui/kit", "exports": {".": "./src/index.ts", "./*": "./src/*.ts",
        "./closed": null, "./hidden/*": null}}`,
    },
  };
  test.each<[specifier: string, means: string[] | string]>([
    ["untyped", ["types/untyped.d.ts"]],
    ["pages/home", ["src/pages/home.ts"]],
    ["env", ["shared/env.ts"]],
    ["app", ["src/main.ts"]],
    ["#inner/paint", ["src/inner/paint.ts"]],
    ["#inner/gone", "unresolved"],
    // The alias of these names leads nowhere; a package has them.
    ["@ui/kit", ["ui/src/index.ts"]],
    ["@ui/kit/open", ["ui/src/open.ts"]],
    ["@ui/other", "unresolved"],
    ["react", "external"],
    // What a manifest closes.
    ["@ui/kit/closed", "unresolved"],
    ["@ui/kit/hidden/paint", "unresolved"],
    // What is said to a bundler.
    ["./worker.ts?worker&inline", ["src/worker.ts"]],
    ["./icon.svg?raw", ["src/icon.svg"]],
  ])("%s", (specifier, means) => {
    expect(resolveIn(tree, "src/other.ts", "TypeScript", { specifier })).toEqual(means);
  });
});

describe("Python", () => {
  const tree: Tree = {
    files: [
      "app/__init__.py",
      "app/store.py",
      "app/models/__init__.py",
      "app/models/user.py",
      "app/json.py",
      "services/pay/src/pay/core.py",
      "services/pay/src/pay/__init__.py",
      "tests/test_app.py",
      "space/part/leaf.py",
    ],
  };
  test.each<[from: string, specifier: string, names: string[], means: string[] | string]>([
    ["app/main.py", "app.store", [], ["app/store.py"]],
    ["app/main.py", "app", ["store", "models"], ["app/store.py", "app/models/__init__.py"]],
    ["app/main.py", "app", ["VERSION"], ["app/__init__.py"]],
    ["app/main.py", ".", ["store"], ["app/store.py"]],
    ["app/models/user.py", "..store", ["Store"], ["app/store.py"]],
    ["app/models/user.py", "...gone", ["x"], "unresolved"],
    ["tests/test_app.py", "pay.core", [], ["services/pay/src/pay/core.py"]],
    ["tests/test_app.py", "space.part", ["leaf"], ["space/part/leaf.py"]],
    ["app/main.py", "json", [], "external"],
    ["app/main.py", "requests", [], "external"],
    ["app/main.py", "app.gone", [], ["app/gone"]],
  ])("%s imports %s %j", (from, specifier, names, means) => {
    const found = resolveIn(tree, from, "Python", { specifier, names: named(...names) });
    // A module that is not there, of a package that is.
    expect(found).toEqual(specifier === "app.gone" ? "unresolved" : means);
  });
});

test("Go: modules, several of them, and what stands for others", () => {
  const tree: Tree = {
    files: ["store/store.go", "store/store_test.go", "tools/gen/gen.go", "fork/log/log.go"],
    configuration: {
      "go.mod": "module example.org/app\n\nreplace (\n\texample.org/log v1.2.0 => ./fork/log\n)\n",
      "tools/go.mod": "module example.org/app/tools\n",
    },
  };
  const go = (specifier: string) => resolveIn(tree, "cmd/main.go", "Go", { specifier });
  expect(go("example.org/app/store")).toEqual(["store/store.go"]);
  expect(go("example.org/app/tools/gen")).toEqual(["tools/gen/gen.go"]);
  expect(go("example.org/log")).toEqual(["fork/log/log.go"]);
  expect(go("example.org/app/gone")).toBe("unresolved");
  expect(go("fmt")).toBe("external");
});

test("Go: folders of the standard library, and of repositories from before there were modules", () => {
  const files = ["src/net/http/server.go", "src/net/http/server_test.go", "src/fmt/print.go"];
  const std: Tree = {
    files,
    configuration: { "src/go.mod": "module std\n", "src/cmd/go.mod": "module cmd\n" },
  };
  const inside = (tree: Tree, specifier: string) =>
    resolveIn(tree, "src/net/rpc/client.go", "Go", { specifier });
  expect(inside(std, "net/http")).toEqual(["src/net/http/server.go"]);
  expect(inside(std, "cmd/gone")).toBe("unresolved");
  expect(inside(std, "golang.org/x/net")).toBe("external");
  expect(inside({ files }, "fmt")).toEqual(["src/fmt/print.go"]);
  expect(inside({ files: ["log/log.go"] }, "log")).toBe("external");
  expect(inside({ files }, "github.com/acme/log")).toBe("external");
});

test("Rust: the module tree, binaries, tests, and crates of the workspace", () => {
  const tree: Tree = {
    files: [
      "core/src/lib.rs",
      "core/src/a/mod.rs",
      "core/src/a/b.rs",
      "core/src/c.rs",
      "core/src/c/inner/other.rs",
      "core/src/other.rs",
      "core/tests/all.rs",
      "core/tests/common/mod.rs",
      "cli/src/main.rs",
      "cli/src/bin/extra.rs",
    ],
    configuration: {
      "Cargo.toml": "[workspace]\nmembers = ['core', 'cli']\n",
      "core/Cargo.toml": '[package]\nname = "my-core"\n',
      "cli/Cargo.toml":
        '[package]\nname = "cli"\n[dependencies]\nengine = { path = "../core", package = "my-core" }\n',
    },
  };
  const use = (from: string, specifier: string, kind = "name") =>
    resolveIn(tree, from, "Rust", { specifier, kind });
  expect(use("core/src/lib.rs", "a", "file")).toEqual(["core/src/a/mod.rs"]);
  expect(use("core/src/a/mod.rs", "b", "file")).toEqual(["core/src/a/b.rs"]);
  expect(use("core/src/a/b.rs", "crate::c::Thing")).toEqual(["core/src/c.rs"]);
  expect(use("core/src/a/b.rs", "super::Other")).toEqual(["core/src/a/mod.rs"]);
  expect(use("core/src/a/b.rs", "super::super::c::Thing")).toEqual(["core/src/c.rs"]);
  expect(use("core/src/c.rs", "super::TOP")).toEqual(["core/src/lib.rs"]);
  expect(use("core/src/c.rs", "crate::TOP")).toEqual(["core/src/lib.rs"]);
  expect(use("core/tests/all.rs", "my_core::a::b::Deep")).toEqual(["core/src/a/b.rs"]);
  expect(use("core/tests/all.rs", "common", "file")).toEqual(["core/tests/common/mod.rs"]);
  expect(use("cli/src/main.rs", "engine::c")).toEqual(["core/src/c.rs"]);
  expect(use("cli/src/main.rs", "std::io")).toBe("external");
  expect(use("core/src/c.rs", "gone", "file")).toBe("unresolved");
  // `#[path]` beside the file, and in a module inside of it.
  expect(use("core/src/c.rs", "other.rs", "file")).toEqual(["core/src/other.rs"]);
  expect(use("core/src/c.rs", "inner/./other.rs", "file")).toEqual(["core/src/c/inner/other.rs"]);
  expect(use("core/src/lib.rs", "a/b", "file")).toEqual(["core/src/a/b.rs"]);
  expect(use("core/src/lib.rs", "a/b.rs", "file")).toEqual(["core/src/a/b.rs"]);
  expect(use("core/src/c.rs", "../tests/all.rs", "file")).toEqual(["core/tests/all.rs"]);
  expect(use("core/src/c.rs", "self")).toBe("itself");
});

test("Rust: a binary that the manifest names has a folder of its own", () => {
  const tree: Tree = {
    files: [
      "src/lib.rs",
      "src/flags.rs",
      "crates/core/run.rs",
      "crates/core/flags/mod.rs",
      "crates/core/flags/parse.rs",
    ],
    configuration: {
      "Cargo.toml": '[package]\nname = "tool"\n[[bin]]\nname = "t"\npath = "crates/core/run.rs"\n',
    },
  };
  const use = (from: string, specifier: string, kind = "name") =>
    resolveIn(tree, from, "Rust", { specifier, kind });
  expect(use("crates/core/run.rs", "flags", "file")).toEqual(["crates/core/flags/mod.rs"]);
  expect(use("crates/core/run.rs", "crate::flags::HiArgs")).toEqual(["crates/core/flags/mod.rs"]);
  expect(use("crates/core/flags/parse.rs", "crate::TOP")).toEqual(["crates/core/run.rs"]);
  expect(use("crates/core/flags/mod.rs", "super::TOP")).toEqual(["crates/core/run.rs"]);
  expect(use("src/lib.rs", "crate::flags::Other")).toEqual(["src/flags.rs"]);
  expect(use("crates/core/run.rs", "tool::flags")).toEqual(["src/flags.rs"]);
});

describe("packages and namespaces", () => {
  const tree: Tree = {
    files: [
      "core/src/main/java/com/acme/core/Engine.java",
      "core/src/main/kotlin/com/acme/core/Tools.kt",
      "app/src/main/java/com/acme/app/App.java",
      "Core/Models.cs",
      "Core/More.cs",
      "src/Models/User.php",
      "lib/shop/cart.ex",
      "core/src/main/scala/com/acme/core/units/package.scala",
      "core/src/main/scala/Sizes.scala",
      "src/functions.php",
      "Shared/core.php",
      "Shared/core.ex",
    ],
    defines: {
      "core/src/main/scala/Sizes.scala": ["com.acme.core.sizes"],
      "src/functions.php": ["total_of"],
      "Shared/core.php": ["Acme.Util.helper"],
      "core/src/main/kotlin/com/acme/core/Tools.kt": ["com.acme.core.Wrench"],
      "Core/Models.cs": ["Acme.Core.Model"],
    },
    namespaces: {
      "core/src/main/java/com/acme/core/Engine.java": ["com.acme.core"],
      "core/src/main/kotlin/com/acme/core/Tools.kt": ["com.acme.core"],
      "Core/Models.cs": ["Acme.Core"],
      "Core/More.cs": ["Acme.Core"],
      "lib/shop/cart.ex": ["Shop.Cart"],
      "Shared/core.php": ["Shared.Core", "Acme.Util"],
      "Shared/core.ex": ["Shared.Core"],
    },
    configuration: { "composer.json": '{"autoload": {"psr-4": {"App\\\\": "src/"}}}' },
  };
  const engine = "core/src/main/java/com/acme/core/Engine.java";
  const tools = "core/src/main/kotlin/com/acme/core/Tools.kt";
  test.each<
    [language: string, specifier: string, names: string[], means: readonly string[] | string]
  >([
    ["Java", "com.acme.core.Engine", ["Engine"], [engine]],
    ["Java", "com.acme.core.Engine.start", ["start"], [engine]],
    ["Java", "com.acme.core.Engine.Part", ["Part"], [engine]],
    ["Java", "com.acme.core", ["*"], [engine, tools]],
    ["Java", "com.acme.core.Gone", ["Gone"], "unresolved"],
    ["Java", "java.util.List", ["List"], "external"],
    ["Kotlin", "com.acme.core.Wrench", ["Wrench"], [tools]],
    ["Scala", "com.acme.core", ["Engine", "Wrench"], [engine, tools]],
    ["Scala", "com.acme.core.units", ["*"], [
      "core/src/main/scala/com/acme/core/units/package.scala",
    ]],
    ["Scala", "com.acme.core.units.metre", ["metre"], [
      "core/src/main/scala/com/acme/core/units/package.scala",
    ]],
    ["Scala", "com.acme.core.sizes", ["*"], ["core/src/main/scala/Sizes.scala"]],
    ["Kotlin", "com.acme.core.units", ["*"], "unresolved"],
    ["C#", "Shared.Core", ["*"], "external"],
    ["Elixir", "Shared.Core", ["Core"], ["Shared/core.ex"]],
    ["PHP", "total_of", ["total_of"], ["src/functions.php"]],
    ["PHP", "Acme\\Util\\helper", ["helper"], ["Shared/core.php"]],
    ["PHP", "Exception", ["Exception"], "external"],
    ["C#", "Acme.Core", ["*"], ["Core/Models.cs", "Core/More.cs"]],
    ["C#", "Acme.Core.Model", ["*"], ["Core/Models.cs"]],
    ["C#", "System.Text", ["*"], "external"],
    ["PHP", "App\\Models\\User", ["User"], ["src/Models/User.php"]],
    ["PHP", "App\\Gone", ["Gone"], "unresolved"],
    ["PHP", "Symfony\\Kernel", ["Kernel"], "external"],
    ["Elixir", "Shop.Cart", ["Cart"], ["lib/shop/cart.ex"]],
    ["Elixir", "Enum", ["Enum"], "external"],
  ])("%s imports %s %j", (language, specifier, names, means) => {
    const from = "app/src/main/java/com/acme/app/App.java";
    const imported = { specifier, kind: "name", names: named(...names) };
    expect(resolveIn(tree, from, language, imported)).toEqual(means);
  });
});

describe("search paths", () => {
  const tree: Tree = {
    files: [
      "src/net/socket.c",
      "src/net/socket.h",
      "include/app/log.h",
      "src/inc/ring.h",
      "third/deep/zlib/zconf.h",
      "lib/store/memory.rb",
      "bin/start.rb",
      "lua/app/init.lua",
      "lua/app/view.lua",
      "scripts/lib/common.sh",
      "scripts/run.sh",
      "boot.php",
      "style/main.css",
      "style/reset.css",
    ],
  };
  test.each<
    [language: string, from: string, kind: string, specifier: string, means: string[] | string]
  >([
    ["C", "src/net/socket.c", "include", "socket.h", ["src/net/socket.h"]],
    ["C", "src/net/socket.c", "include", "app/log.h", ["include/app/log.h"]],
    ["C++", "src/net/a.cc", "system_include", "app/log.h", ["include/app/log.h"]],
    ["C", "src/net/socket.c", "include", "zlib/zconf.h", ["third/deep/zlib/zconf.h"]],
    ["C", "src/net/socket.c", "system_include", "ring.h", ["src/inc/ring.h"]],
    ["C", "src/net/socket.c", "system_include", "stdio.h", "external"],
    ["C", "src/net/socket.c", "include", "gone.h", "unresolved"],
    ["Ruby", "bin/start.rb", "module", "store/memory", ["lib/store/memory.rb"]],
    ["Ruby", "lib/store/x.rb", "file", "memory", ["lib/store/memory.rb"]],
    ["Ruby", "bin/start.rb", "module", "json", "external"],
    ["Lua", "main.lua", "module", "app", ["lua/app/init.lua"]],
    ["Lua", "main.lua", "module", "app.view", ["lua/app/view.lua"]],
    ["Shell", "scripts/run.sh", "file", "./lib/common.sh", ["scripts/lib/common.sh"]],
    ["Shell", "scripts/run.sh", "file", "$DIR/lib/common.sh", ["scripts/lib/common.sh"]],
    ["Shell", "scripts/run.sh", "file", "$HOME/.profile", "external"],
    ["Shell", "scripts/run.sh", "file", '$(dirname "$0")/lib/common.sh', ["scripts/lib/common.sh"]],
    ["Shell", "scripts/run.sh", "file", '$(cd "$(dirname "$0")" && pwd)/lib/common.sh', [
      "scripts/lib/common.sh",
    ]],
    ["PHP", "web/index.php", "file", "./boot.php", ["boot.php"]],
    ["CSS", "style/main.css", "file", "reset.css", ["style/reset.css"]],
    ["CSS", "style/main.css", "file", "https://example.org/a.css", "external"],
    ["Zig", "a.zig", "module", "std", "external"],
    ["Markdown", "a.md", "module", "a", "external"],
  ])("%s: %s %s %s", (language, from, kind, specifier, means) => {
    expect(resolveIn(tree, from, language, { kind, specifier })).toEqual(means);
  });
});

test("no import leads out of the repository, or to the file itself", () => {
  const part = fc.constantFrom(".", "..", "a", "b", "", "::", "super", "crate", "@a", "#b", "*");
  const specifiers = fc.array(part, { maxLength: 6 }).map((parts) => parts.join("/"));
  const languages = fc.constantFrom(
    ..."TypeScript JavaScript Python Rust C Ruby Java PHP Go Lua Shell CSS Elixir C#".split(" "),
  );
  const configuration = {
    "tsconfig.json": '{"compilerOptions":{"paths":{"@a/*":["../../out/*"],"*":["x/*"]}}}',
    "package.json": '{"name":"a","exports":{"./*":"../../*"},"imports":{"#b/*":"./*"}}',
    "Cargo.toml": '[package]\nname="a"\n',
  };
  const around = readSurroundings(
    Object.entries(configuration).map(([path, text]) => ({ path, text })),
  );
  fc.assert(fc.property(languages, specifiers, (language, specifier) => {
    const file = { path: "x/y/z.ts", language };
    const meaning = resolveImport(file, { specifier, kind: "module", names: [] }, around);
    for (const candidate of [...candidatesOf(meaning), ...meaning.things.flat()]) {
      if (!("path" in candidate) || candidate.kind === "suffix") continue;
      expect(candidate.path.split("/")).not.toContain("..");
      expect(candidate.path).not.toMatch(/^\//);
    }
    const everything = pick(file, meaning, (key) => [key.replace(/^\w+:/, ""), file.path]);
    expect(everything.to).not.toContain(file.path);
  }));
});

test("paths are joined within the root", () => {
  expect(joinPath("a/b", "../c")).toBe("a/c");
  expect(joinPath("", "./c")).toBe("c");
  expect(joinPath("a", "../../c")).toBeNull();
});

test("settings of any text say something or nothing, and never throw", () => {
  const names = fc.constantFrom(
    ..."package.json tsconfig.json deno.json go.mod Cargo.toml composer.json".split(" "),
  );
  const scraps = fc.constantFrom(
    ...'{ } [ ] : , " \\ // /* */ name exports paths extends compilerOptions ./a ../.. * [package]'
      .split(" "),
    "\n",
    "module x",
    "a => ../b",
    'name = "x"',
  );
  const text = fc.array(fc.oneof(scraps, fc.string()), { maxLength: 30 }).map((all) =>
    all.join(" ")
  );
  fc.assert(fc.property(names, text, (name, content) => {
    const around = readSurroundings([{ path: `a/b/${name}`, text: content }]);
    const file = { path: "a/b/c.ts", language: "TypeScript" };
    const imported = { specifier: "x/y", kind: "module", names: [] };
    expect(() => resolveImport(file, imported, around)).not.toThrow();
  }));
});

test("every path that an import may mean begins as its text says", () => {
  const part = fc.constantFrom(
    ".",
    "..",
    "a",
    "b",
    "b.js",
    "c.mjs?raw",
    "",
    "p",
    "@s",
    "#i",
    "node:x",
  );
  const specifiers = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
  const target = fc.constantFrom("./d/m.js", "../out.cjs", "index", "./b/../../x", ".");
  const manifest = fc.record({
    name: fc.constantFrom("p", "a", "@s/a"),
    main: fc.option(target, { nil: undefined }),
    exports: fc.option(
      fc.dictionary(fc.constantFrom(".", "./b", "./*"), target),
      { nil: undefined },
    ),
    imports: fc.constant({ "#i": "../up.js", "#i/*": "./in/*.js" }),
  });
  const settings = fc.constantFrom(
    {},
    { baseUrl: "." },
    { baseUrl: "..", paths: { "a/*": ["../b/*"] } },
  );
  const folders = fc.constantFrom("", "p/", "p/a/", "b/");
  const languages = fc.constantFrom("TypeScript", "JavaScript", "Python", "Ruby");
  fc.assert(
    fc.property(
      languages,
      specifiers,
      fc.array(fc.tuple(folders, manifest), { maxLength: 3 }),
      settings,
      (language, specifier, manifests, compilerOptions) => {
        const around = readSurroundings([
          ...manifests.map(([folder, each]) => ({
            path: `${folder}package.json`,
            text: JSON.stringify(each),
          })),
          { path: "p/tsconfig.json", text: JSON.stringify({ compilerOptions }) },
        ]);
        const file = { path: "p/a/f.ts", language };
        const imported = { specifier, kind: "module", names: [] };
        const beginning = pathBeginning(file, imported, around);
        const candidates = resolveImport(file, imported, around).things.flat();
        const others = candidates.filter((each) =>
          beginning === null || each.kind === "file" && !each.path.startsWith(beginning)
        );
        expect(others).toEqual([]);
      },
    ),
    { numRuns: 2_000 },
  );
});
