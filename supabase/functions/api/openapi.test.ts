import { expect, test } from "vitest";
import { z } from "zod";
import { apiRoutes } from "./handler.ts";
import { describeApi } from "./openapi.ts";

const document = describeApi(apiRoutes, "https://quarry.example/functions/v1/api");

/** Enough of an OpenAPI 3.1 document to read it by. */
const operationSchema = z.looseObject({
  operationId: z.string(),
  parameters: z.array(z.looseObject({ name: z.string(), in: z.enum(["path", "query"]) })),
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

test("a page's limit is a whole number with its bounds", () => {
  const list = operations.find(({ operation }) => operation.operationId === "getRepositories");
  expect(list?.operation.parameters).toContainEqual({
    name: "limit",
    in: "query",
    required: false,
    schema: { type: "integer", minimum: 1, maximum: 200, description: "50 when absent." },
  });
});
