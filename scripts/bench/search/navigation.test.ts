import { expect, test } from "vitest";
import { apiDescription, navigationQuestions } from "./navigation.ts";

const subject = { name: "readFile", path: "src/a b.ts", line: 3, column: 17 };

function route(...names: string[]) {
  const parameters = names.map((name) => ({
    name,
    in: "query",
    schema: name === "match" ? { type: "string", enum: ["exact", "prefix"] } : { type: "string" },
  }));
  return { get: { parameters } };
}

function questions(paths: Readonly<Record<string, unknown>>) {
  return navigationQuestions(apiDescription.parse({ paths }), subject, "r-1");
}

test("a route is asked by whatever of a definition it takes", () => {
  const asked = questions({
    "/symbols": route("name", "match", "repository"),
    "/references": route("name", "repository"),
    "/outline": route("path", "ref", "repository"),
    "/definition": route("path", "line", "column", "repository"),
    "/files": route("prefix", "repository"),
  });
  expect(asked).toEqual([
    { kind: "symbols exact", route: "/symbols?repository=r-1&name=readFile&match=exact" },
    { kind: "symbols prefix", route: "/symbols?repository=r-1&name=readFile&match=prefix" },
    { kind: "references of a name", route: "/references?repository=r-1&name=readFile" },
    { kind: "outline", route: "/outline?repository=r-1&path=src%2Fa+b.ts" },
    {
      kind: "definition at a place",
      route: "/definition?repository=r-1&path=src%2Fa+b.ts&line=3&column=17",
    },
    { kind: "files", route: "/files?repository=r-1" },
  ]);
});

test("a route that takes a name or a place is asked both ways", () => {
  const kinds = questions({ "/callers": route("name", "path", "line", "column", "repository") })
    .map(({ kind }) => kind);
  expect(kinds).toEqual(["callers of a name", "callers at a place"]);
});

test("beside a name a path alone is no question", () => {
  const kinds = questions({ "/callers": route("name", "path", "repository") });
  expect(kinds.map(({ kind }) => kind)).toEqual(["callers of a name"]);
});

test("a folder is asked for by the one of the file, and what needs the file of a name with it", () => {
  const described = (name: string, description: string) => ({
    name,
    in: "query",
    schema: { type: "string", description },
  });
  const [repository] = route("repository").get.parameters;
  const asked = questions({
    "/tree": { get: { parameters: [repository, described("path", "A folder; or none.")] } },
    "/impact": {
      get: {
        parameters: [
          repository,
          ...route("path").get.parameters,
          described("name", "One in the file."),
        ],
      },
    },
  });
  expect(asked.map((each) => each.route)).toEqual([
    "/tree?repository=r-1&path=src",
    "/impact?repository=r-1&name=readFile&path=src%2Fa+b.ts",
  ]);
});

test("search, lists of other things, single items and changes are no navigation", () => {
  const list = route("repository");
  const asked = questions({
    "/search": route("q", "repository"),
    "/jobs": list,
    "/repositories": list,
    "/repositories/{id}/skipped-files": list,
    "/tree": { post: {} },
    "/everywhere": route("name"),
  });
  expect(asked).toEqual([]);
});
