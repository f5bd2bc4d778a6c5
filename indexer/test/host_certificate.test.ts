import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AUTHORITY } from "../../scripts/local/tls/certificate.ts";
import { startTlsFront, type TlsFront } from "../../scripts/local/tls/tls_front.ts";
import { commitFiles, file } from "./support/hosted_commits.ts";
import { createIndexing, type Indexing } from "./support/indexing.ts";

let indexing: Indexing;
let directory: string;
let authority: string;
/** The host, over TLS, with a certificate that no public authority has signed. */
let front: TlsFront;

beforeAll(async () => {
  indexing = await createIndexing();
  directory = await mkdtemp(path.join(os.tmpdir(), "quarry-certificate-"));
  authority = path.join(directory, "authority.pem");
  await writeFile(authority, AUTHORITY);
  front = await startTlsFront(() => Number(new URL(indexing.github.url).port));
});
afterAll(async () => {
  await front[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
  await indexing[Symbol.asyncDispose]();
});

/** Indexes a repository and then a push to it; answers the last job, and what brought the push. */
async function indexAndPush(trusted: Readonly<Record<string, string>>) {
  const hosted = await indexing.createHosted();
  const commitOid = await commitFiles(hosted.directory, new Map([["a.ts", file("let a;\n")]]));
  const repository = await indexing.register(hosted);
  const environment = { GIT_BASE_URL: front.url, ...trusted };
  await (await indexing.start({ environment })).ended;
  const first = await indexing.lastJob(repository);
  if (first.state !== "completed") return { job: first, by: null };
  const files = new Map([["b.ts", file("let b;\n")]]);
  await commitFiles(hosted.directory, files, "refs/heads/main", commitOid);
  const jobId = await indexing.push(repository);
  await (await indexing.start({ environment })).ended;
  const { by } = await indexing.facts(jobId, "fetched");
  return { job: await indexing.lastJob(repository), by };
}

test("a host whose authority is not trusted is not spoken to", async () => {
  expect(await indexAndPush({ NODE_EXTRA_CA_CERTS: authority })).toMatchObject({
    job: { state: "queued", errors: [{ code: "host_unreachable" }] },
  });
});

test("a host whose authority git is told of is fetched from by git", async () => {
  expect(await indexAndPush({ GIT_SSL_CAINFO: authority })).toMatchObject({
    job: { state: "completed", attempt: 1 },
    by: "git",
  });
});

test("where Node is told of it too, pushes come by requests of our own", async () => {
  const trusted = { GIT_SSL_CAINFO: authority, NODE_EXTRA_CA_CERTS: authority };
  expect(await indexAndPush(trusted)).toMatchObject({
    job: { state: "completed", attempt: 1 },
    by: "requests",
  });
});
