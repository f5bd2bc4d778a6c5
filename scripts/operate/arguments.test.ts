import { expect, test } from "vitest";
import { parseArguments } from "./arguments.ts";

const everything = { tenant: null, repository: null, code: null };
const commandOf = (line: string) => {
  const parsed = parseArguments(line.split(" ").filter((word) => word !== ""));
  return parsed.kind === "run" ? parsed.command : parsed;
};

test.each([
  ["status", { kind: "status" }],
  ["jobs", { kind: "jobs", scope: everything, states: [], limit: 50 }],
  ["jobs --state failed --state queued --limit 7 --tenant acme", {
    kind: "jobs",
    scope: { ...everything, tenant: "acme" },
    states: ["failed", "queued"],
    limit: 7,
  }],
  ["job 3f2a", { kind: "job", job: "3f2a" }],
  ["cancel a b", { kind: "cancel", jobs: ["a", "b"] }],
  ["redrive a", { kind: "redrive", jobs: ["a"] }],
  ["redrive --all-failed --code git_failed", {
    kind: "redrive-all",
    scope: { ...everything, code: "git_failed" },
  }],
  ["index --all", { kind: "index", scope: everything }],
  ["index --tenant acme", { kind: "index", scope: { ...everything, tenant: "acme" } }],
  ["machines --all", { kind: "machines", withGone: true }],
  ["drain --reason=upgrade --wait", { kind: "drain", reason: "upgrade", wait: true }],
  ["resume", { kind: "resume" }],
  ["keys --tenant acme", { kind: "keys", tenant: "acme" }],
  ["revoke 3f2a", { kind: "revoke", key: "3f2a" }],
  ["create-key --tenant acme --name ci", { kind: "create-key", tenant: "acme", name: "ci" }],
  ["plan acme team", { kind: "plan", tenant: "acme", plan: "team" }],
  ["delete-tenant acme --yes", { kind: "delete-tenant", tenant: "acme" }],
])("%s is understood", (line, command) => {
  expect(commandOf(line)).toEqual(command);
});

test("--json goes with every command", () => {
  for (const name of ["status", "queue", "jobs", "failures", "machines", "drain", "sweep"]) {
    expect(parseArguments([name, "--json"])).toMatchObject({ kind: "run", json: true });
  }
});

test("help is asked for, before or after a command", () => {
  for (const line of ["--help", "-h", "jobs --help"]) {
    expect(commandOf(line), line).toEqual({ kind: "help" });
  }
});

test.each([
  ["", "say what to do"],
  ["frob", "there is no command frob"],
  ["toString", "there is no command toString"],
  ["jobs --frob", "Unknown option '--frob'"],
  ["jobs acme", "jobs takes no acme"],
  ["index", "index takes --tenant and --repository, or --all"],
  ["index --all --tenant acme", "index takes --tenant and --repository, or --all"],
  ["jobs --wait", "jobs takes no --wait"],
  ["jobs --state waiting", "no job is ever waiting: "],
  ["jobs --limit 0", "--limit is a number"],
  ["jobs --limit 10001", "--limit is a number"],
  ["jobs --limit 1e3", "--limit is a number"],
  ["jobs --tenant=", "an option is empty"],
  ["job", "job takes one job"],
  ["job a b", "job takes one job"],
  ["cancel", "cancel takes at least one job"],
  ["redrive", "redrive takes at least one job"],
  ["redrive a --all-failed", "not both"],
  ["redrive --code git_failed", "narrow redrive --all-failed"],
  ["failures --code x", "failures takes no --code"],
  ["keys acme", "keys takes no acme"],
  ["revoke", "revoke takes one key"],
  ["create-key --tenant acme", "create-key takes --tenant and --name"],
  ["create-key --name ci", "create-key takes --tenant and --name"],
  ["plan acme", "plan takes one tenant and one plan"],
  ["delete-tenant --yes", "delete-tenant takes one tenant"],
  ["delete-tenant acme", "--yes if it is to"],
  ["cancel a --yes", "cancel takes no --yes"],
])("%s is a mistake and says which", (line, message) => {
  expect(commandOf(line)).toMatchObject({ kind: "mistake" });
  expect(commandOf(line)).toHaveProperty("message", expect.stringContaining(message));
});
