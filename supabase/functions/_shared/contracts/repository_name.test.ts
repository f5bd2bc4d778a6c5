import { expect, test } from "vitest";
import { parseRepositoryName } from "./repository_name.ts";

const hosts = ["github.com", "127.0.0.1:8080"];

test.each([
  "owner/name",
  "owner/name.git",
  "https://github.com/owner/name",
  "https://github.com/owner/name.git",
  "https://github.com/owner/name/",
  "HTTPS://GitHub.com/owner/name",
  "http://127.0.0.1:8080/owner/name.git",
])("%s is owner/name", (input) => {
  expect(parseRepositoryName(input, hosts)).toEqual({
    outcome: "ok",
    repository: { owner: "owner", name: "name" },
  });
});

test("names may hold what the host allows", () => {
  for (const input of ["a/b", "A-1/x.y_z-1", "user_company/.github"]) {
    expect(parseRepositoryName(input, hosts).outcome, input).toBe("ok");
  }
});

test.each([
  "",
  "name",
  "owner/",
  "/name",
  "owner/name/more",
  "owner/.git",
  "owner/name.git.git",
  "owner/..",
  "owner/.",
  "-owner/name",
  "owner/na me",
  "owner/näme",
  "owner/name\n",
  "owner/name?x=1",
  "owner/%2e%2e",
  "../../etc",
  `${"o".repeat(40)}/name`,
  `owner/${"n".repeat(101)}`,
  "https://github.com/owner",
  "https://github.com/owner/name/tree/main",
  "https://github.com/owner/name?tab=readme",
  "https://user:password@github.com/owner/name",
  "https://",
  "git@github.com:owner/name.git",
  "ssh://git@github.com/owner/name",
  "file:///owner/name",
])("%j names no repository", (input) => {
  expect(parseRepositoryName(input, hosts)).toEqual({ outcome: "invalid" });
});

test("another host, and an allowed one on another port, are refused by name", () => {
  for (const host of ["gitlab.com", "github.com:8443", "127.0.0.1"]) {
    expect(parseRepositoryName(`https://${host}/owner/name`, hosts)).toEqual({
      outcome: "host_not_allowed",
      host,
    });
  }
});
