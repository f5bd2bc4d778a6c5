import { expect, test } from "vitest";
import { marksOfPath } from "../../../supabase/functions/_shared/text/path_marks.ts";
import { blobRank } from "./blob_rank.ts";

function rank(path: string): number {
  return blobRank(path, marksOfPath(path));
}

test("own files come first, then tests and documents, then what is of others; shallow before deep", () => {
  const best = [
    "main.go",
    "src/server/http.go",
    "README.md",
    "src/server/http_test.go",
    "go.sum",
    "vendor/lib/a.go",
    "vendor/lib/deep/er/a.go",
  ];
  const order = best.toReversed().toSorted((a, b) => rank(a) - rank(b));
  expect(order).toEqual(best);
});

test("no depth makes a file of another kind", () => {
  expect(rank(`${"a/".repeat(5000)}main.go`)).toBeLessThan(rank("README.md"));
});
