import { expect, test } from "vitest";
import * as settings from "./settings.ts";

const url = { SUPABASE_URL: "https://project.supabase.co/" };

test("the newest form of the secret key that is set is taken", () => {
  const keys = {
    SUPABASE_SECRET_KEYS: '{"default":"newest"}',
    SUPABASE_SECRET_KEY: "newer",
    SUPABASE_SERVICE_ROLE_KEY: "old",
  };
  const keyOf = (variables: settings.Variables) =>
    settings.readDatabaseSettings({ ...url, ...variables }).secretKey;
  expect(keyOf(keys)).toBe("newest");
  expect(keyOf({ ...keys, SUPABASE_SECRET_KEYS: "" })).toBe("newer");
  expect(keyOf({ SUPABASE_SERVICE_ROLE_KEY: "old" })).toBe("old");
});

test("an environment that is not complete is refused by name and without values", () => {
  const read = (variables: settings.Variables) => () => settings.readDatabaseSettings(variables);
  expect(read(url)).toThrow("SUPABASE_SECRET_KEYS");
  expect(read({ SUPABASE_SECRET_KEY: "x" })).toThrow("SUPABASE_URL");
  expect(read({ ...url, SUPABASE_SECRET_KEYS: "hush-hush" })).toThrow(
    /^(?!.*hush-hush).*SUPABASE_SECRET_KEYS/,
  );
});

test("the code host's settings have the defaults of a hosted project", () => {
  expect(settings.readGithubSettings(url)).toEqual({
    apiUrl: "https://api.github.com",
    githubToken: null,
    publicFunctionsUrl: "https://project.supabase.co/functions/v1",
    allowedGitHosts: ["github.com"],
  });
  const given = { ...url, GITHUB_TOKEN: "t", ALLOWED_GIT_HOSTS: "a.test, b.test:80 ," };
  expect(settings.readGithubSettings(given)).toMatchObject({
    githubToken: "t",
    allowedGitHosts: ["a.test", "b.test:80"],
  });
});

test("the fleet limit stays within the connections that machines may hold", () => {
  const fly = { FLY_API_TOKEN: "t", FLY_APP_NAME: "app", FLY_IMAGE: "image" };
  expect(settings.readFlySettings({ ...fly, FLY_REGIONS: "fra,ams" })).toMatchObject({
    apiBaseUrl: "https://api.machines.dev",
    regions: ["fra", "ams"],
    machinesMax: 20,
  });
  expect(settings.readFlySettings({ ...fly, FLY_MACHINES_MAX: "3" }).machinesMax).toBe(3);
  expect(() => settings.readFlySettings({ ...fly, FLY_MACHINES_MAX: "21" })).toThrow(
    "FLY_MACHINES_MAX is above 20: each machine holds 2 of the 40 database connections",
  );
  for (const FLY_MACHINES_MAX of ["0", "many"]) {
    expect(() => settings.readFlySettings({ ...fly, FLY_MACHINES_MAX })).toThrow(
      "FLY_MACHINES_MAX",
    );
  }
});

test("authorities of one's own are certificates in base64, or none", () => {
  const pem = "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n";
  expect(settings.readTrustSettings({})).toEqual({ privateCa: null });
  expect(settings.readTrustSettings({ PRIVATE_CA: btoa(pem) })).toEqual({ privateCa: pem });
  for (const PRIVATE_CA of [pem, btoa("a key"), "%"]) {
    expect(() => settings.readTrustSettings({ PRIVATE_CA })).toThrow("PRIVATE_CA");
  }
});

test("a short operator token is refused, and none means that nobody is the operator", () => {
  expect(settings.readOperatorSettings({})).toEqual({ operatorToken: null });
  expect(() => settings.readOperatorSettings({ OPERATOR_TOKEN: "short" })).toThrow(
    "OPERATOR_TOKEN",
  );
});
