import { describe, expect, test } from "vitest";
import { fileNameRule, fileSizeRule, moduleHeaderRule } from "./files.ts";
import { globalsRule } from "./globals.ts";
import type { Rule, SourceFile } from "./source_file.ts";
import { lockRule, versionRule } from "./versions.ts";
import { wordsRule } from "./words.ts";

function found(rule: Rule, path: string, text: string): string[] {
  return rule.check([{ path, text }]).map(({ line, message }) => `${line} ${message}`);
}

describe("globals", () => {
  test.each([
    ["supabase/functions/api/handler.ts", `const a = Deno.env.get("A");`],
    ["supabase/functions/_shared/runtime/http.ts", "Deno.serve(() => a);"],
    ["supabase/functions/_shared/contracts/job.ts", "const a = process.env;"],
    ["indexer/src/parse/parser.ts", "process.memoryUsage();"],
    ["indexer/src/jobs/index_job.ts", "process.exit(1);"],
    ["indexer/src/worker/worker.ts", "const a = process.env.HOME;"],
  ])("%s may not say %s", (path, text) => {
    expect(found(globalsRule, path, text)).toHaveLength(1);
  });

  test.each([
    ["supabase/functions/api/index.ts", "Deno.serve(handler);"],
    ["supabase/functions/_shared/runtime/environment.ts", "Deno.env.toObject();"],
    ["supabase/functions/api/handler.ts", `// Deno.serve is in index.ts\nconst a = "Deno";`],
    ["supabase/functions/api/handler.ts", "batch.process(a); const b = { process: 1 };"],
    ["indexer/src/main.ts", "process.exitCode = 1;"],
    ["indexer/src/jobs/index_job.ts", "process.memoryUsage();"],
    ["indexer/test/crash.test.ts", "process.exit(1);"],
  ])("%s may say %s", (path, text) => {
    expect(found(globalsRule, path, text)).toEqual([]);
  });
});

describe("files", () => {
  const long = "// Long.\n" + "a;\n".repeat(300);

  test("a source has at most 300 lines, a test any number", () => {
    expect(found(fileSizeRule, "scripts/a.ts", long)).toEqual(["301 301 lines, at most 300"]);
    expect(found(fileSizeRule, "supabase/migrations/1_a.sql", long)).toEqual([
      "301 301 lines, at most 300",
    ]);
    expect(found(fileSizeRule, "scripts/a.ts", "a;\n".repeat(300))).toEqual([]);
    expect(found(fileSizeRule, "scripts/a.test.ts", long)).toEqual([]);
    expect(found(fileSizeRule, "indexer/test/fixtures/a.ts", long)).toEqual([]);
  });

  test.each(["scripts/utils.ts", "scripts/helpers/a.ts", "indexer/src/common.ts", "a/types.ts"])(
    "%s says nothing",
    (path) => {
      expect(found(fileNameRule, path, "")).toHaveLength(1);
    },
  );

  test("a file is snake_case", () => {
    expect(found(fileNameRule, "scripts/stackRunner.ts", "")).toHaveLength(1);
    expect(found(fileNameRule, "scripts/stack-runner.ts", "")).toHaveLength(1);
    expect(found(fileNameRule, "scripts/stack_runner.conformance.test.ts", "")).toEqual([]);
    expect(found(fileNameRule, "supabase/functions/github-webhook/index.ts", "")).toEqual([]);
  });

  test("a module opens with a comment", () => {
    expect(found(moduleHeaderRule, "scripts/a.ts", `import "b";\n`)).toHaveLength(1);
    expect(found(moduleHeaderRule, "scripts/a.ts", `// Does a.\nimport "b";\n`)).toEqual([]);
    expect(found(moduleHeaderRule, "scripts/a.ts", `/** Does a. */\nimport "b";\n`)).toEqual([]);
    expect(found(moduleHeaderRule, "scripts/a.test.ts", `import "b";\n`)).toEqual([]);
  });
});

describe("banned words", () => {
  const join = (...pieces: string[]) => pieces.join("");

  test.each([
    join("see https://regis", "try.example.org/zod"),
    join("in /ho", "me/ada/quarry"),
    join("in /Us", "ers/ada/quarry"),
    join("// FIX", "ME later"),
    join("// TO", "DO: later"),
    join("test.on", "ly('a', () => {})"),
    join("describe.sk", "ip('a', () => {})"),
  ])("%s", (text) => {
    expect(found(wordsRule, "docs/a.md", text)).toHaveLength(1);
  });

  test.each(["the image registry.fly.io/quarry:1", "GET /v1/apps", "$HOME/root.ts", "a todo list"])(
    "%s is allowed",
    (text) => {
      expect(found(wordsRule, "docs/a.md", text)).toEqual([]);
    },
  );
});

describe("package versions", () => {
  const manifest = (path: string, version: string): SourceFile => ({
    path,
    text: JSON.stringify({ dependencies: { zod: version } }, null, 2),
  });
  const imports = (target: string): SourceFile => ({
    path: "supabase/functions/deno.json",
    text: JSON.stringify({ imports: { zod: target } }, null, 2),
  });
  const messages = (...files: SourceFile[]) =>
    versionRule.check(files).map(({ message }) => message);

  test("npm and Deno name the same version", () => {
    expect(messages(manifest("package.json", "4.6.7"), imports("npm:zod@4.6.7"))).toEqual([]);
    expect(messages(manifest("package.json", "4.6.7"), imports("npm:zod@4.6.6")))
      .toEqual(["zod is 4.6.6, but 4.6.7 in package.json"]);
  });

  test("workspaces name the same version", () => {
    expect(messages(manifest("package.json", "4.6.7"), manifest("indexer/package.json", "4.6.8")))
      .toEqual(["zod is 4.6.8, but 4.6.7 in package.json"]);
  });

  test("a range is no version", () => {
    expect(messages(manifest("package.json", "^4.6.7")))
      .toEqual([`zod "^4.6.7" is not an exact version`]);
    expect(messages(imports("npm:zod"))).toEqual([`zod "npm:zod" is not an exact version`]);
  });
});

describe("package lock", () => {
  const lock = (packages: unknown) => ({
    path: "package-lock.json",
    text: JSON.stringify({ packages }, null, 2),
  });

  test("holds no download addresses", () => {
    const file = lock({ "node_modules/a": { resolved: "https://a.example/a.tgz" } });
    expect(lockRule.check([file])).toHaveLength(1);
  });

  test("has the optional packages of every platform", () => {
    const a = { optionalDependencies: { "a-linux-x64": "1.0.0", "a-darwin-arm64": "1.0.0" } };
    const whole = { "node_modules/a-linux-x64": {}, "node_modules/a-darwin-arm64": {} };
    expect(lockRule.check([lock({ "node_modules/a": a, ...whole })])).toEqual([]);
    expect(lockRule.check([lock({ "node_modules/a": a, "node_modules/a-linux-x64": {} })]))
      .toMatchObject([{ message: "lacks a-darwin-arm64, wanted by node_modules/a" }]);
  });
});
