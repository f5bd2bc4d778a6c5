import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../scripts/local/test_database.ts";
import { FILE_MARKS } from "../../../supabase/functions/_shared/text/path_marks.ts";
import { copyRows } from "../../test/segment/copy_segment.ts";
import { SUBMODULE_MODE } from "../git/tree.ts";
import { blobKey } from "../store/indexed_blobs.ts";
import type { ChangedFile, Plan } from "./plan.ts";
import { encodeTreeChanges } from "./tree_changes.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const oidOf = (number: number) => number.toString(16).padStart(40, "0");
const path = (of: string, number: number) => `${of}/${number}\xff\xe4`;

/** Some texts say that they are generated. */
const textMarksOf = (blobNo: number) => blobNo % 5 === 0 ? FILE_MARKS.generated : 0;

function changed(number: number): ChangedFile {
  const isSubmodule = number % 7 === 0;
  return {
    path: path("changed", number),
    mode: isSubmodule ? SUBMODULE_MODE : 0o100644,
    oid: oidOf(number),
    language: isSubmodule ? "" : "Go",
    marks: number % 64,
    skipReason: isSubmodule ? "submodule" : null,
  };
}

function planOf(removed: number, changes: number): Plan {
  const numbers = (count: number) => Array.from({ length: count }, (_, number) => number);
  return {
    removed: numbers(removed).map((number) => ({
      ...changed(number),
      path: path("removed", number),
      extractorVersion: null,
      formatVersion: null,
    })),
    changed: numbers(changes).map(changed),
    modesChangedCount: 0,
    fileCount: changes,
    needs: [],
    isSound: true,
  };
}

test("every change of a plan arrives once, however many rows they take", async () => {
  const count = fc.oneof(fc.nat(3), fc.integer({ min: 1022, max: 1026 }), fc.nat(3000));
  let segmentId = 0n;
  await fc.assert(
    fc.asyncProperty(count, count, async (removed, changes) => {
      segmentId += 1n;
      const plan = planOf(removed, changes);
      const blobs = new Map(plan.changed.map(({ oid, language }, blobNo) => {
        const textLanguage = blobNo % 3 === 0 ? "C++" : null;
        const said = { textLanguage, textMarks: textMarksOf(blobNo) };
        const blob = { oid, language, ...said, segmentId, blobNo, skipReason: null };
        return [blobKey(blob), blob] as const;
      }));
      await copyRows(
        database.admin,
        "tree_changes",
        encodeTreeChanges(segmentId, plan, blobs),
      );
      const rows = await database.admin`
        select encode(path, 'escape') as path, mode, encode(blob_oid, 'hex') as oid, language, marks,
          blob_segment_id, blob_no, skip_reason
        from quarry.changed_files(${segmentId.toString()})`;
      const escaped = (file: { readonly path: string }) =>
        file.path.replace("\xff\xe4", String.raw`\377\344`);
      const nothing = { oid: null, language: "", marks: 0, skip_reason: null };
      const nowhere = { blob_segment_id: null, blob_no: null };
      expect(new Set(rows.map((row) => JSON.stringify(row)))).toEqual(
        new Set([
          ...plan.removed.map((file) => ({
            path: escaped(file),
            mode: null,
            ...nothing,
            ...nowhere,
          })),
          ...plan.changed.map((file, blobNo) => ({
            path: escaped(file),
            mode: file.mode,
            oid: file.skipReason === null ? null : file.oid,
            language: file.skipReason === null && blobNo % 3 === 0 ? "C++" : file.language,
            marks: file.marks | (file.skipReason === null ? textMarksOf(blobNo) : 0),
            blob_segment_id: file.skipReason === null ? String(segmentId) : null,
            blob_no: file.skipReason === null ? blobNo : null,
            skip_reason: file.skipReason,
          })),
        ].map((row) => JSON.stringify(sorted(row)))),
      );
      expect(rows).toHaveLength(removed + changes);
    }),
    { numRuns: 20 },
  );
});

/** With the columns in the order of the query. */
function sorted(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const columns = "path mode oid language marks blob_segment_id blob_no skip_reason".split(" ");
  return Object.fromEntries(columns.map((column) => [column, row[column]]));
}
