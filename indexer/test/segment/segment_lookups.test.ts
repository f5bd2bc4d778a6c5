import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../scripts/local/test_database.ts";
import { SYMBOL_KINDS } from "../../../supabase/functions/_shared/segment/symbol_kinds.ts";
import { arbitraryLine } from "../../../supabase/functions/_shared/text/arbitrary_text.ts";
import { fold } from "../../../supabase/functions/_shared/text/fold.ts";
import {
  type Constraint,
  constraintGrams,
  GRAM_CODE_POINTS,
  planLiteral,
  satisfies,
  TERM_END,
  TERM_START,
} from "../../../supabase/functions/_shared/text/literal.ts";
import { createSymbolParser } from "../../src/parse/parser.ts";
import { GRAM_TERMS_MIN } from "../../src/segment/grams.ts";
import { createSegmentBuilder } from "../../src/segment/segment_builder.ts";
import { PAGE_DEFINITIONS_MAX } from "../../src/segment/symbol_pages.ts";
import { copySegment } from "./copy_segment.ts";
import { type ReadSymbol, readSymbols, readTerms } from "./read_copy.ts";

/** A segment in the database, and what the test knows to be in it. */
interface Loaded {
  readonly id: number;
  readonly terms: ReadonlyMap<string, readonly number[]>;
  readonly symbols: readonly ReadSymbol[];
}

const symbolParser = createSymbolParser({ now: () => performance.now() });
let database: TestDatabase;
let small: Loaded;
let large: Loaded;

async function load(id: number, texts: readonly string[]): Promise<Loaded> {
  const builder = createSegmentBuilder({
    segmentId: BigInt(id),
    extractorVersion: 1,
    symbolParser,
  });
  for (const text of texts) {
    const bytes = Buffer.from(text.replaceAll("\u0000", ""));
    await builder.addBlob({ blobOid: "ab".repeat(20), language: "TypeScript", bytes });
  }
  const { tables } = builder.finish();
  await copySegment(database.admin, tables);
  return { id, terms: readTerms(tables.term_pages), symbols: readSymbols(tables.symbol_pages) };
}

const parts = [
  "get",
  "Set",
  "user",
  "User",
  "HTTP",
  "Name",
  "name",
  "Id",
  "x",
  "Ü",
  "😀",
  "_",
  "9",
];

/** Names of parts, in every combination of two and three, and the hostile ones. */
function sourceOf(lines: readonly string[], wordCount: number): string[] {
  const names = parts.flatMap((a) => parts.flatMap((b) => [`${a}${b}`, `${b}_${a}${b}`]));
  const words = Array.from({ length: wordCount }, (_, n) => `w${n}${parts[n % parts.length]}`);
  return [
    ...lines.map((line, n) => `${line}\n\n${lines[(n * 7) % lines.length]}\n`),
    ...names.map((name) => `interface I { "${name}": string; "a ${name}": string }\n`),
    `interface Many { ${"id: string; ".repeat(PAGE_DEFINITIONS_MAX + 10)} }\n`,
    words.join("\n"),
  ];
}

beforeAll(async () => {
  database = await createTestDatabase();
  const lines = fc.sample(arbitraryLine, { numRuns: 300, seed: 20261130 });
  small = await load(1, sourceOf(lines.slice(0, 60), 10));
  large = await load(2, sourceOf(lines, GRAM_TERMS_MIN));
});
afterAll(async () => {
  symbolParser.close();
  await database.drop();
});

/** Null: the database says that the list would narrow nothing. */
async function termChunks({ id, terms }: Loaded, constraint: Constraint): Promise<number[] | null> {
  const { kind, term } = constraint;
  const [row] = await database.admin<{ chunks: number[] | null }[]>`
    select case ${kind} when 'exact' then quarry.exact_chunks(${id}, ${term}) else (
      (quarry.partial_chunks(array[${id}::bigint], array[${terms.size}::integer], ${kind}, ${term},
        ${constraintGrams(constraint)}::text[]))[1]).chunk_nos end as chunks`;
  return row?.chunks ?? null;
}

