import { expect, test } from "vitest";
import { findRoute } from "./router.ts";

const routes = [
  { method: "GET", path: "/api/jobs", handle: "list" },
  { method: "GET", path: "/api/jobs/:id", handle: "get" },
  { method: "POST", path: "/api/jobs/:id/cancel", handle: "cancel" },
  { method: "DELETE", path: "/api/jobs/:id", handle: "delete" },
];

const find = (method: string, path: string) =>
  findRoute(routes, new Request(`http://functions.test${path}`, { method }));

test("a route is found by method and path, its segments by name", () => {
  expect(find("GET", "/api/jobs?limit=1")).toEqual({ handle: "list", segments: {} });
  expect(find("DELETE", "/api/jobs/7")).toEqual({ handle: "delete", segments: { id: "7" } });
  expect(find("POST", "/api/jobs/7/cancel")).toEqual({ handle: "cancel", segments: { id: "7" } });
});

test("the path is the resolved one", () => {
  expect(find("GET", "/api/x/../jobs").handle).toBe("list");
  expect(find("GET", "/api/jobs/%2e%2e/jobs").handle).toBe("list");
});

test.each(["/", "/api", "/api/", "/api/jobs/", "/api/jobs/7/", "/api//jobs", "/API/jobs", "/jobs"])(
  "%s is no route",
  (path) => {
    expect(() => find("GET", path)).toThrow(expect.objectContaining({ code: "route_not_found" }));
  },
);

test("a wrong method is told which ones the path takes", () => {
  expect(() => find("PUT", "/api/jobs/7")).toThrow(
    expect.objectContaining({ code: "method_not_allowed", headers: { allow: "GET, DELETE" } }),
  );
});
