// What people do while faults are injected: they push (forced, renames, deletions, branches come and
// go), register and delete, ask for an index, cancel and redrive. Each step ends when it is answered.

import { cancelJob, deleteRepository, redriveJob, register, requestIndex } from "./api_calls.ts";
import { persist } from "./patience.ts";
import type { Random } from "./random.ts";
import type { HostedCopy, Registration, World } from "./world.ts";

const FILE_NAMES = ["a.ts", "b.py", "c.go", "d.js", "e.txt", "f.tsx"] as const;
const COMMITS_BACK_MAX = 3;
const LINES_MAX = 60;
const REDRIVES_MAX = 10;

interface Step {
  readonly name: string;
  readonly weight: number;
  readonly act: (world: World, random: Random) => Promise<unknown>;
}

const steps: readonly Step[] = [
  { name: "push", weight: 10, act: push },
  { name: "forced push", weight: 3, act: forcePush },
  { name: "side branch", weight: 3, act: changeSide },
  { name: "index request", weight: 3, act: askForIndex },
  { name: "cancel", weight: 2, act: cancel },
  { name: "redrive", weight: 2, act: redriveFailed },
  { name: "delete and register", weight: 1, act: registerAnew },
];

/** One step, chosen from the seed. Answers its name. */
export async function takeStep(world: World, random: Random): Promise<string> {
  let left = random.next() * steps.reduce((sum, { weight }) => sum + weight, 0);
  const step = steps.find(({ weight }) => (left -= weight) < 0) ?? steps[0];
  if (step === undefined) throw new Error("no step");
  await step.act(world, random);
  return step.name;
}

/** Registers whatever is not registered. */
export async function registerAll(world: World): Promise<void> {
  for (const registration of world.registrations) {
    registration.repositoryId ??= await registerAgain(world, registration);
  }
}

/** Queues the work of failed jobs anew. Answers how many there were. */
export async function redriveFailed(world: World): Promise<number> {
  const failed = await persist(
    "failed jobs",
    () =>
      world.stack.sql<{ id: string; tenant_id: string }[]>`
      select j.id, j.tenant_id from quarry.indexing_jobs j
      join quarry.repositories r on r.id = j.repository_id
      where j.state = 'failed' and (r.deleted_at is null or j.kind = 'delete_repository')
        and not exists (select from quarry.indexing_job_events e
          where e.job_id = j.id and e.event = 'redriven')
      order by j.finished_at limit ${REDRIVES_MAX}`,
  );
  for (const { id, tenant_id } of failed) {
    const owner = world.registrations.find(({ tenant }) => tenant.tenantId === tenant_id);
    if (owner !== undefined) await redriveJob(world.stack, owner.tenant, id);
  }
  return failed.length;
}

async function push(world: World, random: Random): Promise<void> {
  const hosted = anyHosted(world, random);
  for (let edits = random.integer(1, 3); edits > 0; edits -= 1) await edit(hosted, random);
  await hosted.copy.commit("Change");
  await persist("push", () => hosted.copy.push("main"));
}

async function edit({ copy }: HostedCopy, random: Random): Promise<void> {
  const files = await copy.files();
  const known = random.pickAny(files);
  const kind = random.integer(0, 5);
  const name = random.pick(FILE_NAMES);
  if (kind === 0 && known !== null && files.length > 1) return await copy.remove(known);
  if (kind === 1 && known !== null && !files.includes(name)) return await copy.rename(known, name);
  const folder = random.chance(0.3) ? "lib/" : "";
  const lines = Array.from(
    { length: random.integer(1, LINES_MAX) },
    () => `export const word${random.integer(0, 999)} = ${random.integer(0, 9)};`,
  );
  await copy.write(`${folder}${name}`, `${lines.join("\n")}\n`);
}

async function forcePush(world: World, random: Random): Promise<void> {
  const hosted = anyHosted(world, random);
  await hosted.copy.reset(random.integer(1, COMMITS_BACK_MAX));
  await persist("forced push", () => hosted.copy.push("main"));
}

/** A branch that is followed from the first time on, and comes and goes at the host. */
async function changeSide(world: World, random: Random): Promise<void> {
  const hosted = anyHosted(world, random);
  if (hosted.hasSide && random.chance(0.5)) {
    await persist("deletion of the branch", async () => {
      await hosted.copy.deleteBranch("side").catch((error: unknown) => {
        // The first attempt may have done it, and its answer be lost.
        if (!String(error).includes("remote ref does not exist")) throw error;
      });
    });
    hosted.hasSide = false;
    return;
  }
  await persist("push", () => hosted.copy.push("side"));
  hosted.hasSide = true;
  const registration = random.pickAny(registered(world).filter((one) => one.hosted === hosted));
  if (registration !== null) await ask(world, registration, { ref: "refs/heads/side" });
}

async function askForIndex(world: World, random: Random): Promise<void> {
  const registration = random.pickAny(registered(world));
  if (registration !== null) await ask(world, registration, { full: random.chance(0.5) });
}

/** Who cancels asks anew afterwards, so that the head must be reached all the same. */
async function cancel(world: World, random: Random): Promise<void> {
  const live = await persist(
    "live jobs",
    () =>
      world.stack.sql<{ id: string; repository_id: string; ref: string }[]>`
      select id, repository_id, ref from quarry.indexing_jobs
      where state in ('queued', 'running') and kind = 'index' order by queued_at, id limit 20`,
  );
  const job = random.pickAny(live);
  const registration = registered(world).find((one) => one.repositoryId === job?.repository_id);
  if (job === null || registration === undefined) return;
  await cancelJob(world.stack, registration.tenant, job.id);
  await ask(world, registration, { ref: job.ref });
}

async function registerAnew(world: World, random: Random): Promise<void> {
  const registration = random.pickAny(registered(world));
  if (registration === null || registration.repositoryId === null) return;
  const { stack } = world;
  const former = registration.repositoryId;
  registration.repositoryId = null;
  await deleteRepository(stack, registration.tenant, former);
  registration.repositoryId = await registerAgain(world, registration);
}

/** After an answer was lost the repository is there already, and the work it was asked for too. */
function registerAgain({ stack }: World, { tenant, hosted }: Registration): Promise<string> {
  return register(stack, tenant, hosted.name);
}

async function ask(
  { stack }: World,
  { tenant, repositoryId }: Registration,
  body: { readonly ref?: string; readonly full?: boolean },
): Promise<void> {
  if (repositoryId !== null) await requestIndex(stack, tenant, repositoryId, body);
}

function registered(world: World): Registration[] {
  return world.registrations.filter(({ repositoryId }) => repositoryId !== null);
}

function anyHosted(world: World, random: Random): HostedCopy {
  const hosted = random.pickAny(world.hosted);
  if (hosted === null) throw new Error("nothing is hosted");
  return hosted;
}
