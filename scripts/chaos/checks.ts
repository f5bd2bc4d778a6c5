// What must be true after every run, each check under the name of what it guards. A check answers
// what is wrong, in words that help to find it.

import { readdir } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { readRefs } from "../local/github/git_refs.ts";
import { register, requestIndex } from "./api_calls.ts";
import { type DumpedTree, dumpIndex } from "./index_dump.ts";
import { holdsWithin } from "./patience.ts";
import { settle } from "./settle.ts";
import type { HostedCopy, World } from "./world.ts";

const CLOSING_SECONDS_MAX = 10;

export interface Check {
  readonly name: string;
  /** Nothing when it holds. */
  readonly find: (world: World) => Promise<string[]>;
}

interface LaggingTree {
  readonly repositoryId: string;
  readonly ref: string;
  readonly commitOid: string | null;
  readonly head: string | null;
  readonly hasFailed: boolean;
}

/** Followed refs whose index is not at the host's head. */
export async function laggingTrees(world: World): Promise<LaggingTree[]> {
  const lagging: LaggingTree[] = [];
  for (const { repositoryId, hosted } of world.registrations) {
    if (repositoryId === null) continue;
    const refs = await readRefs(world.stack.github.repository(hosted.name).directory);
    const trees = await world.stack.sql<
      { ref: string; commit_oid: string | null; failed: boolean }[]
    >`
      select t.ref, t.commit_oid, exists (
        select from quarry.indexing_jobs j
        where j.repository_id = t.repository_id and j.ref = t.ref and j.state = 'failed'
          and j.finished_at > coalesce(t.indexed_at, '-infinity') and j.errors <> '[]') as failed
      from quarry.trees t where t.repository_id = ${repositoryId}`;
    for (const { ref, commit_oid: commitOid, failed: hasFailed } of trees) {
      const head = refs.get(ref) ?? null;
      if (head !== commitOid) lagging.push({ repositoryId, ref, commitOid, head, hasFailed });
    }
  }
  return lagging;
}

const pushPayload = z.object({ ref: z.string(), after: z.string() });
const NO_OID = /^0+$/;

/** Whether the host has told us of this head: the hook may be younger than the push. */
function wasAnnounced({ stack }: World, { repositoryId, ref, head }: LaggingTree): boolean {
  return stack.github.webhooks.deliveries.some(({ hook, event, body }) => {
    if (event !== "push" || !hook.url.endsWith(repositoryId)) return false;
    const payload = pushPayload.parse(JSON.parse(body.toString()));
    const after = NO_OID.test(payload.after) ? null : payload.after;
    return payload.ref === ref && after === head;
  });
}

/** Asks for what nobody has promised, which is no fault; answers how often. */
export async function askForUnannounced(world: World): Promise<number> {
  const unannounced = (await laggingTrees(world)).filter((tree) => !wasAnnounced(world, tree));
  for (const { repositoryId, ref } of unannounced) {
    const registration = world.registrations.find((one) => one.repositoryId === repositoryId);
    if (registration !== undefined) {
      await requestIndex(world.stack, registration.tenant, repositoryId, { ref });
    }
  }
  return unannounced.length;
}

/** Invariant 1 as it stands when nothing moves any more, before anybody redrives. */
export async function findLostJobs(world: World): Promise<string[]> {
  return (await laggingTrees(world))
    .filter((tree) => !tree.hasFailed && wasAnnounced(world, tree)).map(describeLag);
}

function describeLag({ repositoryId, ref, commitOid, head }: LaggingTree): string {
  return `${repositoryId} ${ref} is at ${commitOid}, the host at ${head}`;
}

async function findDoublePublishes({ stack: { sql } }: World): Promise<string[]> {
  const rows = await sql<{ job_id: string; lease: string; published: number }[]>`
    with leases as (
      select e.job_id, e.event,
        count(*) filter (where e.event = 'claimed') over (partition by e.job_id order by e.id) as lease
      from quarry.indexing_job_events e)
    select job_id, lease, count(*)::int as published from leases
    where event = 'published' group by job_id, lease having count(*) > 1 or lease = 0`;
  const silent = await sql<{ id: string; events: number; outcome: string }[]>`
    select j.id, j.outcome, count(e.id)::int as events from quarry.indexing_jobs j
    left join quarry.indexing_job_events e on e.job_id = j.id and e.event = 'published'
    where j.kind = 'index' and j.outcome = 'indexed' group by j.id having count(e.id) = 0`;
  const twice = await sql<{ id: string; events: number }[]>`
    select j.id, count(e.id)::int as events from quarry.indexing_jobs j
    left join quarry.indexing_job_events e on e.job_id = j.id and e.event = 'completed'
    where j.state = 'completed' and j.outcome <> 'superseded' group by j.id having count(e.id) <> 1`;
  // A merge of segments moves several trees, and its event names no generation.
  const generations = await sql<{ generation: string }[]>`
    select context ->> 'generation' as generation from quarry.indexing_job_events
    where event = 'published' and context ? 'generation' group by 1 having count(*) > 1`;
  return [
    ...rows.map((row) => `job ${row.job_id} lease ${row.lease}: ${row.published} publishes`),
    ...silent.map(({ id }) => `job ${id} is indexed and has published nothing`),
    ...twice.map(({ id, events }) => `job ${id} has completed ${events} times`),
    ...generations.map(({ generation }) => `generation ${generation} was published twice`),
  ];
}

async function findStuck({ stack: { sql } }: World): Promise<string[]> {
  const rows = await sql<{ id: string; kind: string; state: string }[]>`
    select id, kind, state from quarry.indexing_jobs where state in ('queued', 'running')`;
  return rows.map(({ id, kind, state }) => `${kind} job ${id} is ${state}`);
}

