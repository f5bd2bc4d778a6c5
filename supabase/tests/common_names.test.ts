// A name that many repositories define many times: the likeliest definitions are chosen of all that there are, up to
// a number, so that what an answer costs does not grow with them. Straight in the database, with pages of names
// and files but no texts.

import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../scripts/local/test_database.ts";
import { symbolKindNumber } from "../functions/_shared/segment/symbol_kinds.ts";
import * as seed from "./support/seed.ts";

/** Of one name in one segment, as find_definitions looks at them where there are several repositories. */
const DEFINITIONS = 100;
/** Repositories of which it looks at as many, while there are enough. */
const REPOSITORIES_MAX = 20;

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** A published repository whose files define the name once each. */
async function addRepository(
  tenantId: string,
  hostId: number,
  kind: "class" | "property",
  files: number,
): Promise<void> {
  const { repository } = await seed.register(database.serviceRole, tenantId, {
    hostId,
    name: `owner/${hostId}`,
  });
  const numbers = Array.from({ length: files }, (_, n) => n);
  await database.admin`
    with tree as (
      update quarry.trees set generation = 1, oldest_generation = 1, features = '{text,symbols}', commit_oid = 'oid'
      where repository_id = ${repository.id} returning id
    ), segment as (
      insert into quarry.segments (repository_id, job_id, lease_token, published_at, format_version)
      values (${repository.id}, gen_random_uuid(), gen_random_uuid(), now(), 1) returning id
    ), page as (
      insert into quarry.symbol_pages
      select s.id, 0, 'get', 'get', 'get', '', array_fill(1, array[${files}::integer]),
        array_fill(${symbolKindNumber(kind)}::integer, array[${files}::integer]),
        ${numbers}::integer[], array_fill(0, array[${files}::integer])
      from segment s
    )
    insert into quarry.tree_files (tree_id, path, path_text, generation_from, mode, language, marks, segment_id, blob_no)
    select t.id, n::text::bytea, n::text, 1, 33188, 'Go', 0, s.id, n from tree t, segment s, unnest(${numbers}::integer[]) n`;
}

test.each([
  ["of all repositories", REPOSITORIES_MAX - 1, "class"],
  ["of the first where these have very many", REPOSITORIES_MAX, "property"],
])("the likeliest definition is found %s", async (_, repositories, likeliest) => {
  const tenantId = await seed.createTenant(database.admin);
  for (let hostId = 1; hostId <= repositories; hostId += 1) {
    await addRepository(tenantId, hostId, "property", DEFINITIONS);
  }
  await addRepository(tenantId, repositories + 1, "class", 1);
  const queries = [{ match: "exact", folded: "get", name: "get" }];
  const [row] = await database.admin<{ answer: { definitions: { kind: string }[] } }[]>`
    select api.find_definitions(${tenantId}, null, null, ${
    database.admin.json(queries)
  }, '{}', 5) as answer`;
  expect(row!.answer).toMatchObject({ cut: true });
  expect(row!.answer.definitions.map(({ kind }) => kind)).toEqual([
    likeliest,
    ...Array<string>(4).fill("property"),
  ]);
});
