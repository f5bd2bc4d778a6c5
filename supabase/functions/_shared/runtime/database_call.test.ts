import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import {
  type Scripted,
  type ScriptedServer,
  startScriptedServer,
} from "../../../tests/support/scripted_server.ts";
import { createDatabase, type Database } from "./database.ts";
import { type BatchRequest } from "./database_index_functions.ts";
import {
  type CallForBytes,
  type CallFunction,
  createBytesCaller,
  createFunctionCaller,
} from "./database_call.ts";

let server: ScriptedServer;
let call: CallFunction;
let callForBytes: CallForBytes;
let database: Database;
const secretKey = "sb_secret_0123456789";

beforeAll(async () => {
  server = await startScriptedServer();
  const settings = { supabaseUrl: server.url, secretKey };
  call = createFunctionCaller(settings);
  callForBytes = createBytesCaller(settings);
  database = createDatabase(settings);
});
afterAll(() => server[Symbol.asyncDispose]());

test("a function is called in schema api, by name, with the secret key", async () => {
  server.answer = () => ({ status: 200, body: { n: 1 } });
  expect(await call("count", { p_x: "é" }, z.object({ n: z.int() }))).toEqual({ n: 1 });
  expect(server.received.at(-1)).toMatchObject({
    method: "POST",
    path: "/rest/v1/rpc/count",
    headers: { "content-profile": "api", "apikey": secretKey },
    body: { p_x: "é" },
  });
});

const coded = (status: number, code: string): Scripted => ({
  status,
  body: { code, message: "m", details: null, hint: null },
});
test.each<[string, Scripted, string]>([
  ["a cancelled statement", coded(500, "57014"), "timeout"],
  ["a lost connection", coded(503, "08006"), "unavailable"],
  ["too many connections", coded(503, "53300"), "unavailable"],
  ["a shutdown", coded(503, "57P01"), "unavailable"],
  ["a full pool", coded(504, "PGRST003"), "unavailable"],
  ["a deadlock", coded(500, "40P01"), "unavailable"],
  ["a gateway's page", { status: 502, text: "<html>" }, "unavailable"],
  ["a closed connection", "drop", "unavailable"],
  ["an empty 404", { status: 404, text: "" }, "unavailable"],
  ["a missing function", coded(404, "PGRST202"), "failed"],
  ["a missing right", coded(403, "42501"), "failed"],
  ["a wrong argument", coded(400, "22P02"), "failed"],
  ["a wrong key", { status: 401, body: { message: "Invalid API key" } }, "failed"],
  ["an answer of another form", { status: 200, body: { n: "1" } }, "failed"],
])("%s is told apart, whatever was asked for", async (_, answer, code) => {
  server.answer = () => answer;
  await expect(call("count", {}, z.object({ n: z.int() }))).rejects.toMatchObject({ code });
  await expect(callForBytes("count", {}, (bytes) => bytes)).rejects.toMatchObject({ code });
});

test.each(["40P01", "40001"])("a call that was undone (%s) is made again", async (code) => {
  let calls = 0;
  server.answer = () => (calls += 1) < 3 ? coded(500, code) : { status: 200, body: { n: 1 } };
  expect(await call("count", { p_x: "é" }, z.object({ n: z.int() }))).toEqual({ n: 1 });
  expect(server.received.at(-1)).toMatchObject({ body: { p_x: "é" } });
});

test("a call that is undone again and again ends, and one that may have been done is not repeated", async () => {
  let calls = 0;
  const count = (answer: Scripted) => () => {
    calls += 1;
    return answer;
  };
  server.answer = count(coded(500, "40P01"));
  await expect(call("count", {}, z.null())).rejects.toMatchObject({ code: "unavailable" });
  expect(calls).toBe(3);
  server.answer = count(coded(503, "08006"));
  await expect(call("count", {}, z.null())).rejects.toMatchObject({ code: "unavailable" });
  expect(calls).toBe(4);
});

test("no answer in time is a timeout", async () => {
  server.answer = () => "hang";
  await expect(call("count", {}, z.null(), 50)).rejects.toMatchObject({ code: "timeout" });
  await expect(callForBytes("count", {}, (bytes) => bytes, 50)).rejects
    .toMatchObject({ code: "timeout" });
});

const bytesOf = (...bytes: number[]): Scripted => ({
  status: 200,
  headers: { "content-type": "application/octet-stream" },
  text: Uint8Array.from(bytes),
});
test("bytes are asked for by their media type, and come as they are", async () => {
  server.answer = () => bytesOf(0, 255, 10);
  expect(await callForBytes("texts", { p_x: "é" }, (bytes) => [...bytes])).toEqual([0, 255, 10]);
  expect(server.received.at(-1)).toMatchObject({
    method: "POST",
    path: "/rest/v1/rpc/texts",
    headers: {
      "accept": "application/octet-stream",
      "content-profile": "api",
      "apikey": secretKey,
    },
    body: { p_x: "é" },
  });
});

test("bytes that cannot be read are a fault of ours", async () => {
  server.answer = () => bytesOf(0, 0, 0, 9);
  await expect(database.searchBatch("t", {} as BatchRequest)).rejects
    .toMatchObject({ code: "failed" });
});

test("an error's message holds no argument", async () => {
  server.answer = () => coded(400, "22P02");
  await expect(call("store", { p_token: "hush-hush" }, z.null())).rejects.toThrow(
    /^(?!.*hush-hush).*store/s,
  );
});

test("a search that is stopped was too broad, any other call finds the database unavailable", async () => {
  server.answer = () => coded(500, "57014");
  const page = { tenantId: "t", limit: 1, cursor: null };
  const query = { name: "x", name_folded: "x", match: "exact", case_sensitive: false };
  await expect(database.searchSymbols(page, query, { repository: null, ref: null })).rejects
    .toMatchObject({
      code: "search_too_broad",
    });
  await expect(database.getJob("t", "j")).rejects.toMatchObject({
    code: "database_unavailable",
    headers: { "retry-after": "5" },
  });
});