/** Registers every repository for a tenant who was not there, and compares what becomes of it. */
async function findDifferences(world: World): Promise<string[]> {
  const { stack } = world;
  const tenant = await stack.createTenant("fresh");
  const fresh = new Map<HostedCopy, string>();
  for (const hosted of world.hosted) {
    const id = await register(stack, tenant, hosted.name);
    if (hosted.hasSide) await requestIndex(stack, tenant, id, { ref: "refs/heads/side" });
    fresh.set(hosted, id);
  }
  const restless = await settle(world);
  if (restless.length > 0) return [`fresh indexes: ${restless.join(", ")}`];
  const differences: string[] = [];
  for (const { repositoryId, hosted } of world.registrations) {
    const freshId = fresh.get(hosted);
    if (repositoryId === null || freshId === undefined) continue;
    const wanted = byRef(await dumpIndex(stack.sql, { id: freshId }));
    for (const tree of await dumpIndex(stack.sql, { id: repositoryId })) {
      if (isAsFresh(tree, wanted.get(tree.ref))) continue;
      differences.push(`${hosted.name} of ${repositoryId}: ${tree.ref} is not like a fresh index`);
    }
  }
  return differences;
}

function byRef(trees: readonly DumpedTree[]): Map<string, DumpedTree> {
  return new Map(trees.map((tree) => [tree.ref, tree]));
}

/** The index of a ref that the host has no more is empty. */
function isAsFresh(tree: DumpedTree, fresh: DumpedTree | undefined): boolean {
  if (tree.commit_oid !== null) return isDeepStrictEqual(tree, fresh);
  return tree.files.length === 0 && tree.file_count === 0 && tree.skipped_count === 0;
}

async function findMachines({ stack }: World): Promise<string[]> {
  const running = stack.machines.running().map(({ name }) => `${name} runs`);
  const listed = stack.machines.list().map(({ name, state }) => `${name} is ${state} at Fly`);
  const rows = await stack.sql<{ name: string; state: string; leftover: string | null }[]>`
    select name, state, leftover from quarry.machines where state <> 'gone' or leftover is not null`;
  return [
    ...running,
    ...listed,
    ...rows.map(({ name, state, leftover }) => `the row of ${name} is ${leftover ?? state}`),
  ];
}

async function findSegments({ stack: { sql } }: World): Promise<string[]> {
  const [row] = await sql<Record<string, number>[]>`
    select
      (select count(*)::int from quarry.segments where published_at is null) as unpublished_segments,
      (select count(*)::int from quarry.tree_changes) as tree_changes,
      (select count(*)::int from quarry.blobs b
        where not exists (select from quarry.segments s where s.id = b.segment_id)) as stray_blobs,
      (select count(*)::int from quarry.blob_chunks c
        where not exists (select from quarry.segments s where s.id = c.segment_id)) as stray_chunks,
      (select count(*)::int from quarry.term_pages t
        where not exists (select from quarry.segments s where s.id = t.segment_id)) as stray_terms,
      (select count(*)::int from quarry.gram_pages g
        where not exists (select from quarry.segments s where s.id = g.segment_id)) as stray_grams,
      (select count(*)::int from quarry.symbol_pages y
        where not exists (select from quarry.segments s where s.id = y.segment_id)) as stray_symbols,
      (select count(*)::int from quarry.use_pages u
        where not exists (select from quarry.segments s where s.id = u.segment_id)) as stray_uses,
      (select count(*)::int from quarry.segments s join quarry.repositories r
        on r.id = s.repository_id where r.deleted_at is not null) as segments_of_the_deleted,
      (select count(*)::int from quarry.trees t join quarry.repositories r
        on r.id = t.repository_id where r.deleted_at is not null) as trees_of_the_deleted`;
  return Object.entries(row ?? {}).filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name.replaceAll("_", " ")}`);
}

async function findConnections({ stack: { sql } }: World): Promise<string[]> {
  const count = async () =>
    (await sql`select from pg_stat_activity where usename = 'quarry_indexer'`).length;
  const areClosed = await holdsWithin(CLOSING_SECONDS_MAX, async () => await count() === 0);
  return areClosed ? [] : [`${await count()} connections of quarry_indexer`];
}

async function findFiles(world: World): Promise<string[]> {
  const [work, temporary, spilled] = await Promise.all([
    readdir(world.workDirectory),
    readdir(world.temporaryDirectory),
    world.stack.sql<{ name: string }[]>`select name from pg_ls_tmpdir()`,
  ]);
  return [
    ...work.map((name) => `${name} in the work area`),
    ...temporary.map((name) => `${name} among the temporary files`),
    ...spilled.map(({ name }) => `${name} among PostgreSQL's temporary files`),
  ];
}

/** In this order: the comparison needs machines, and what they leave is looked for after it. */
export const checksAtRest: readonly Check[] = [
  {
    name: "every head is reached (invariant 1)",
    find: async (world) => (await laggingTrees(world)).map(describeLag),
  },
  { name: "one publish per job and lease (invariant 2)", find: findDoublePublishes },
  { name: "no job is stuck (invariant 1)", find: findStuck },
  { name: "every index equals a fresh one (invariant 4)", find: findDifferences },
];

export const checksAfterADay: readonly Check[] = [
  { name: "no machine is left (invariant 7)", find: findMachines },
  { name: "no segment is left (invariant 3)", find: findSegments },
  { name: "no connection is left", find: findConnections },
  { name: "no file is left", find: findFiles },
];
