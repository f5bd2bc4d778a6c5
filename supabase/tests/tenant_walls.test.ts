// Invariant 6, tenants are walls, where they stand: definer functions see every row, so each function that
// takes a tenant must fence itself. The functions come from the catalogue and their arguments by name, with
// another tenant's ids in all of them, in cursors and names of blobs too: one that is added is attacked.

import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../scripts/local/test_database.ts";
import * as seed from "./support/seed.ts";

const NOBODY = "00000000-0000-4000-8000-000000000000";
const GENERATION = 1;

/** What a caller can name. */
interface Names {
  readonly repositoryId: string;
  readonly fullName: string;
  readonly jobId: string;
  readonly treeId: number;
  readonly segmentId: number;
}
interface ApiFunction {
  readonly name: string;
  readonly parameters: readonly { readonly name: string; readonly type: string }[];
}
/** One of the ways to name the same: which of the ids, and whether a cursor goes on from there. */
interface Way {
  readonly repository: "id" | "name" | "none";
  readonly hasCursor: boolean;
}
const ways: readonly Way[] = (["id", "name", "none"] as const).flatMap((repository) =>
  [false, true].map((hasCursor) => ({ repository, hasCursor }))
);
const nobodys: Names = {
  repositoryId: NOBODY,
  fullName: "nobody/nothing",
  jobId: NOBODY,
  treeId: 999_999,
  segmentId: 999_999,
};

let database: TestDatabase;
let ownerId: string;
let strangerId: string;
let owners: Names;
let functions: readonly ApiFunction[];

beforeAll(async () => {
  database = await createTestDatabase();
  ownerId = await seed.createTenant(database.admin, "owner");
  strangerId = await seed.createTenant(database.admin, "stranger");
  owners = await index(ownerId, "owner/wall");
  await index(strangerId, "stranger/other");
  functions = await database.admin<ApiFunction[]>`
    select p.proname as name, jsonb_agg(jsonb_build_object('name', a.name, 'type', format_type(a.type, null)) order by a.n) as parameters
    from pg_proc p cross join unnest(p.proargnames, p.proargtypes::oid[]) with ordinality a (name, type, n)
    -- Registering names nothing that is there.
    where p.pronamespace = 'api'::regnamespace and 'p_tenant_id' = any(p.proargnames) and p.proname <> 'register_repository'
    group by p.oid, p.proname order by p.proname`;
});
afterAll(() => database.drop());

/** A repository of one file that defines, uses and says its tenant's word. */
async function index(tenantId: string, fullName: string): Promise<Names> {
  const { repository, job } = await seed.register(database.serviceRole, tenantId, {
    name: fullName,
  });
  await database
    .admin`update quarry.indexing_jobs set state = 'failed', finished_at = now() where id = ${job.id}`;
  const [tree] = await database.admin<{ id: number }[]>`
    update quarry.trees set generation = ${GENERATION}, oldest_generation = ${GENERATION}, commit_oid = 'c0ffee', features = '{text,symbols}'
    where repository_id = ${repository.id} returning id::integer`;
  const [segment] = await database.admin<{ id: number }[]>`
    insert into quarry.segments (repository_id, job_id, lease_token, published_at, format_version, term_count, blob_count)
    values (${repository.id}, ${job.id}, gen_random_uuid(), now(), 1, 1, 1) returning id::integer`;
  const segmentId = segment!.id;
  await database.admin.begin(async (sql) => {
    await sql`
      insert into quarry.blobs (segment_id, blob_no, blob_oid, language, text_marks, line_count, decoded_leniently, extractor_version, outline)
      values (${segmentId}, 0, '\\x00', 'C', 0, 1, false, 1, 'outline')`;
    await sql`
      insert into quarry.blob_chunks (segment_id, chunk_no, blob_no, first_line, content) values (${segmentId}, 0, 0, 1, 'text')`;
    await sql`
      insert into quarry.term_pages (segment_id, page_no, first_term, terms, list_starts, chunk_nos)
      values (${segmentId}, 0, 'wall', 'wall', '{0,1}', '{0}')`;
    await sql`
      insert into quarry.symbol_pages (segment_id, page_no, first_name, names_folded, names, humps, name_nos, kinds, blob_nos, symbol_nos)
      values (${segmentId}, 0, 'wall', 'wall', 'wall', 'w', '{1}', '{7}', '{0}', '{0}')`;
    await sql`
      insert into quarry.tree_files (tree_id, path, path_text, generation_from, mode, language, marks, segment_id, blob_no)
      values (${
      tree!.id
    }, 'src/wall.c', 'src/wall.c', ${GENERATION}, 33188, 'C', 0, ${segmentId}, 0)`;
    await sql`
      insert into quarry.tree_files (tree_id, path, path_text, generation_from, mode, language, marks, skip_reason)
      values (${tree!.id}, 'src/wall.bin', 'src/wall.bin', ${GENERATION}, 33188, '', 0, 'binary')`;
  });
  return { repositoryId: repository.id, fullName, jobId: job.id, treeId: tree!.id, segmentId };
}

