// What holds when Vault cannot decrypt what it keeps, as in a project that was restored under another key.

import { beforeEach, expect, test } from "vitest";
import { database, worker } from "./support/queue_database.ts";
import * as seed from "./support/seed.ts";

let tenantId: string;
beforeEach(async () => {
  await database.admin`delete from vault.secrets`;
  await database.admin`
    select vault.create_secret('http://127.0.0.1:1/dispatch', 'dispatch_url'),
      vault.create_secret('a secret', 'wake_secret')`;
  tenantId = await seed.createTenant(database.admin);
});

/** Those of a name or, without one, all. */
async function spoil(name = "%"): Promise<void> {
  await database.admin`
    update vault.secrets set secret = encode('no ciphertext', 'base64') where name like ${name}`;
  await expect(database.admin`
    select decrypted_secret from vault.decrypted_secrets where name like ${name}`).rejects
    .toThrow("Decryption failed");
}

async function takeHooks() {
  const [row] = await database.serviceRole<{ hooks: { secret: string; token: string | null }[] }[]>`
    select api.take_pending_hooks(null, 10) as hooks`;
  return row!.hooks;
}

test("invariant 1: an enqueue is kept, though nobody can be woken", async () => {
  await spoil();
  const { job } = await seed.register(database.serviceRole, tenantId);
  expect(await seed.readJob(database.admin, job.id)).toMatchObject({ state: "queued" });
});

test("a token that cannot be read costs its own job's token and no other's", async () => {
  const spoiled = await seed.register(database.serviceRole, tenantId, { token: "spoiled" });
  await spoil("%/token");
  const sound = await seed.register(database.serviceRole, tenantId, { token: "sound" });
  const first = (await seed.claim(database.indexer, worker))!;
  const second = (await seed.claim(database.indexer, await seed.startWorker(database.admin)))!;
  expect([first, second]).toMatchObject([
    { job_id: spoiled.job.id, git_token: null },
    { job_id: sound.job.id, git_token: "sound" },
  ]);
});

test("who registers again with a token replaces the one that cannot be read", async () => {
  const host = { hostId: 7, name: "owner/name" };
  await seed.register(database.serviceRole, tenantId, { ...host, token: "spoiled" });
  await spoil("%/token");
  await seed.register(database.serviceRole, tenantId, { ...host, token: "new" });
  expect((await seed.claim(database.indexer, worker))?.git_token).toBe("new");
});

test("a webhook whose secret cannot be read is made with a new one, by which it is verified", async () => {
  const host = { hostId: 7, name: "owner/name" };
  const { repository } = await seed.register(database.serviceRole, tenantId, host);
  await takeHooks();
  await database.serviceRole`select api.record_hook(${repository.id}, 5, null)`;
  await spoil();
  const verified = async () =>
    (await database.serviceRole<{ secret: string | null }[]>`
      select api.webhook_secret(${repository.id}) as secret`)[0]!.secret;
  expect(await verified()).toBeNull();
  await seed.register(database.serviceRole, tenantId, host);
  const [hook] = await takeHooks();
  expect(hook!.secret).toMatch(/^[0-9a-f]{64}$/);
  expect(await verified()).toBe(hook!.secret);
});

test("health says which settings cannot be read, and all else", async () => {
  await spoil("wake_secret");
  const [row] = await database.serviceRole<{ health: Record<string, unknown> }[]>`
    select api.health(true) as health`;
  expect(row!.health).toMatchObject({ missing_settings: ["wake_secret"], live_machines: 1 });
});

test("a repository is deleted all the same", async () => {
  const { repository } = await seed.register(database.serviceRole, tenantId, { token: "t" });
  await spoil();
  const [row] = await database.serviceRole<{ answer: unknown }[]>`
    select api.delete_repository(${tenantId}, ${repository.id}, 'test') as answer`;
  expect(row!.answer).toMatchObject({ outcome: "enqueued", hook: { token: null } });
});
