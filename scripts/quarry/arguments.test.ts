import { expect, test } from "vitest";
import { parseArguments } from "./arguments.ts";
import { readService } from "./service.ts";

test("words become a command, several words of a search one query", () => {
  expect(parseArguments(["search", "let", "x", "--repository", "acme/rocket"])).toEqual({
    kind: "run",
    command: {
      kind: "search",
      query: "let x",
      literal: false,
      repository: "acme/rocket",
      limit: 30,
    },
    json: false,
  });
  expect(parseArguments(["search", "--literal", "f(x)"])).toMatchObject({
    command: { query: "f(x)", literal: true, repository: null },
  });
  expect(parseArguments(["register", "acme/rocket", "--no-watch", "--json"])).toEqual({
    kind: "run",
    command: { kind: "register", repository: "acme/rocket", watch: false },
    json: true,
  });
  expect(parseArguments(["--help"])).toEqual({ kind: "help" });
  expect(parseArguments(["help"])).toEqual({ kind: "help" });
  expect(parseArguments(["search", "x", "--limit", "10000"]))
    .toMatchObject({ command: { limit: 10_000 } });
});

test("what follows two dashes is no option", () => {
  expect(parseArguments(["search", "--limit", "5", "--", "parse", "-test"])).toMatchObject({
    command: { query: "parse -test", limit: 5 },
  });
});

const afterDashes = "; a query that begins with - follows after --";

test.each([
  [[], "say what to do"],
  [["fly"], "there is no command fly"],
  [["search"], "search takes a query"],
  [["watch", "a/b", "c/d"], "watch takes one word"],
  [["cancel", "x", "--limit", "3"], "cancel takes no --limit"],
  [["symbols", "x", "--limit", "0"], "--limit is 1 to 200"],
  [["search", "x", "--limit", "10001"], "--limit is 1 to 10000"],
  [["search", "x", "--colour"], `Unknown option '--colour'${afterDashes}`],
  [["search", "parse", "-test"], `Unknown option '-t'${afterDashes}`],
])("%j is wrong: %s", (args, message) => {
  expect(parseArguments(args)).toEqual({ kind: "mistake", message });
});

test("the environment names the service, else the running stack does", () => {
  const stack = JSON.stringify({ functions_url: "http://localhost:1/f", api_key: "qry_stack" });
  expect(readService({}, stack))
    .toEqual({ functionsUrl: "http://localhost:1/f", apiKey: "qry_stack" });
  const hosted = { QUARRY_URL: "https://quarry.example/functions/v1/", QUARRY_API_KEY: "qry_own" };
  expect(readService(hosted, stack))
    .toEqual({ functionsUrl: "https://quarry.example/functions/v1", apiKey: "qry_own" });
});

test("what is missing is named, and no key is ever told", () => {
  const half = readService({ QUARRY_API_KEY: "qry_secret" }, null);
  expect(half).toEqual({ problem: expect.stringMatching(/go together/) as string });
  const url = { QUARRY_URL: "https://quarry.example/functions/v1" };
  const cut = readService({ ...url, QUARRY_API_KEY: "qry_secret\nmore" }, null);
  expect(cut).toEqual({ problem: expect.stringMatching(/^QUARRY_API_KEY holds no key/) as string });
  expect(readService({ QUARRY_URL: "ftp://quarry.example", QUARRY_API_KEY: "qry_secret" }, null))
    .toEqual({ problem: "QUARRY_URL holds no address" });
  expect(JSON.stringify([half, cut, readService({}, "{}"), readService({}, null)]))
    .not.toMatch(/qry_secret/);
});
