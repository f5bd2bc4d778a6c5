import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { denoBinary } from "../deno_binary.ts";
import { type ManagementApi, startManagementApi } from "../local/platform/management_api.ts";
import { createTestDatabase, type TestDatabase } from "../local/test_database.ts";
import { deploySteps, exposedApi, functionSecrets } from "./plan.ts";
import { runSteps } from "./run_plan.ts";
import { readSettings, type SettingValues } from "./settings.ts";

const root = path.resolve(import.meta.dirname, "../..");
const token = `sbp_${"0".repeat(40)}`;
const projectRef = "abcdefghijklmnopqrst";

// The whole plan with the real Supabase CLI. What the cloud alone has gets a stand-in: the
// Management API, a deployed health function (which answers only at the second time of asking), and
// flyctl, which notes how it was called.
let folder: string;
let database: TestDatabase;
let api: ManagementApi;
let health: Server;
let healthRequests = 0;
let values: SettingValues;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "quarry-deploy-"));
  await cp(path.join(root, "supabase"), path.join(folder, "supabase"), { recursive: true });
  await symlink(path.join(root, "node_modules"), path.join(folder, "node_modules"));
  await mkdir(path.join(folder, "home"));
  await writeFlyctl(path.join(folder, "bin"));
  database = await createTestDatabase({ migrated: false });
  api = await startManagementApi(token);
  health = createServer((_, response) => {
    healthRequests += 1;
    response.writeHead(healthRequests % 2 === 1 ? 503 : 200).end("{}");
  });
  await new Promise<void>((resolve) => health.listen(0, "127.0.0.1", resolve));
  await writeProfile();
  values = settings();
});

afterAll(async () => {
  health?.close();
  await api?.[Symbol.asyncDispose]();
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
});

function settings(): SettingValues {
  const { port } = health.address() as AddressInfo;
  const read = readSettings({
    SUPABASE_ACCESS_TOKEN: token,
    SUPABASE_PROJECT_REF: projectRef,
    SUPABASE_DB_URL: `${database.url("postgres")}?sslmode=disable`,
    SUPABASE_API_URL: api.url,
    PUBLIC_FUNCTIONS_URL: `http://127.0.0.1:${port}/functions/v1`,
    GITHUB_TOKEN: "github-1",
    FLY_API_TOKEN: "FlyV1 fm2_1,fm2_2",
    INDEXER_PASSWORD: "password-1",
    DATABASE_CA: "Y2VydGlmaWNhdGU=",
    WAKE_SECRET: "wake-1",
    OPERATOR_TOKEN: "operator-1-operator-1",
    COMMIT: "c0ffee",
  });
  if ("problems" in read) throw new Error(read.problems.join());
  return read.values;
}

/** A program named fly that appends its arguments and its input to a file. */
async function writeFlyctl(bin: string): Promise<void> {
  await mkdir(bin);
  await writeFile(path.join(bin, "fly"), `#!/bin/sh\n{ echo "$*"; cat; } >> "$FLY_CALLS"\n`);
  await chmod(path.join(bin, "fly"), 0o755);
}

/** The CLI's profile says where the Management API is. */
async function writeProfile(): Promise<void> {
  const profile = {
    name: "stand-in",
    api_url: api.url,
    dashboard_url: api.url,
    project_host: "localhost",
  };
  await writeFile(path.join(folder, "profile.json"), JSON.stringify(profile));
}

/** The environment in which the programs find the stand-ins. */
function programs() {
  return {
    PATH: [path.join(folder, "bin"), process.env["PATH"]].join(path.delimiter),
    HOME: path.join(folder, "home"),
    SUPABASE_PROFILE: path.join(folder, "profile.json"),
    SUPABASE_TELEMETRY_DISABLED: "1",
    FLY_CALLS: path.join(folder, "fly_calls"),
  };
}

async function deploy(): Promise<string> {
  const environment = programs();
  await rm(environment.FLY_CALLS, { force: true });
  await runSteps(deploySteps, {
    root: folder,
    values,
    environment,
    say: () => undefined,
    output: "pipe",
  });
  return await readFile(environment.FLY_CALLS, "utf8");
}

