import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../scripts/local/test_database.ts";
import { Connection } from "../src/store/connection.ts";
import { AUTHORITY, CERTIFICATE, KEY } from "../../scripts/local/tls/certificate.ts";

const OTHER_CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBhTCCASugAwIBAgIUHmwjd5gyP0G+OPrfgNPIDzbPtvAwCgYIKoZIzj0EAwIw
FzEVMBMGA1UEAwwMYW5vdGhlciB0ZXN0MCAXDTI2MTIwMjA1MjUyN1oYDzIxMjYx
MTA4MDUyNTI3WjAXMRUwEwYDVQQDDAxhbm90aGVyIHRlc3QwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAAQaC2L0H5ntEeJ9txjNXc01tEhRwNWWzdfyjLKefPdnQ9nn
e69tPxTyL6TSIJjvOx6RRnAX5zMwqCNniKOznagfo1MwUTAdBgNVHQ4EFgQUhEct
tK5VyfH9qf2L++OoITvcFJUwHwYDVR0jBBgwFoAUhEcttK5VyfH9qf2L++OoITvc
FJUwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiAg7FnBGwoA+sZC
kXIl4z3gbzee/vVu59Xm8jdIv1gtjgIhAMVcZTA/L2IHxb1Q5KI79Og01o3gstL2
YvKr7P7LrwZA
-----END CERTIFICATE-----`;

let database: TestDatabase;
let server: Server;
let sockets: Set<Socket>;
let port: number;

/** The test's database, over TLS. */
beforeAll(async () => {
  database = await createTestDatabase();
  const target = new URL(database.url("quarry_indexer"));
  sockets = new Set();
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    // The client asks whether it may.
    socket.once("data", () => {
      socket.write("S");
      const secure = new TLSSocket(socket, { isServer: true, key: KEY, cert: CERTIFICATE });
      const database = connect(Number(target.port), target.hostname);
      for (const side of [secure, database]) side.on("error", () => undefined);
      secure.pipe(database).pipe(secure);
    });
  }).listen(0);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  ({ port } = address);
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  server.close();
  await database.drop();
});

async function ask(host: string, ca: string | null): Promise<unknown> {
  const url = new URL(database.url("quarry_indexer"));
  url.hostname = host;
  url.port = String(port);
  url.searchParams.set("sslmode", "require");
  const connection = new Connection({ url: url.href, ca, applicationName: "certificate test" });
  try {
    const [row] = await connection.call((sql) => sql<{ n: number }[]>`select 1 as n`);
    return row?.n;
  } finally {
    await connection.close();
  }
}

test("a database whose certificate the authority signed is spoken to", async () => {
  expect(await ask("localhost", AUTHORITY)).toBe(1);
});

test("one with another's certificate is not, nor one that has it for another host", async () => {
  await expect(ask("localhost", OTHER_CERTIFICATE)).rejects
    .toMatchObject({ code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
  await expect(ask("127.0.0.1", AUTHORITY)).rejects
    .toMatchObject({ code: "ERR_TLS_CERT_ALTNAME_INVALID" });
});

test("without an authority nothing is verified, as on a network that is trusted", async () => {
  expect(await ask("127.0.0.1", null)).toBe(1);
});
