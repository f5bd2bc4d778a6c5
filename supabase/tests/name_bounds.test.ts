// More names than are looked at for one answer: it says so, and goes on with what it has not looked at.
// Over HTTP, on a real index beside which there are pages of names that no file has.

import { afterAll, beforeAll, expect, test } from "vitest";
import { createStack, type Stack } from "../../scripts/local/stack.ts";
import { register, send } from "./support/http.ts";
import { Clone, ended } from "./support/whole_path.ts";

/** As the functions have it. */
const PAGES_MAX = 32_768;
const DEFINITIONS_MAX = 100_000;
const NAMES_MAX = 1_000;
/** Of one page: more than may be in the index, where a page is a few kilobytes. */
const DEFINITIONS_OF_A_PAGE = 2_000;

let stack: Stack;

async function index(name: string, files: Readonly<Record<string, string>>): Promise<void> {
  await using clone = await Clone.create(stack, name);
  for (const [path, text] of Object.entries(files)) await clone.write(path, text);
  await clone.commitAndPush();
  const { jobId } = await register(stack, name);
  expect(await ended(stack, jobId)).toMatchObject({ state: "completed", outcome: "indexed" });
}

beforeAll(async () => {
  stack = await createStack({ durable: false, machineEnvironment: { IDLE_EXIT_SECONDS: "1" } });
  const fields = Array.from({ length: NAMES_MAX }, (_, n) => `  wide${n}: 1;\n`);
  await index("acme/large", {
    "a.ts": "export function kindling() {}\nexport function bulk() {}\n",
    "b.ts": "export function bulk() {}\n",
    "wide.ts": `interface Wide {\n${fields.join("")}}\nfunction widezz() {}\n`,
  });
  await index("acme/small", { "a.ts": "export function kindle() {}\n" });
});
afterAll(() => stack.stop());

/** Pages of a name of which there are definitions, in a segment of a repository: the oldest or the newest. */
async function addPages(name: string, pages: number, definitions: number, isOldest: boolean) {
  const { sql } = stack;
  await sql`
    with added as (
      insert into quarry.segments (id, repository_id, job_id, lease_token, published_at, format_version)
      overriding system value
      select case when ${isOldest} then -1 else 1000000 end, r.id, gen_random_uuid(), gen_random_uuid(), now(), 1
      from quarry.repositories r where r.full_name = 'acme/large'
      returning id
    )
    insert into quarry.symbol_pages
    select a.id, n - 1, ${name}, ${name}, ${name}, '', l.ones, l.ones, array_fill(0::smallint, array[${definitions}::integer]),
      array_fill(0, array[${definitions}::integer])
    from added a cross join generate_series(1, ${pages}::integer) n
    cross join (select array_fill(1::smallint, array[${definitions}::integer]) as ones) l`;
}

async function removePages(): Promise<void> {
  const { sql } = stack;
  await sql`delete from quarry.symbol_pages where segment_id in (-1, 1000000)`;
  await sql`delete from quarry.segments where id in (-1, 1000000)`;
}

/** Pages of names that are really there. */
async function pagesOfLarge(): Promise<number> {
  const [row] = await stack.sql<{ pages: number }[]>`
    select count(*)::integer as pages from quarry.symbol_pages p
    join quarry.segments s on s.id = p.segment_id
    join quarry.repositories r on r.id = s.repository_id where r.full_name = 'acme/large'`;
  return row?.pages ?? 0;
}

async function get(route: "definitions" | "symbols", parameters: Record<string, string>) {
  const { body } = await send(stack, `/api/${route}?${new URLSearchParams(parameters).toString()}`);
  const found = (body[route] as { name: string; path: string }[]).map(({ name }) => name);
  return { ...body, found } as Record<string, unknown> & { readonly next_cursor?: string | null };
}

const whole = { complete: true, incomplete_reason: null };
const stopped = { complete: false, incomplete_reason: "work_budget" };

test("names of as many pages as are looked at are all found", async () => {
  await addPages("none", PAGES_MAX - await pagesOfLarge(), 1, true);
  const large = { repository: "acme/large", name: "indl", match: "infix" };
  expect(await get("symbols", large)).toMatchObject({ found: ["kindling"], ...whole });
  expect(await get("definitions", large)).toMatchObject({ found: ["kindling"], ...whole });
  expect(await get("definitions", { ...large, name: "kindlimg", match: "fuzzy" }))
    .toMatchObject({ found: ["kindling"], ...whole });
});

test("beside these another repository's are left for the next page", async () => {
  const all = { name: "indl", match: "infix" };
  const first = await get("symbols", all);
  expect(first).toMatchObject({ found: ["kindling"], ...stopped, next_cursor: expect.any(String) });
  expect(await get("symbols", { ...all, cursor: first.next_cursor ?? "" }))
    .toMatchObject({ found: ["kindle"], ...whole, next_cursor: null });
  expect(await get("definitions", all)).toMatchObject({ found: ["kindling"], ...stopped });
  // What the name begins with is looked up, and no page is looked at without need.
  expect(await get("definitions", { ...all, name: "kindl", match: "prefix" }))
    .toMatchObject({ found: ["kindle", "kindling"], ...whole });
});

test("of more pages than are looked at the last are not, and the answer says so", async () => {
  await removePages();
  await addPages("none", PAGES_MAX - await pagesOfLarge() + 1, 1, true);
  const large = { repository: "acme/large", name: "indl" };
  for (const route of ["symbols", "definitions"] as const) {
    expect(await get(route, { ...large, match: "infix" })).toMatchObject({ found: [], ...stopped });
    expect(await get(route, { ...large, name: "kindling", match: "exact" }))
      .toMatchObject({ found: ["kindling"], ...whole });
  }
  for (const [match, name] of [["fuzzy", "kindlimg"], ["auto", "kindlimg"], ["hump", "kL"]]) {
    expect(await get("definitions", { ...large, match: match ?? "", name: name ?? "" }))
      .toMatchObject({ found: [], ...stopped });
  }
});

test("of more definitions than are looked at every page says that some are missing", async () => {
  await removePages();
  const bulk = { repository: "acme/large", name: "bulk" };
  expect(await get("symbols", bulk)).toMatchObject({ found: ["bulk", "bulk"], ...whole });
  await addPages("bulk", DEFINITIONS_MAX / DEFINITIONS_OF_A_PAGE, DEFINITIONS_OF_A_PAGE, false);
  const first = await get("symbols", { ...bulk, limit: "1" });
  expect(first).toMatchObject({ found: ["bulk"], ...stopped, next_cursor: expect.any(String) });
  expect(await get("symbols", { ...bulk, limit: "1", cursor: first.next_cursor ?? "" }))
    .toMatchObject({ found: ["bulk"], ...stopped, next_cursor: null });
  await removePages();
});

test("of more definitions of a part of a name than are filtered there may be others", async () => {
  const wide = { repository: "acme/large", name: "wide", match: "prefix" };
  const more = { complete: false, incomplete_reason: "more_results" };
  expect(await get("definitions", { ...wide, kind: "function" }))
    .toMatchObject({ found: [], ...more });
  expect(await get("definitions", { ...wide, name: "widez", kind: "function" }))
    .toMatchObject({ found: ["widezz"], ...whole });
});
