import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { GitHubFaults } from "./github_faults.ts";
import { GitHost } from "./github_git.ts";
import { Repositories } from "./github_repositories.ts";

/**
 * Ends at once, and leaves its output to another process, which writes the rest once it may, or the folder of the
 * test is gone.
 */
const BACKEND = `#!/bin/sh
(printf 'Status: 200\\r\\n\\r\\nhead'; while [ -e "$0" ] && [ ! -e "$0.goes-on" ]; do sleep 0.01; done; printf tail) &
`;

test("a request ends though whoever asked went away after git's program had ended, and before its output", async () => {
  const root = await mkdtemp(path.join(os.tmpdir(), "quarry-github-git-test-"));
  const backend = path.join(root, "backend");
  await writeFile(backend, BACKEND, { mode: 0o700 });
  const repositories = new Repositories(root, "token");
  await repositories.findOrCreate("some", "where");
  const host = new GitHost(repositories, new GitHubFaults(), backend, () => undefined);
  const served = Promise.withResolvers<void>();
  const target = {
    owner: "some",
    name: "where",
    operation: "info/refs",
    query: "service=git-upload-pack",
    isPush: false,
  } as const;
  const server = createServer((request, response) => {
    // What the program has left is written when the answer is closed.
    response.on("close", () => setImmediate(() => void writeFile(`${backend}.goes-on`, "")));
    served.resolve(host.handle(target, request, response));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.write("GET / HTTP/1.1\r\nHost: github\r\n\r\n");
  const [data] = await once(socket, "data") as [Buffer];
  expect(data.toString()).toContain("200 OK");
  socket.destroy();
  await served.promise;
  server.close();
  await rm(root, { recursive: true });
});
