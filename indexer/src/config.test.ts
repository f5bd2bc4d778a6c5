import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { LEASE_SECONDS, readConfig, TEXT_FIRST_BYTES_MIN } from "./config.ts";

const machine = { cores: 8, hasSharedMemory: true, temporaryDirectory: "/tmp" };
const complete = {
  DATABASE_URL: "postgresql://quarry_indexer@127.0.0.1:5432/postgres",
  LAUNCH_ID: "0d5e9c1a-6f0e-4a53-9a0e-3a2f6f7d1c11",
  GIT_BASE_URL: "https://github.com/",
};

test("readConfig fills in defaults from the machine", () => {
  const result = readConfig({ ...complete, PATH: "/bin", SECRET: "x" }, machine);
  expect(result).toEqual({
    config: {
      databaseUrl: complete.DATABASE_URL,
      databaseCa: null,
      launchId: complete.LAUNCH_ID,
      machineId: null,
      gitBaseUrl: "https://github.com",
      workDirectory: "/dev/shm",
      threads: 4,
      textFirstBytesMin: TEXT_FIRST_BYTES_MIN,
      idleExitSeconds: 5,
      jobSecondsMax: 3600,
      failpoint: null,
      gitVariables: { PATH: "/bin" },
    },
  });
});

test("readConfig uses the temporary directory where there is no shared memory", () => {
  const result = readConfig(complete, { ...machine, cores: 1, hasSharedMemory: false });
  expect(result).toMatchObject({ config: { workDirectory: "/tmp", threads: 1 } });
});

test.each([
  ["DATABASE_URL", ""],
  ["DATABASE_URL", "https://example.com"],
  ["DATABASE_URL", "postgresql://user:password@"],
  ["DATABASE_CA", "a certificate"],
  ["LAUNCH_ID", ""],
  ["LAUNCH_ID", "1234"],
  ["GIT_BASE_URL", ""],
  ["GIT_BASE_URL", "file:///etc"],
  ["THREADS", "0"],
  ["THREADS", "many"],
  ["IDLE_EXIT_SECONDS", "-1"],
  ["JOB_SECONDS_MAX", "1.5"],
  ["TEXT_FIRST_BYTES_MIN", "16M"],
  ["FAILPOINT", "somewhere"],
])("readConfig names %s when it is %j", (name, value) => {
  const result = readConfig({ ...complete, [name]: value }, machine);
  expect("problem" in result && result.problem).toMatch(new RegExp(`^${name} [^\n]+$`));
});

test("readConfig never repeats a value, which may hold a password", () => {
  const result = readConfig({ ...complete, DATABASE_URL: "mysql://me:hunter2@host/db" }, machine);
  expect(JSON.stringify(result)).not.toContain("hunter2");
});

test("the lease is as long as the database says", () => {
  const leases = ["20261122000420_claims.sql", "20261122000430_leased_jobs.sql"].map((name) => {
    const sql = readFileSync(
      new URL(`../../supabase/migrations/${name}`, import.meta.url),
      "utf8",
    );
    return /c_lease constant interval := interval '(\d+) seconds'/.exec(sql)?.[1];
  });
  expect(leases.map(Number)).toEqual([LEASE_SECONDS, LEASE_SECONDS]);
});

test("readConfig takes the database's certificate authority out of its base64", () => {
  const pem = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
  expect(readConfig({ ...complete, DATABASE_CA: btoa(pem) }, machine))
    .toMatchObject({ config: { databaseCa: pem } });
});
