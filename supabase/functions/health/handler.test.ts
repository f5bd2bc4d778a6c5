import { expect, test } from "vitest";
import { unavailable } from "../_shared/runtime/problem.ts";
import { handleHealth, type HealthDependencies } from "./handler.ts";

const TOKEN = "operator-token-0123456789";

function read(
  options: { status?: "ok" | "unavailable"; token?: string; operatorToken?: string | null } = {},
): Promise<Response> {
  const { status = "ok", token, operatorToken = TOKEN } = options;
  const dependencies: HealthDependencies = {
    log: () => undefined,
    newId: () => "id",
    operatorToken,
    database: {
      health: (isOperator) => Promise.resolve({ status, ...(isOperator ? { queue: {} } : {}) }),
    },
  };
  const headers: Record<string, string> = token === undefined
    ? {}
    : { authorization: `Bearer ${token}` };
  return handleHealth(new Request("http://functions.test/health", { headers }), dependencies);
}

test("anybody learns whether it works, and no figures", async () => {
  const response = await read();
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ status: "ok" });
});

test("the operator gets the figures", async () => {
  expect(await (await read({ token: TOKEN })).json()).toEqual({ status: "ok", queue: {} });
});

test("a wrong token is refused, and so is any when there is no operator", async () => {
  expect((await read({ token: "wrong" })).status).toBe(401);
  expect((await read({ token: "null", operatorToken: null })).status).toBe(401);
});

test("a service without its sweep, or without its database, is unavailable", async () => {
  const unswept = await read({ status: "unavailable" });
  expect(unswept.status).toBe(503);
  expect(await unswept.json()).toEqual({ status: "unavailable" });
  const response = await handleHealth(new Request("http://functions.test/health"), {
    log: () => undefined,
    newId: () => "id",
    operatorToken: null,
    database: { health: () => Promise.reject(unavailable("database_unavailable", "gone")) },
  });
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({ status: "unavailable" });
});
