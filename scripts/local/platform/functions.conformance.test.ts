// What edge functions meet in the stack: the hosted permissions and routing, through the gateway.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Functions, startFunctions } from "./functions.ts";
import { type Gateway, startGateway } from "./gateway.ts";
import { isAlive } from "../processes/process.ts";
import { openRun, type Run } from "../processes/run.ts";

let run: Run;
let directory: string;
let functions: Functions;
let gateway: Gateway;
let url: string;

const SOURCES: Record<string, string> = {
  "echo": `Deno.serve(async (request) => new Response(await request.text(), {
    status: 201,
    headers: { "x-path": new URL(request.url).pathname + new URL(request.url).search,
      "x-method": request.method, "x-from": request.headers.get("x-forwarded-for") ?? "" } }));`,
  "forbidden": `const tries = {
      read: () => Deno.readTextFile("/etc/passwd"),
      write: () => Deno.writeTextFile("/tmp/quarry-forbidden", ""),
      run: () => new Deno.Command("/bin/true").output(),
      own: () => Deno.readTextFile(new URL(import.meta.url)),
    };
    Deno.serve(async () => {
      const outcome = {};
      for (const [name, attempt] of Object.entries(tries)) {
        outcome[name] = await Promise.resolve().then(attempt).then(() => "ok", (e) => e.name);
      }
      return Response.json(outcome);
    });`,
  "environment": `export default { fetch: () => Response.json(Deno.env.toObject()) };`,
  "throws": `Deno.serve(() => { throw new Error("on purpose"); });`,
  "broken": `throw new Error("does not start");`,
  "streams": `Deno.serve(() => new Response(new ReadableStream({
    async start(controller) {
      controller.enqueue(new TextEncoder().encode("first"));
      await new Promise((resolve) => { globalThis.finish = resolve; });
      controller.enqueue(new TextEncoder().encode("second"));
      controller.close();
    } })));`,
  "finish": `Deno.serve(() => { globalThis.finish(); return new Response("ok"); });`,
  "unread": `Deno.serve(() => new Response("unread", { status: 413 }));`,
  "_shared": "export {};",
};

beforeAll(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), "quarry-functions-"));
  for (const [name, source] of Object.entries(SOURCES)) {
    await mkdir(path.join(directory, name));
    await writeFile(path.join(directory, name, "index.ts"), source);
  }
  run = await openRun();
  functions = await startFunctions({ run, directory, environment: { GREETING: "hello" } });
  gateway = await startGateway();
  gateway.backends.functionsPort = functions.port;
  url = `http://127.0.0.1:${gateway.port}/functions/v1`;
});
afterAll(async () => {
  await gateway.stop();
  await functions.stop();
  await run.close();
  await rm(directory, { recursive: true });
});

/** Functions started by a process that has a variable which is none of their business. */
async function startLeaky(): Promise<Functions & AsyncDisposable> {
  process.env["QUARRY_TEST_LEAK"] = "secret";
  const leaky = await startFunctions({ run, directory, environment: { GREETING: "hello" } });
  delete process.env["QUARRY_TEST_LEAK"];
  return { ...leaky, [Symbol.asyncDispose]: () => leaky.stop() };
}

test("a function sees its path without the prefix, and the whole request", async () => {
  const body = "x".repeat(300_000);
  const response = await fetch(`${url}/echo/some/path?q=1`, { method: "PUT", body });
  expect(response.status).toBe(201);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    "x-path": "/echo/some/path?q=1",
    "x-method": "PUT",
    "x-from": "127.0.0.1",
  });
  expect(await response.text()).toBe(body);
});

test("a function may read its own files, and neither read else, write nor run", async () => {
  const response = await fetch(`${url}/forbidden`);
  expect(await response.json()).toEqual({
    read: "NotCapable",
    write: "NotCapable",
    run: "NotCapable",
    own: "ok",
  });
});

test("a function has the environment it is given and nothing of the parent's", async () => {
  process.env["QUARRY_TEST_LEAK"] = "secret";
  await using leaky = await startLeaky();
  const environment = await (await fetch(`http://127.0.0.1:${leaky.port}/environment`)).json();
  expect(environment).toMatchObject({ GREETING: "hello" });
  expect(environment).not.toHaveProperty("QUARRY_TEST_LEAK");
  expect(environment).not.toHaveProperty("HOME");
});

test("a response is streamed", async () => {
  const response = await fetch(`${url}/streams`);
  const reader = response.body?.getReader();
  expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("first");
  await fetch(`${url}/finish`);
  expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("second");
});

test("a body that a function leaves unread does not hold up what comes after it", async () => {
  const bytes = 8 * 1024 * 1024;
  const socket = connect(gateway.port, "127.0.0.1");
  let answers = "";
  const { promise: hasAnsweredTwice, resolve } = Promise.withResolvers<void>();
  socket.on("data", (data) => {
    answers += data.toString("latin1");
    if (answers.includes("unread") && !answers.includes("hello")) {
      socket.write("GET /functions/v1/environment HTTP/1.1\r\nHost: local\r\n\r\n");
    } else if (answers.includes("hello")) resolve();
  });
  const head = `POST /functions/v1/unread HTTP/1.1\r\nHost: local\r\nContent-Length: ${bytes}`;
  socket.write(`${head}\r\n\r\n${"x".repeat(bytes)}`);
  await hasAnsweredTwice;
  socket.destroy();
  expect(answers).toMatch(/^HTTP\/1\.1 413 [^]*HTTP\/1\.1 200 /);
});

test("an unknown function is 404, one that throws 500, one that does not start 503", async () => {
  expect((await fetch(`${url}/unknown`)).status).toBe(404);
  expect((await fetch(`${url}/_shared`)).status).toBe(404);
  expect((await fetch(`${url}/throws`)).status).toBe(500);
  expect((await fetch(`${url}/broken`)).status).toBe(503);
  expect((await fetch(`http://127.0.0.1:${gateway.port}/else`)).status).toBe(404);
});

test("the process goes when it is stopped", async () => {
  const other = await startFunctions({ run, directory, environment: {} });
  expect(isAlive(other.pid)).toBe(true);
  await other.stop();
  expect(isAlive(other.pid)).toBe(false);
  expect(run.processes.map((entry) => entry.pid)).toEqual([functions.pid]);
});
