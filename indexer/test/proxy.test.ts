import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseDockerfile } from "../../scripts/deploy/dockerfile.ts";
import { commitFiles, file } from "./support/hosted_commits.ts";
import { createIndexing, type Indexing } from "./support/indexing.ts";

/** A name that nobody but the proxy can find. */
const HOST = "host.example";

let indexing: Indexing;
beforeAll(async () => {
  indexing = await createIndexing();
});
afterAll(async () => {
  await indexing[Symbol.asyncDispose]();
});

/** A proxy for HTTP, behind which there is the host alone; notes what it is asked for. */
async function startProxy(hostUrl: string) {
  const { port } = new URL(hostUrl);
  const asked: string[] = [];
  const server = createServer((incoming, response) => {
    const { method = "", url = "", headers } = incoming;
    asked.push(`${method} ${url}`);
    const { pathname, search } = new URL(url);
    const onward = request({ host: "127.0.0.1", port, method, path: pathname + search, headers });
    onward.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(onward);
  });
  server.on("connect", ({ url }, socket) => {
    asked.push(`CONNECT ${url}`);
    const onward = connect(Number(port), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      onward.pipe(socket).pipe(onward);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** What the image tells each process that runs in it. */
async function imageVariables(): Promise<Record<string, string>> {
  const text = await readFile(new URL("../Dockerfile", import.meta.url), "utf8");
  const settings = parseDockerfile(text).at(-1)!.instructions.filter(({ name }) => name === "ENV");
  return Object.fromEntries(settings.map(({ rest }) => rest.split("=", 2)));
}

test("where the host is behind a proxy a repository that has moved is found there", async () => {
  const hosted = await indexing.createHosted();
  await commitFiles(hosted.directory, new Map([["a.ts", file("let a;\n")]]));
  const repository = await indexing.register(hosted);
  indexing.github.rename(repository.name, `acme/moved-${hosted.id}`);
  const proxy = await startProxy(indexing.github.url);
  try {
    const { NODE_USE_ENV_PROXY } = await imageVariables();
    const { ended } = await indexing.start({
      environment: { NODE_USE_ENV_PROXY, http_proxy: proxy.url, GIT_BASE_URL: `http://${HOST}` },
    });
    expect(await ended).toMatchObject({ code: 0 });
    expect(await indexing.lastJob(repository)).toMatchObject({ state: "completed", attempt: 1 });
    expect(proxy.asked).toContainEqual(
      expect.stringMatching(`^GET http://${HOST}/acme/moved-${hosted.id}.git/info/refs`),
    );
  } finally {
    proxy.server.close();
  }
});
