import { expect, test } from "vitest";
import { gitEnvironment, redact, repositoryUrl } from "./environment.ts";

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
  });
  expect(environment).not.toHaveProperty("GIT_CONFIG_COUNT");
});

test("a token is sent to the host's address alone", () => {
  const environment = gitEnvironment({ host, token: "secret", home: "/empty" });
  expect(environment).toMatchObject({
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "http.https://github.com/.extraHeader",
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${btoa("x-access-token:secret")}`,
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