/** The chunk numbers of all terms that satisfy the constraint, one list after the other. */
function numbersOf({ terms }: Loaded, constraint: Constraint): number[] {
  return [...terms].flatMap(([term, list]) => satisfies(term, constraint) ? list : []);
}

function expectedChunks(segment: Loaded, constraint: Constraint): number[] {
  return [...new Set(numbersOf(segment, constraint))].toSorted((a, b) => a - b);
}

/** Pages that are unpacked however common what they have is. */
const PAGES_SMALL = 128;
/** Of the grams of a long term as many are looked for. */
const GRAMS_MAX = 5;

/**
 * Whether a list may be left out: it would be of most chunks, or of terms on very many pages. A page is
 * looked at when it has the grams that do not overlap, be it in different terms, so the rarest of them
 * bounds how many are.
 */
function isCommon(segment: Loaded, constraint: Constraint): boolean {
  const chunkCount = new Set([...segment.terms.values()].flat()).size;
  const grams = constraintGrams(constraint)
    .filter((_, index, all) => index % GRAM_CODE_POINTS === 0 || index === all.length - 1)
    .slice(0, GRAMS_MAX);
  const counts = (grams.length === 0 ? [constraint.term] : grams).map((part) =>
    [...segment.terms.keys()].filter((term) => `${TERM_START}${term}${TERM_END}`.includes(part))
      .length
  );
  return numbersOf(segment, constraint).length > 2 * chunkCount ||
    Math.min(...counts) > PAGES_SMALL;
}

/** The chunks of a choice, and those of each of its literals; null: not narrowed. */
interface Chosen {
  readonly chosen: number[] | null;
  readonly each: (number[] | null)[];
}

/** A part of one of the texts, between code points, or the text with something around it. */
function partOf(texts: readonly string[]): fc.Arbitrary<string> {
  return fc.record({
    text: fc.constantFrom(...texts),
    start: fc.nat(),
    length: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1 })),
    wrong: fc.constantFrom("", "", "", "q", "\u{10ffff}"),
  }).map(({ text, start, length, wrong }) => {
    const codePoints = Array.from(text);
    const first = start % codePoints.length;
    return codePoints.slice(first, first + length).join("") + wrong;
  });
}

