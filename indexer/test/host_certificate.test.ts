import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, type Socket } from "node:net";
import os from "node:os";
import path from "node:path";
import { createServer, type Server } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CERTIFICATE, KEY } from "./support/certificate.ts";
import { commitFiles, file } from "./support/hosted_commits.ts";
import { createIndexing, type Indexing } from "./support/indexing.ts";

let indexing: Indexing;
let directory: string;
let authority: string;
let server: Server;
let url: string;
const sockets = new Set<Socket>();

/** The host, over TLS, with a certificate that no public authority has signed. */
beforeAll(async () => {
  indexing = await createIndexing();
  directory = await mkdtemp(path.join(os.tmpdir(), "quarry-certificate-"));
  authority = path.join(directory, "authority.pem");
  await writeFile(authority, CERTIFICATE);
  const { port } = new URL(indexing.github.url);
  server = createServer({ key: KEY, cert: CERTIFICATE }, (socket) => {
    const onward = connect(Number(port), "127.0.0.1");
    for (const side of [socket, onward]) {
      sockets.add(side);
      side.on("error", () => side.destroy());
    }
    socket.pipe(onward).pipe(socket);
  });
  // Whoever does not trust it hangs up.
  server.on("tlsClientError", () => undefined);
  server.listen(0);
  await once(server, "listening");
  url = `https://localhost:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  server.close();
  await rm(directory, { recursive: true });
  await indexing[Symbol.asyncDispose]();
});

/** Indexes a repository and then a push to it; answers the last job, and what brought the push. */
async function indexAndPush(trusted: Readonly<Record<string, string>>) {
  const hosted = await indexing.createHosted();
  const commitOid = await commitFiles(hosted.directory, new Map([["a.ts", file("let a;\n")]]));
  const repository = await indexing.register(hosted);
  const environment = { GIT_BASE_URL: url, ...trusted };
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