function argumentsOf(names: Names, way: Way): Readonly<Record<string, string | null>> {
  const { treeId, segmentId } = names;
  const cursor = {
    from: { tier: 0, tree: treeId, segment: segmentId, blob: -1 },
    until: null,
    pins: { [treeId]: [GENERATION, null, true] },
    tree: treeId,
    generation: GENERATION,
    commit: "c0ffee",
    path: "",
    symbol_no: -1,
  };
  const constraints = [{ kind: "exact", term: "wall", grams: [] }];
  return {
    p_repository_id: names.repositoryId,
    p_job_id: names.jobId,
    p_repository: { id: names.repositoryId, name: names.fullName, none: null }[way.repository],
    p_blobs: `{${segmentId}/0}`,
    p_wanted: JSON.stringify([{ blob: `${segmentId}/0`, lines: [1] }]),
    p_cursor: way.hasCursor ? JSON.stringify(cursor) : null,
    p_plan: JSON.stringify({
      leaves: [{ constraints, choices: [] }],
      alternatives: [1],
      words: ["wall"],
      filters: {},
      first_chunk: true,
    }),
    p_queries: JSON.stringify([{ match: "exact", folded: "wall", name: "wall" }]),
    p_query: JSON.stringify({ name: "wall", name_folded: "wall", match: "exact" }),
    p_candidates: JSON.stringify({ files: ["src/wall.c"], folders: ["src"] }),
    p_probes: JSON.stringify([{ word: "wall", prefix: "" }]),
    p_term: "wall",
    p_terms: "{wall}",
    p_path: "src/wall.c",
    p_generation: String(GENERATION),
    ...fixed,
  };
}
/** What names nothing. */
const fixed: Readonly<Record<string, string | null>> = {
  p_ref: null,
  p_refs: "{refs/heads/dev}",
  p_full: "false",
  p_requested_by: "test",
  p_limit: "10",
  p_state: null,
  p_weight_max: "64",
  p_held: "{}",
  p_lacking: "{}",
  p_commit_oid: null,
  p_first_line: "1",
  p_last_line: "10",
  p_with_outline: "true",
  p_with_outlines: "true",
  p_text_chunks: "1",
  p_prefix: null,
  p_files_max: "10",
  p_filter: "{}",
  p_use: null,
  p_languages: "{C}",
  p_shape: "1",
  p_folders: "5",
  p_samples: "5",
  p_overview: "{}",
};
/** Where a folder is meant, not a file. */
const folders: Readonly<Record<string, string>> = { list_folder: "src" };

/** What a tenant is answered and what of the owner's is there afterwards, all of it undone. */
async function attempt(
  { name, parameters }: ApiFunction,
  tenantId: string,
  names: Names,
  way: Way,
): Promise<{ answer: unknown; left: unknown }> {
  const known = { ...argumentsOf(names, way), p_tenant_id: tenantId };
  const given = name in folders ? { ...known, p_path: folders[name] } : known;
  const values = parameters.map((parameter) => {
    const value = Object.entries(given).find(([key]) => key === parameter.name);
    if (value === undefined) throw new Error(`nothing to attack ${name} with as ${parameter.name}`);
    return value[1] ?? null;
  });
  const list = parameters.map((p, n) => `${p.name} => $${n + 1}::text::${p.type}`).join(", ");
  const undone = new Error("undone");
  let result: { answer: unknown; left: unknown } | undefined;
  await database.admin.begin(async (sql) => {
    await sql`set local role service_role`;
    const [row] = await sql.unsafe(`select api.${name}(${list}) as answer`, values);
    await sql`reset role`;
    const [left] = await sql`
      select (select jsonb_agg(to_jsonb(r) order by r.id) from quarry.repositories r where r.tenant_id = ${ownerId}) as repositories,
        (select jsonb_agg(to_jsonb(t) order by t.id) from quarry.trees t join quarry.repositories r on r.id = t.repository_id where r.tenant_id = ${ownerId}) as trees,
        (select jsonb_agg(j.state order by j.queued_at, j.id) from quarry.indexing_jobs j where j.tenant_id = ${ownerId}) as jobs,
        (select count(*)::integer from quarry.tree_overviews) as overviews`;
    result = { answer: row?.["answer"], left };
    throw undone;
  }).catch((error: unknown) => {
    if (error !== undone) throw error;
  });
  return result!;
}

test("every function of a tenant answers one who has another's ids as if nobody had them, and changes nothing", async () => {
  const untouched = (await attempt(functions[0]!, strangerId, nobodys, ways[0]!)).left;
  for (const called of functions) {
    for (const way of ways) {
      const { answer, left } = await attempt(called, strangerId, owners, way);
      const expected = (await attempt(called, strangerId, nobodys, way)).answer;
      expect(answer, `${called.name} ${JSON.stringify(way)}`).toEqual(expected);
      expect(left, called.name).toEqual(untouched);
    }
  }
});

test("each of these attacks has something to find: whose ids they are is answered otherwise", async () => {
  const untouched = (await attempt(functions[0]!, strangerId, nobodys, ways[0]!)).left;
  const blunt: string[] = [];
  for (const called of functions) {
    let isFound = false;
    for (const way of ways) {
      const mine = await attempt(called, ownerId, owners, way);
      const nothing = await attempt(called, ownerId, nobodys, way);
      isFound ||= JSON.stringify(mine.answer) !== JSON.stringify(nothing.answer) ||
        JSON.stringify(mine.left) !== JSON.stringify(untouched);
    }
    if (!isFound) blunt.push(called.name);
  }
  // It names nothing but where a list goes on.
  expect(blunt).toEqual(["list_repositories"]);
});