describe("a deployment", () => {
  let flyCalls: string;

  beforeAll(async () => {
    flyCalls = await deploy();
  });

  test("applies every migration", async () => {
    const migrations = (await readdir(path.join(root, "supabase/migrations"))).toSorted();
    const rows = await database.postgres<{ file: string }[]>`
      select version || '_' || name || '.sql' as file
      from supabase_migrations.schema_migrations order by version`;
    expect(rows.map(({ file }) => file)).toEqual(migrations);
  });

  test("tells the database where to send a wake, and gives the indexer a password", async () => {
    const secrets = await database.postgres<{ name: string; value: string }[]>`
      select name, decrypted_secret as value from vault.decrypted_secrets order by name`;
    expect(Object.fromEntries(secrets.map(({ name, value }) => [name, value]))).toEqual({
      dispatch_url: `${values.get("PUBLIC_FUNCTIONS_URL")}/dispatch`,
      wake_secret: "wake-1",
    });
    const [role] = await database.admin<{ verifier: string }[]>`
      select rolpassword as verifier from pg_authid where rolname = 'quarry_indexer'`;
    expect(role?.verifier).toMatch(/^SCRAM-SHA-256\$/);
  });

  test("exposes the schema api and nothing else", () => {
    expect(api.dataApi).toEqual(exposedApi);
  });

  test("hands flyctl the indexer's secrets as input, then the image's label", () => {
    expect(flyCalls.split("\n")).toEqual([
      "secrets import --stage --app quarry-indexer",
      `DATABASE_URL=${values.get("INDEXER_DATABASE_URL")}`,
      "DATABASE_CA=Y2VydGlmaWNhdGU=",
      "GIT_BASE_URL=https://github.com",
      "deploy --build-only --push --image-label c0ffee --app quarry-indexer",
      "",
    ]);
  });

  test("sets the functions' secrets", () => {
    expect(Object.fromEntries(api.secrets))
      .toEqual(Object.fromEntries(functionSecrets.map((name) => [name, values.get(name)])));
    expect(api.secrets.get("FLY_IMAGE")).toBe("registry.fly.io/quarry-indexer:c0ffee");
  });

  test("uploads every function with what it imports, and no test", async () => {
    const folders = await readdir(path.join(root, "supabase/functions"), { withFileTypes: true });
    const names = folders.filter((entry) => entry.isDirectory() && !entry.name.startsWith("_"));
    expect([...api.functions.keys()].toSorted()).toEqual(names.map(({ name }) => name).toSorted());
    for (const [name, { files, verifyJwt, entrypointPath }] of api.functions) {
      expect(verifyJwt, name).toBe(false);
      expect([...files.keys()], name).toContain(entrypointPath);
      expect([...files.keys()].filter((file) => /\.test\.|arbitrary_/.test(file)), name).toEqual(
        [],
      );
    }
  });

  test("each upload is whole: every import leads to a file of it or to a package", async () => {
    expect(api.functions.size).toBeGreaterThan(0);
    for (const [name, { files, entrypointPath, importMapPath }] of api.functions) {
      const upload = path.join(folder, "uploads", name);
      for (const [file, text] of files) {
        await mkdir(path.dirname(path.join(upload, file)), { recursive: true });
        await writeFile(path.join(upload, file), text);
      }
      await symlink(path.join(root, "node_modules"), path.join(upload, "node_modules"));
      await symlink(path.join(root, "package.json"), path.join(upload, "package.json"));
      const modules = "--node-modules-dir=manual";
      const args = ["info", "--json", modules, "--config", importMapPath, entrypointPath];
      const env = { ...process.env, DENO_DIR: path.join(root, ".local/deno"), NO_COLOR: "1" };
      const { stdout } = await promisify(execFile)(denoBinary(root), args, { cwd: upload, env });
      expect(stdout, name).toContain(entrypointPath);
      expect(stdout.match(/"error": .*/g), name).toBeNull();
    }
  });

  test("waits until health answers", () => {
    expect(healthRequests).toBe(2);
  });

  test("leaves no secret on the disk", async () => {
    expect(await readdir(path.join(folder, ".local/deploy"))).toEqual([]);
  });

  test("the document's commands make a tenant whose key is valid", async () => {
    const document = await readFile(path.join(root, "docs/deploy.md"), "utf8");
    const [, section = ""] = document.split("\n## The first key\n");
    const [, block = ""] = /```sh\n([^]*?)```/.exec(section) ?? [];
    const { stdout } = await promisify(execFile)("sh", ["-ec", `${block}\necho "key $API_KEY"`], {
      cwd: folder,
      env: { ...process.env, ...programs(), ...Object.fromEntries(values) },
    });
    const [, key = ""] = /^key (.*)$/m.exec(stdout) ?? [];
    const hash = createHash("sha256").update(key).digest("hex");
    const [answer] = await database.serviceRole<{ outcome: string }[]>`
      select api.authenticate(${hash}) ->> 'outcome' as outcome`;
    expect(answer?.outcome).toBe("ok");
  });

  test("may be repeated, which also rotates secrets", async () => {
    values = new Map([...values, ["WAKE_SECRET", "wake-2"]]);
    await deploy();
    const secrets = await database.postgres<{ value: string }[]>`
      select decrypted_secret as value from vault.decrypted_secrets where name = 'wake_secret'`;
    expect(secrets).toMatchObject([{ value: "wake-2" }]);
  });

  test("stops at the step that fails and names it", async () => {
    const run = runSteps(
      [{ kind: "command", title: "Fail", command: "false" }, ...deploySteps],
      { root: folder, values, environment: process.env, say: () => undefined, output: "pipe" },
    );
    await expect(run).rejects.toThrow("Fail: false ended with 1");
  });
});