describe.each([["without grams", () => small], ["with grams", () => large]])(
  "the dictionary %s",
  (_, segment) => {
    test("is of the size that the name says", () => {
      expect(segment().terms.size >= GRAM_TERMS_MIN).toBe(segment() === large);
    });

    test("finds terms as a scan of all of them does", async () => {
      const constraint = fc.record({
        kind: fc.constantFrom("exact", "prefix", "suffix", "infix"),
        term: partOf([...segment().terms.keys()]),
      });
      await fc.assert(
        fc.asyncProperty(constraint, async (each) => {
          const chunks = await termChunks(segment(), each);
          expect(chunks !== null || isCommon(segment(), each)).toBe(true);
          expect(chunks ?? expectedChunks(segment(), each)).toEqual(
            expectedChunks(segment(), each),
          );
        }),
        {
          numRuns: 300,
          examples: [
            // A term may have it more than once, and is one term all the same.
            [{ kind: "infix", term: "-" }],
            // On few pages as a whole, on many by its grams.
            [{ kind: "infix", term: "sernam" }],
            // By the gram that it has twice, and by that of its end.
            [{ kind: "suffix", term: "getget" }],
          ],
        },
      );
    });

    test("makes no list of what is nearly everywhere, but always of a whole word", async () => {
      const everywhere = { kind: "prefix", term: "w" } as const;
      expect(await termChunks(segment(), everywhere) === null).toBe(segment() === large);
      expect(await termChunks(segment(), { kind: "exact", term: "string" })).not.toBeNull();
    });

    test("narrows a literal to no fewer chunks than have all of its terms", async () => {
      await fc.assert(
        fc.asyncProperty(arbitraryLine, async (needle) => {
          const { constraints } = planLiteral(needle.replaceAll("\u0000", ""));
          const withGrams = constraints.map((each) => ({ ...each, grams: constraintGrams(each) }));
          const { id, terms } = segment();
          const [row] = await database.admin<{ chunks: number[] | null }[]>`
            select ((quarry.literal_chunks(array[${id}::bigint], array[${terms.size}::integer],
              ${database.admin.json(withGrams)}))[1]).chunk_nos as chunks`;
          const chunks = row?.chunks ?? null;
          const all = constraints.map((each) => new Set(expectedChunks(segment(), each)));
          const expected = [...all[0] ?? []].filter((chunk) => all.every((set) => set.has(chunk)));
          expect(chunks ?? expected).toEqual(expect.arrayContaining(expected));
          expect(chunks).toEqual(chunks?.toSorted((a, b) => a - b) ?? null);
        }),
        { numRuns: 100 },
      );
    });

    test("narrows a choice to the chunks of its literals together", async () => {
      const { id, terms } = segment();
      const literals = fc.array(partOf([...terms.keys()]), { minLength: 1, maxLength: 3 });
      await fc.assert(
        fc.asyncProperty(literals, async (choice) => {
          const constrained = choice.map((literal) =>
            planLiteral(literal).constraints
              .map((each) => ({ ...each, grams: constraintGrams(each) }))
          );
          const [row] = await database.admin<Chosen[]>`
            select ((quarry.choice_chunks(s.ids, s.counts, s.choice))[1]).chunk_nos as chosen,
              (select json_agg(((quarry.literal_chunks(s.ids, s.counts, l.value))[1]).chunk_nos)
                from jsonb_array_elements(s.choice) l) as each
            from (select array[${id}::bigint] as ids, array[${terms.size}::integer] as counts,
              ${database.admin.json(constrained)}::jsonb as choice) s`;
          const lists = row?.each ?? [];
          const all = new Set(lists.flatMap((list) => list ?? []));
          expect(row?.chosen).toEqual(
            lists.includes(null) ? null : [...all].toSorted((a, b) => a - b),
          );
        }),
        { numRuns: 100 },
      );
    });
  },
);

interface Found {
  readonly name: string;
  readonly kind: string;
  readonly blob_no: number;
  readonly symbol_no: number;
}

async function findNames(
  match: string,
  folded: string,
  limit: number | null,
  edits = 2,
): Promise<Found[]> {
  return [
    ...await database.admin<Found[]>`
      select name, kind, blob_no, symbol_no
      from quarry.find_names(array[${large.id}::bigint], ${match}, array[${folded}], ${limit}, ${edits})`,
  ];
}

function asFound({ name, kind, blobNo, symbolNo }: ReadSymbol): Found {
  return { name, kind: SYMBOL_KINDS[kind - 1] ?? "", blob_no: blobNo, symbol_no: symbolNo };
}

