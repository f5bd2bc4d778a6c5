import { once } from "node:events";
import { createServer } from "node:net";
import postgres from "postgres";
import { expect, test } from "vitest";
import { preferEncryption } from "./database_address.ts";

/** What a client says first that wants to be encrypted. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

test("a server is asked for encryption before anything is told it", async () => {
  const heard = Promise.withResolvers<Buffer>();
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", (data) => {
      heard.resolve(data);
      socket.destroy();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : null;
  const url = preferEncryption(`postgresql://postgres:hush-hush@127.0.0.1:${port}/postgres`);
  const sql = postgres(url, { max: 1, connect_timeout: 5 });
  const query = sql`select`.catch(() => undefined);
  expect(await heard.promise).toEqual(SSL_REQUEST);
  await sql.end({ timeout: 0 });
  await query;
  server.close();
});

test("what an address says of encryption itself stays", () => {
  for (const mode of ["require", "verify-full", "disable"]) {
    const url = `postgresql://u:p@h:5432/d?sslmode=${mode}`;
    expect(preferEncryption(url)).toBe(url);
  }
  expect(preferEncryption("postgresql://u:p%40ss@h/d?a=b"))
    .toBe("postgresql://u:p%40ss@h/d?a=b&sslmode=prefer");
});
