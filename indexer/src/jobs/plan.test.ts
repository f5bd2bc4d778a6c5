import fc from "fast-check";
import { expect, test } from "vitest";
import { PATH_BYTES_MAX } from "../../../supabase/functions/_shared/contracts/limits.ts";
import { SUBMODULE_MODE, SYMLINK_MODE, type TreeEntry } from "../git/tree.ts";
import type { BaseFile } from "../store/published.ts";
import { FILE_MARKS } from "../../../supabase/functions/_shared/text/path_marks.ts";
import { isFile, planChanges } from "./plan.ts";

const languageOfPath = (path: string) => path.endsWith(".ts") ? "TypeScript" : "";
const options = { languageOfPath, extractorVersion: 3, formatVersion: 7, full: false };

const anyEntry: fc.Arbitrary<TreeEntry> = fc.record({
  path: fc.constantFrom("a.ts", "b.ts", "c", "d/e.ts", "d/f"),
  mode: fc.constantFrom(0o100644, 0o100755, SYMLINK_MODE, SUBMODULE_MODE),
  oid: fc.constantFrom("1".repeat(40), "2".repeat(40), "3".repeat(40)),
});
const anyTree = fc.uniqueArray(anyEntry, { selector: ({ path }) => path });

/** The tree as the index has it once it is published. */
function published(tree: readonly TreeEntry[], versions = { extractor: 3, format: 7 }): BaseFile[] {
  return tree.map((entry) => ({
    ...entry,
    language: isFile(entry) ? languageOfPath(entry.path) : "",
    extractorVersion: isFile(entry) ? versions.extractor : null,
    formatVersion: isFile(entry) ? versions.format : null,
  }));
}

function sorted<T extends { readonly path: string }>(files: readonly T[]): T[] {
  return files.toSorted((a, b) => a.path < b.path ? -1 : 1);
}

test("applying a plan to the published tree gives the new one", () => {
  fc.assert(fc.property(anyTree, anyTree, fc.boolean(), (before, after, full) => {
    const base = published(before);
    const plan = planChanges(base, after, { ...options, full });
    const files = new Map(base.map((file) => [file.path, file]));
    for (const { path } of plan.removed) files.delete(path);
    for (const { skipReason, marks: _marks, ...file } of plan.changed) {
      const isExtracted = skipReason === null;
      files.set(file.path, {
        ...file,
        extractorVersion: isExtracted ? 3 : null,
        formatVersion: isExtracted ? 7 : null,
      });
    }
    expect(sorted([...files.values()])).toEqual(sorted(published(after)));
    expect(plan.fileCount).toBe(after.length);
  }));
});

test("a plan needs each blob and language of its changed files once, and nothing else", () => {
  fc.assert(fc.property(anyTree, anyTree, (before, after) => {
    const plan = planChanges(published(before), after, options);
    const wanted = plan.changed.filter(isFile).map(({ oid, language }) => `${oid} ${language}`);
    const needs = plan.needs.map(({ oid, language }) => `${oid} ${language}`);
    expect(new Set(needs)).toEqual(new Set(wanted));
    expect(new Set(needs).size).toBe(needs.length);
  }));
});

test("the same tree changes nothing, unless everything is to be extracted anew", () => {
  fc.assert(fc.property(anyTree, (tree) => {
    const base = published(tree);
    expect(planChanges(base, tree, options)).toMatchObject({ changed: [], removed: [], needs: [] });
    expect(planChanges(base, tree, { ...options, full: true }).changed).toHaveLength(tree.length);
  }));
});

test("a file whose mode alone changed is told apart from changed content", () => {
  const entry = { path: "a.ts", mode: 0o100644, oid: "1".repeat(40) };
  const executable = { ...entry, mode: 0o100755 };
  const link = { ...entry, mode: SYMLINK_MODE };
  expect(planChanges(published([entry]), [executable], options)).toMatchObject({
    changed: [{ path: "a.ts", mode: 0o100755 }],
    modesChangedCount: 1,
  });
  for (const [before, after] of [[entry, link], [link, entry]] as const) {
    expect(planChanges(published([before]), [after], options).modesChangedCount).toBe(0);
  }
  const full = planChanges(published([entry]), [executable], { ...options, full: true });
  expect(full.modesChangedCount).toBe(0);
});

