import { expect, test } from "vitest";
import { z } from "zod";
import { ProblemError } from "../_shared/runtime/problem.ts";
import { type ApiRequest } from "./context.ts";
import { apiRoutes } from "./handler.ts";
import { describeApi } from "./openapi.ts";

const document = describeApi(apiRoutes, "https://quarry.example/functions/v1/api");

/** Enough of an OpenAPI 3.1 document to read it by. */
const operationSchema = z.looseObject({
  operationId: z.string(),
  parameters: z.array(z.looseObject({
    name: z.string(),
    in: z.enum(["path", "query"]),
    required: z.boolean(),
    schema: z.looseObject({
      type: z.string(),
      minLength: z.int().optional(),
      enum: z.array(z.string()).optional(),
    }),
  })),
  requestBody: z.looseObject({ required: z.boolean() }).optional(),
  responses: z.record(z.string(), z.looseObject({})),
});
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    path,
    method,
    operation: operationSchema.parse(operation),
  }))
);

test("every route is described once, under an id of its own", () => {
  expect(operations.map(({ path, method }) => `${method} ${path}`)).toHaveLength(apiRoutes.length);
  expect(new Set(operations.map(({ operation }) => operation.operationId)).size)
    .toBe(apiRoutes.length);
});

test("each variable of a path is a parameter", () => {
  for (const { path, operation } of operations) {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const inPath = operation.parameters.filter((parameter) => parameter.in === "path");
    expect(inPath.map(({ name }) => name)).toEqual(names);
  }
});

test("every operation answers with a success and with problems", () => {
  for (const { operation } of operations) {
    const statuses = Object.keys(operation.responses);
    expect(statuses).toContain("default");
    expect(statuses.some((status) => status.startsWith("2"))).toBe(true);
  }
});

test("who has this document alone learns how to search: each parameter says what it does", () => {
  const search = operations.find(({ operation }) => operation.operationId === "getSearch");
  const described = z.looseObject({
    name: z.string(),
    schema: z.looseObject({ description: z.string() }),
  });
  expect(z.array(described).safeParse(search?.operation.parameters).error).toBeUndefined();
});

test("a page's limit is a whole number with its bounds", () => {
  const list = operations.find(({ operation }) => operation.operationId === "getRepositories");
  expect(list?.operation.parameters).toContainEqual({
    name: "limit",
    in: "query",
    required: false,
    schema: { type: "integer", minimum: 1, maximum: 200, description: "50 when absent." },
  });
});

test("a line's number has the bounds that it is read by", () => {
  const file = operations.find(({ operation }) => operation.operationId === "getFile");
  expect(file?.operation.parameters).toContainEqual({
    name: "end_line",
    in: "query",
    required: false,
    schema: { type: "integer", minimum: 1, maximum: 999_999_999 },
  });
});

test("a parameter that is required may not be empty, for then it would be absent", () => {
  const required = operations.flatMap(({ operation }) =>
    operation.parameters.filter((parameter) => parameter.in === "query" && parameter.required)
  );
  expect(required.map(({ name }) => name)).toContain("repository");
  const admitsEmpty = (
    { type, minLength = 0, enum: values }: (typeof required)[number]["schema"],
  ) => type === "string" && minLength === 0 && values === undefined;
  expect(required.filter(({ schema }) => admitsEmpty(schema))).toEqual([]);
});

test("a body may be left out where an empty one will do", () => {
  const bodies = operations.flatMap(({ operation: { operationId, requestBody } }) =>
    requestBody === undefined ? [] : [[operationId, requestBody.required]]
  );
  expect(Object.fromEntries(bodies)).toEqual({
    postRepositories: true,
    patchRepositoriesId: true,
    postRepositoriesIdIndex: false,
  });
});

/** What a route without a database says is missing of its parameters; null when it gets further. */
async function missingOf(
  { path, handle }: (typeof apiRoutes)[number],
  given: readonly string[],
): Promise<string | null> {
  const plausible: Record<string, string> = { line: "1", repository: "acme/rocket" };
  const values = given.map((name) => `${name}=${plausible[name] ?? "a"}`).join("&");
  const request = {
    request: new Request(`http://functions.test${path}?${values}`),
    segments: {},
    caller: { tenantId: "tenant", requestedBy: "key" },
    dependencies: { allowedGitHosts: [] },
  } as unknown as ApiRequest;
  const failure = await Promise.resolve().then(() => handle(request)).catch((error: unknown) =>
    error
  );
  if (!(failure instanceof ProblemError)) return null;
  return /^(\w+): (?:is missing|must be a name|give )/.exec(failure.message)?.[1] ?? null;
}

test("a parameter is said to be required where the route refuses to do without it", async () => {
  const reading = apiRoutes.filter(({ method, path }) => method === "GET" && !path.includes(":"));
  for (const route of reading) {
    const { requires = [] } = route.description;
    for (const left of requires) {
      const given = requires.filter((name) => name !== left);
      expect([route.path, await missingOf(route, given)]).toEqual([route.path, left]);
    }
    const missing = await missingOf(route, requires);
    // Calls are asked for by a name or by a place: neither is required alone.
    const isEither = /calle[re]s$/.test(route.path);
    expect([route.path, missing]).toEqual([route.path, isEither ? "name" : null]);
  }
  const described = operations.flatMap(({ operation }) =>
    operation.parameters.filter((each) => each.in === "query" && each["required"])
  );
  expect(described).toHaveLength(reading.flatMap((each) => each.description.requires ?? []).length);
});

test("a flag of a query is a boolean, and takes no other words", () => {
  const search = operations.find(({ path, method }) => path === "/search" && method === "get");
  const explain = search?.operation.parameters.find(({ name }) => name === "explain");
  const description = expect.any(String) as string;
  expect(explain?.["schema"]).toEqual({ type: "boolean", description });
});
