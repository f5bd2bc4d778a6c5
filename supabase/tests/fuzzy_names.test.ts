// Names that are near in spelling: find_names rules out most pages of names by what a near name must have,
// and finds what is found by comparing every name.

import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../scripts/local/test_database.ts";

const SEGMENTS = [-1, -2];
const NAMES_OF_A_PAGE = 3;

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Of one, two and four bytes. */
const letter = fc.constantFrom("a", "b", "c", "d", "e", "é", "𝒳");
const name = fc.array(letter, { minLength: 1, maxLength: 10 }).map((letters) => letters.join(""));

/** A letter that is dropped, put in or changed, or two that are swapped. */
const edit = fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 3 }), letter);

function edited(from: string, edits: readonly (readonly [number, number, string])[]): string {
  const letters = Array.from(from);
  for (const [place, kind, other] of edits) {
    const at = place % (letters.length + 1);
    if (kind === 0) letters.splice(at, 1);
    else if (kind === 1) letters.splice(at, 0, other);
    else if (kind === 2) letters.splice(at, 1, other);
    else letters.splice(at, 2, ...letters.slice(at, at + 2).toReversed());
  }
  return letters.length === 0 ? from : letters.join("");
}

/** What is looked for, and names of which many are near. */
const lookups = fc.record({
  near: name,
  edits: fc.array(fc.array(edit, { maxLength: 3 }), { maxLength: 40 }),
  others: fc.array(name, { maxLength: 20 }),
}).map(({ near, edits, others }) => ({
  near,
  names: [...new Set([...edits.map((each) => edited(near, each)), ...others])],
}));

/** Writes names as the indexer does: in the order of their bytes, some a page, one definition of each. */
async function writePages(names: readonly string[]): Promise<void> {
  await database.admin`delete from quarry.symbol_pages where segment_id = any(${SEGMENTS})`;
  for (const segment of SEGMENTS) {
    const own = names.filter((_, index) => SEGMENTS[index % SEGMENTS.length] === segment);
    await database.admin`
      insert into quarry.symbol_pages
      select ${segment}::bigint, n.page, min(n.name collate "C"), string_agg(n.name, E'\n' order by n.name collate "C"),
        string_agg(n.name, E'\n' order by n.name collate "C"), '', array_agg(n.place + 1 order by n.place), array_agg(1),
        array_agg(0), array_agg(0)
      from (
        select d.name, (row_number() over (order by d.name collate "C") - 1) / ${NAMES_OF_A_PAGE}::integer as page,
          (row_number() over (order by d.name collate "C") - 1) % ${NAMES_OF_A_PAGE}::integer as place
        from (select distinct w.name from unnest(${own}::text[]) w (name)) d
      ) n
      group by n.page`;
  }
}

async function found(near: string, distance: number): Promise<string[]> {
  const rows = await database.admin<{ name: string }[]>`
    select distinct n.name from quarry.find_names(${SEGMENTS}, 'fuzzy', array[${near}::text], 1000, ${distance}) n`;
  return rows.map((row) => row.name).sort();
}

/** By comparing each; where one edit is allowed, a swap of neighbours is one too. */
async function compared(names: readonly string[], near: string, distance: number) {
  const letters = Array.from(near);
  const swapped = letters.slice(1).map((_, index) =>
    letters.with(index, letters[index + 1] ?? "").with(index + 1, letters[index] ?? "").join("")
  );
  const rows = await database.admin<{ name: string }[]>`
    select distinct w.name from unnest(${[...names]}::text[]) w (name)
    where extensions.levenshtein(w.name, ${near}) <= ${distance}`;
  const bySwap = distance === 1 ? names.filter((each) => swapped.includes(each)) : [];
  return [...new Set([...rows.map((row) => row.name), ...bySwap])].sort();
}

test("names near in spelling are those that comparing all of them finds", async () => {
  await fc.assert(
    fc.asyncProperty(lookups, async ({ names, near }) => {
      await writePages(names);
      for (const distance of [1, 2]) {
        expect(await found(near, distance)).toEqual(await compared(names, near, distance));
      }
    }),
    { numRuns: 150 },
  );
});
