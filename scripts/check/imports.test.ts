import { describe, expect, test } from "vitest";
import { importsOf, resolveRelative } from "./import_scan.ts";
import { importProblem, importRule } from "./imports.ts";

function specifiers(text: string): string[] {
  return importsOf({ path: "a.ts", text }).map(({ specifier }) => specifier);
}

describe("importsOf", () => {
  test("finds every form of import at its line", () => {
    const text = [
      `import a from "a";`,
      `import type { B } from './b.ts';`,
      `import {\n  c,\n  d,\n} from "c";`,
      `import "side-effect";`,
      `export * from "e";`,
      `export { f } from "f";`,
      `const g = await import("g");`,
      `const h = require("h");`,
      `new Worker(new URL("./i.ts", import.meta.url));`,
    ].join("\n");
    expect(specifiers(text))
      .toEqual(["a", "./b.ts", "c", "side-effect", "e", "f", "g", "h", "./i.ts"]);
    expect(importsOf({ path: "a.ts", text }).at(-1)?.line).toBe(12);
  });

  test("finds none in comments, strings and data addresses", () => {
    const text = [
      `// import a from "a";`,
      `const b = 'import c from "c"';`,
      `export const d = { from: "e" };`,
      `new URL("./extensions", import.meta.url);`,
    ].join("\n");
    expect(specifiers(text)).toEqual([]);
  });

  test("resolves relative paths inside the repository", () => {
    expect(resolveRelative("a/b/c.ts", "../d/./e.ts")).toBe("a/d/e.ts");
  });
});

const contracts = "supabase/functions/_shared/contracts";
const text = "supabase/functions/_shared/text";
const runtime = "supabase/functions/_shared/runtime";

describe("importProblem", () => {
  test.each([
    [`${contracts}/job.ts`, "zod"],
    [`${contracts}/job.ts`, "./repository.ts"],
    [`${text}/plan.ts`, "./fold.ts"],
    [`${runtime}/http.ts`, "../contracts/problem.ts"],
    ["supabase/functions/api/handler.ts", "../_shared/runtime/http.ts"],
    ["supabase/functions/api/handler.ts", "./uses/calls.ts"],
    ["supabase/functions/api/uses/calls.ts", "../names/target.ts"],
    ["supabase/functions/api/uses/calls.ts", "../context.ts"],
    ["supabase/functions/api/index.ts", "./handler.ts"],
    ["supabase/functions/api/handler.test.ts", "../../tests/seed.ts"],
    ["indexer/src/parse/parser.ts", "web-tree-sitter"],
    ["indexer/src/segment/builder.ts", "../../../supabase/functions/_shared/text/terms.ts"],
    ["indexer/src/jobs/tree_path.ts", "../../../supabase/functions/_shared/contracts/limits.ts"],
    [`${contracts}/webhook.ts`, "./null_oid.ts"],
    ["indexer/src/git/fetch.ts", "node:child_process"],
    ["indexer/src/git/fetch.ts", "simple-git"],
    ["indexer/src/store/copy.ts", "postgres"],
    ["indexer/src/main.ts", "./jobs/index_job.ts"],
    ["scripts/stack.ts", "./local/stack.ts"],
    ["scripts/local/stack.ts", "./postgres.ts"],
  ])("allows %s to import %s", (from, specifier) => {
    expect(importProblem(from, specifier)).toBeNull();
  });

  test.each([
    [`${contracts}/job.ts`, "../text/fold.ts"],
    [`${contracts}/job.ts`, "postgres"],
    [`${contracts}/job.ts`, "npm:zod@4.6.7"],
    [`${text}/plan.ts`, "zod"],
    [`${text}/plan.ts`, "node:crypto"],
    [`${runtime}/http.ts`, "../../api/handler.ts"],
    ["supabase/functions/api/handler.ts", "../health/handler.ts"],
    ["supabase/functions/dispatch/handler.ts", "../api/files/files.ts"],
    ["supabase/functions/api/names/target.ts", "../uses/calls.ts"],
    ["supabase/functions/api/search/search.ts", "../names/target.ts"],
    ["supabase/functions/api/handler.ts", "node:fs"],
    ["supabase/functions/api/handler.ts", "../../../indexer/src/config.ts"],
    ["supabase/functions/api/index.ts", "../health/handler.ts"],
    ["indexer/src/parse/parser.ts", "node:fs"],
    ["indexer/src/parse/parser.ts", "node:child_process"],
    ["indexer/src/segment/builder.ts", "../store/copy.ts"],
    ["indexer/src/segment/builder.ts", "../../../supabase/functions/_shared/runtime/http.ts"],
    ["indexer/src/jobs/index_job.ts", "../../../supabase/functions/_shared/contracts/job.ts"],
    ["indexer/src/errors.ts", "zod"],
    ["indexer/src/store/copy.ts", "zod"],
    [`${contracts}/limits.ts`, "zod"],
    [`${contracts}/limits.ts`, "./job.ts"],
    ["indexer/src/jobs/index_job.ts", "node:child_process"],
    ["indexer/src/jobs/index_job.ts", "simple-git"],
    ["indexer/src/jobs/index_job.ts", "postgres"],
    ["indexer/src/worker/worker.ts", "../store/copy.ts"],
    ["indexer/src/main.ts", "../../scripts/local/stack.ts"],
    ["scripts/check/imports.ts", "../local/stack.ts"],
    ["scripts/stack.ts", "./local/stack.test.ts"],
    ["scripts/stack.ts", "./local/stack"],
    ["elsewhere/file.ts", "zod"],
  ])("forbids %s to import %s", (from, specifier) => {
    expect(importProblem(from, specifier)).not.toBeNull();
  });

  test("the rule names file and line", () => {
    const file = {
      path: `${contracts}/job.ts`,
      text: `// Jobs.\nimport postgres from "postgres";\n`,
    };
    expect(importRule.check([file])).toEqual([
      { path: file.path, line: 2, message: "contracts may not use the package postgres" },
    ]);
  });
});
