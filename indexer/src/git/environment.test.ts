import { expect, test } from "vitest";
import { gitEnvironment, nameAt, redact, repositoryUrl } from "./environment.ts";

const host = { baseUrl: "https://github.com", variables: { PATH: "/bin" } };

test("git knows nothing of the machine's configuration and speaks one protocol", () => {
  const environment = gitEnvironment({ host, token: null, home: "/empty" });
  expect(environment).toMatchObject({
    PATH: "/bin",
    HOME: "/empty",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ALLOW_PROTOCOL: "https",
    GIT_TERMINAL_PROMPT: "0",
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "http.followRedirects",
    GIT_CONFIG_VALUE_0: "false",
  });
});

test("a token is sent to the host's address alone", () => {
  const environment = gitEnvironment({ host, token: "secret", home: "/empty" });
  expect(environment).toMatchObject({
    GIT_CONFIG_COUNT: "2",
    GIT_CONFIG_KEY_1: "http.https://github.com/.extraHeader",
    GIT_CONFIG_VALUE_1: `Authorization: Basic ${btoa("x-access-token:secret")}`,
  });
});

test("redact takes a token out in both of its forms", () => {
  const encoded = btoa("x-access-token:secret");
  expect(redact(`a secret and ${encoded}`, "secret")).toBe("a [token] and [token]");
  expect(redact("nothing", null)).toBe("nothing");
});

test("a repository's name cannot leave its place in the address", () => {
  expect(repositoryUrl(host, "acme/rocket")).toBe("https://github.com/acme/rocket.git");
  expect(repositoryUrl(host, "acme/a?b#c")).toBe("https://github.com/acme/a%3Fb%23c.git");
});

test.each([
  ["https://github.com/acme/rocket.git", "acme/rocket"],
  ["https://github.com/acme/a%3Fb.git", "acme/a?b"],
  ["https://github.com/acme/rocket", "acme/rocket"],
  ["https://github.com.example/acme/rocket.git", null],
  ["https://github.com:444/acme/rocket.git", null],
  ["https://someone@github.com/acme/rocket.git", null],
  ["http://github.com/acme/rocket.git", null],
  ["https://github.com/acme/%.git", null],
])("at %s of the host lies %s", (address, name) => {
  expect(nameAt({ ...host, baseUrl: "https://GitHub.com:443" }, new URL(address))).toBe(name);
});