/** Edits that turn one text into the other. */
function distance(a: readonly string[], b: readonly string[]): number {
  let row = b.map((_, index) => index + 1);
  row.unshift(0);
  for (const [index, character] of a.entries()) {
    const next = [index + 1];
    for (const [other, each] of b.entries()) {
      const replaced = (row[other] ?? 0) + (each === character ? 0 : 1);
      next.push(Math.min(replaced, (row[other + 1] ?? 0) + 1, (next[other] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** A text with each two neighbours swapped. */
function swapped(text: string): string[] {
  const characters = Array.from(text);
  return characters.slice(1).map((character, index) =>
    characters.with(index, character).with(index + 1, characters[index] ?? "").join("")
  );
}

describe("the names", () => {
  const meets: Readonly<Record<string, (symbol: ReadSymbol, folded: string) => boolean>> = {
    exact: ({ nameFolded }, folded) => nameFolded === folded,
    prefix: ({ nameFolded }, folded) => nameFolded.startsWith(folded),
    infix: ({ nameFolded }, folded) => nameFolded.includes(folded),
    humps: ({ humps }, folded) => humps.startsWith(folded),
  };

  test("are found as a scan of all of them does, in the order of the index", async () => {
    const query = fc.record({
      match: fc.constantFrom(...Object.keys(meets)),
      folded: partOf(large.symbols.flatMap(({ nameFolded, humps }) => [nameFolded, humps || "x"])),
    });
    await fc.assert(
      fc.asyncProperty(query, async ({ match, folded }) => {
        const expected = large.symbols.filter((symbol) => meets[match]?.(symbol, folded));
        expect(await findNames(match, folded, null)).toEqual(expected.map(asFound));
        expect(await findNames(match, folded, 3)).toEqual(expected.slice(0, 3).map(asFound));
      }),
      { numRuns: 200 },
    );
  });

  test("with more definitions than a page takes are found whole", async () => {
    expect((await findNames("exact", "id", null)).length).toBeGreaterThan(PAGE_DEFINITIONS_MAX);
  });

  test.each([1, 2])("within edits up to %i are the fuzzy ones", async (editsMax) => {
    const names = [...new Set(large.symbols.map(({ nameFolded }) => nameFolded))];
    const edited = fc.record({
      name: fc.constantFrom(...names),
      edits: fc.array(
        fc.record({
          place: fc.nat(),
          removed: fc.nat(1),
          added: fc.constantFrom("", "q", "é", "e"),
        }),
        { maxLength: 2 },
      ),
    }).map(({ name, edits }) => {
      const characters = Array.from(name);
      for (const { place, removed, added } of edits) {
        const inserted = added === "" ? [] : [added];
        characters.splice(place % (characters.length + 1), removed, ...inserted);
      }
      return characters.join("");
    }).filter((name) => name !== "");
    await fc.assert(
      fc.asyncProperty(edited, async (query) => {
        const found = new Set(
          (await findNames("fuzzy", query, null, editsMax)).map(({ name }) => fold(name)),
        );
        // A swap of neighbours is two edits, and where one is allowed one of its own.
        const swaps = new Set(editsMax === 1 ? swapped(query) : []);
        const near = names.filter((name) =>
          swaps.has(name) || distance(Array.from(name), Array.from(query)) <= editsMax
        );
        expect([...found].toSorted()).toEqual(near.toSorted());
      }),
      {
        numRuns: 100,
        // By a swap alone, of letters of one byte and of two.
        examples: names.slice(0, 20).flatMap((name) =>
          swapped(name).slice(0, 3).map((each) => [each])
        ),
      },
    );
  });

  test("near in spelling are in all as many as are asked for, the nearest first and the name itself last", async () => {
    const edits = ({ name }: Found) => distance(Array.from(fold(name)), Array.from("getname"));
    const all = await findNames("fuzzy", "getname", null);
    expect(new Set(all.map(({ name }) => fold(name))).size).toBeGreaterThan(2);
    const isItself = (each: Found) => edits(each) === 0;
    const others = all.filter((each) => !isItself(each));
    expect(all.map(edits)).toEqual([
      ...others.map(edits).toSorted((a, b) => a - b),
      ...all.filter(isItself).map(edits),
    ]);
    expect(await findNames("fuzzy", "getname", 3)).toEqual(all.slice(0, 3));
  });

  test("lead to the blobs that define them", async () => {
    const rows = await database.admin<{ blob: number }[]>`
      select unnest(l.chunk_nos) as blob
      from unnest(quarry.defining_lists(array[${large.id}::bigint], '{username}')) l`;
    const blobs = large.symbols.flatMap((each) =>
      each.nameFolded === "username" ? each.blobNo : []
    );
    expect(rows.map(({ blob }) => blob)).toEqual([...new Set(blobs)].toSorted((a, b) => a - b));
    expect(blobs.length).toBeGreaterThan(1);
  });
});

test("the database and the code number kinds alike", async () => {
  const rows = await database.admin<{ kind: string }[]>`
    select k as kind from unnest(quarry.symbol_kinds()) with ordinality u (k, n) order by n`;
  expect(rows.map(({ kind }) => kind)).toEqual([...SYMBOL_KINDS]);
});
