import { expect, test } from "vitest";
import { DatabaseError } from "../_shared/runtime/database_call.ts";
import { unavailable } from "../_shared/runtime/problem.ts";
import { handleHealth, type HealthDependencies } from "./handler.ts";

const TOKEN = "operator-token-0123456789";

interface Options {
  readonly status?: "ok" | "unavailable";
  readonly token?: string;
  readonly operatorToken?: string | null;
  /** What fails instead of answering. */
  readonly fails?: "everything" | "figures";
}

/** Asks; the clock moves by 7 ms whenever it is looked at. */
async function read(options: Options = {}) {
  const { status = "ok", token, operatorToken = TOKEN, fails } = options;
  const asked: boolean[] = [];
  let time = 0;
  const dependencies: HealthDependencies = {
    log: () => undefined,
    newId: () => "id",
    now: () => time += 7,
    operatorToken,
    database: {
      health: (isOperator) => {
        asked.push(isOperator);
        if (fails === "everything" || (isOperator && fails === "figures")) {
          const problem = unavailable("database_unavailable", "Shown to a caller.");
          problem.cause = new DatabaseError("unavailable", "health: 503 PGRST001");
          return Promise.reject(problem);
        }
        return Promise.resolve({ status, ...(isOperator ? { machines_wanted: 3 } : {}) });
      },
    },
  };
  const headers: Record<string, string> = token === undefined
    ? {}
    : { authorization: `Bearer ${token}` };
  const request = new Request("http://functions.test/health", { headers });
  const response = await handleHealth(request, dependencies);
  const body: unknown = await response.json();
  return { status: response.status, body, asked };
}

test("anybody learns whether it works, and no figures", async () => {
  expect(await read()).toEqual({ status: 200, body: { status: "ok" }, asked: [false] });
  expect(await read({ status: "unavailable" })).toMatchObject({
    status: 503,
    body: { status: "unavailable" },
  });
  expect(await read({ fails: "everything" })).toEqual({
    status: 503,
    body: { status: "unavailable" },
    asked: [false],
  });
});

test("the operator gets the figures, and how long the database took to answer", async () => {
  expect(await read({ token: TOKEN })).toMatchObject({
    status: 200,
    body: { status: "ok", machines_wanted: 3, database_milliseconds: 7, database_error: null },
  });
});

test("the operator gets them also when it does not work, as far as they can be had", async () => {
  expect(await read({ token: TOKEN, status: "unavailable" })).toMatchObject({
    status: 503,
    body: { status: "unavailable", machines_wanted: 3 },
  });
  expect(await read({ token: TOKEN, fails: "everything" })).toEqual({
    status: 503,
    body: {
      status: "unavailable",
      database_milliseconds: null,
      database_error: "health: 503 PGRST001",
    },
    asked: [false],
  });
});

test("figures that cannot be had do not make a service that works look broken", async () => {
  expect(await read({ token: TOKEN, fails: "figures" })).toMatchObject({
    status: 200,
    body: { status: "ok", database_milliseconds: 7, database_error: "health: 503 PGRST001" },
  });
});

test("a wrong token is refused without asking, and so is any when there is no operator", async () => {
  for (
    const options of [
      { token: "wrong" },
      { token: "null", operatorToken: null },
      { token: "wrong", fails: "everything" },
    ] as const
  ) {
    expect(await read(options)).toMatchObject({
      status: 401,
      body: {
        code: "unauthorized",
        next_step: expect.stringContaining("operator's token") as unknown,
      },
      asked: [],
    });
  }
});