test("of two entries of one path the first is the file", () => {
  fc.assert(fc.property(anyTree, fc.array(anyEntry), (base, entries) => {
    const firsts = [...new Map(entries.toReversed().map((entry) => [entry.path, entry])).values()];
    const plan = planChanges(published(base), entries, options);
    const expected = planChanges(published(base), firsts, options);
    expect(sorted(plan.changed)).toEqual(sorted(expected.changed));
    expect(plan.removed).toEqual(expected.removed);
    expect(plan.fileCount).toBe(firsts.length);
  }));
});

test("a path that is too long is kept cut, with a hash, and its content is not wanted", () => {
  const long = "d/".repeat(PATH_BYTES_MAX);
  const tree = [
    { path: `${long}a.ts`, mode: 0o100644, oid: "1".repeat(40) },
    { path: `${long}b.ts`, mode: SYMLINK_MODE, oid: "2".repeat(40) },
    { path: "d".repeat(PATH_BYTES_MAX), mode: 0o100644, oid: "3".repeat(40) },
  ];
  const { changed, needs, fileCount } = planChanges([], tree, options);
  expect(changed.map(({ skipReason }) => skipReason)).toEqual([
    "path_too_long",
    "path_too_long",
    null,
  ]);
  expect(new Set(changed.map(({ path }) => path)).size).toBe(3);
  for (const { path } of changed) expect(path.length).toBeLessThan(PATH_BYTES_MAX + 100);
  expect(needs).toEqual([{ oid: "3".repeat(40), language: "" }]);
  expect(fileCount).toBe(3);
  const base = changed.map((file) => ({
    ...file,
    extractorVersion: file.skipReason === null ? 3 : null,
    formatVersion: file.skipReason === null ? 7 : null,
  }));
  expect(planChanges(base, tree, options)).toMatchObject({ changed: [], removed: [] });
});

test.each([
  { what: "extractor", versions: { extractor: 2, format: 7 } },
  { what: "format", versions: { extractor: 3, format: 6 } },
])("a file of an older $what has changed; a link has none", ({ versions }) => {
  const tree = [
    { path: "a.ts", mode: 0o100644, oid: "1".repeat(40) },
    { path: "link", mode: SYMLINK_MODE, oid: "2".repeat(40) },
  ];
  const plan = planChanges(published(tree, versions), tree, options);
  expect(plan.changed.map(({ path }) => path)).toEqual(["a.ts"]);
});

test("a changed file has the marks of its path", () => {
  const tree = ["vendor/a.ts", "a.ts"].map((path) => ({
    path,
    mode: 0o100644,
    oid: "1".repeat(40),
  }));
  const { changed } = planChanges([], tree, options);
  expect(changed.map(({ marks }) => marks)).toEqual([FILE_MARKS.vendored, 0]);
});

test("a tree that names a path twice is not sound", () => {
  const tree = ["1", "2"].map((digit) => ({ path: "a", mode: 0o100644, oid: digit.repeat(40) }));
  expect(planChanges([], tree, options)).toMatchObject({ isSound: false, fileCount: 1 });
  expect(planChanges([], tree.slice(1), options)).toMatchObject({ isSound: true });
});

test("what is needed is ordered by rank: by the best path of a blob", () => {
  const file = (path: string, digit: string) => ({ path, mode: 0o100644, oid: digit.repeat(40) });
  const tree = [
    file("a/b/c.go", "1"),
    file("a/b_test.go", "2"),
    file("vendor/x.go", "3"),
    file("vendor/y.go", "4"),
    file("z.go", "5"),
    file("zz.go", "4"),
  ];
  const { needs } = planChanges([], tree, options);
  expect(needs.map(({ oid }) => oid[0])).toEqual(["4", "5", "1", "2", "3"]);
});
