import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { migrationDrift } from "./migration_drift.ts";
import { deploySteps, exposedApi, functionSecrets, stepAsShell } from "./plan.ts";
import { asShell, deploySettings, fill, readSettings } from "./settings.ts";

const root = path.resolve(import.meta.dirname, "../..");

function read(file: string): string {
  return readFileSync(path.join(root, file), "utf8");
}

describe("docs/deploy.md", () => {
  const document = read("docs/deploy.md");

  test("shows the steps of the script, each whole and in its order", () => {
    const places = deploySteps.map((step) => document.indexOf(`\n${stepAsShell(step)}\n`));
    const missing = deploySteps.filter((_, index) => places[index] === -1);
    expect(missing.map(({ title }) => title)).toEqual([]);
    expect(places).toEqual(places.toSorted((one, other) => one - other));
  });

  test("sets every variable, with the script's default where there is one", () => {
    const lines = new Set(document.split("\n"));
    const missing = deploySettings.filter(({ name, default: value }) =>
      value === undefined
        ? !document.includes(`\nexport ${name}=`)
        : !lines.has(`export ${name}="${asShell(value)}"`)
    );
    expect(missing).toEqual([]);
  });
});

describe("docs/environment.md", () => {
  const document = read("docs/environment.md");

  /** The table under a heading. */
  function missingIn(heading: string, names: readonly string[]): string[] {
    const [, section = ""] = document.split(`\n## ${heading}\n`);
    const [table = ""] = section.split("\n## ");
    return names.filter((name) => !new RegExp(`^\\| \`${name}\` +\\|`, "m").test(table));
  }

  test("explains every variable of the deployment", () => {
    expect(missingIn("Deployment", deploySettings.map(({ name }) => name))).toEqual([]);
  });

  test("explains what the functions read, and the deployment sets nothing else", () => {
    const settings = read("supabase/functions/_shared/runtime/settings.ts");
    const names = [...settings.matchAll(/[\s{]([A-Z][A-Z0-9_]{3,}): /g)].map((match) =>
      match[1] ?? ""
    );
    const older = ["SUPABASE_SECRET_KEY", "SUPABASE_SERVICE_ROLE_KEY"];
    expect(missingIn("Edge functions", names.filter((name) => !older.includes(name)))).toEqual([]);
    expect(names).toEqual(expect.arrayContaining([...functionSecrets]));
  });

  test("explains what the indexer reads", () => {
    const names = [...read("indexer/src/config.ts").matchAll(/text\("([A-Z_]+)"\)/g)];
    expect(names.length).toBeGreaterThan(4);
    expect(missingIn("Indexer", names.map((match) => match[1] ?? ""))).toEqual([]);
  });

  test("explains what the indexer hands on to git", () => {
    const [, list = ""] = /GIT_VARIABLES = \[(.*?)\]/s.exec(read("indexer/src/config.ts")) ?? [];
    const names = [...list.matchAll(/"(\w+)"/g)].map((match) => match[1] ?? "");
    expect(names).toContain("https_proxy");
    expect(missingIn("Indexer", names)).toEqual([]);
  });

  test("explains what the commands of people read", () => {
    const files = ["quarry.ts", "quarry/service.ts", "operate/target.ts", "demo/screen.ts"];
    const names = files.flatMap((file) => [
      ...read(`scripts/${file}`).matchAll(/"([A-Z]+(?:_[A-Z]+)+)"/g),
    ]).map((match) => match[1] ?? "");
    expect(names).toEqual(expect.arrayContaining(["QUARRY_GIT_TOKEN", "SUPABASE_DB_URL"]));
    expect(missingIn("Commands", names)).toEqual([]);
  });
});

describe("supabase/config.toml", () => {
  const config = read("supabase/config.toml");

  test("says of the Data API what the deployment sets", () => {
    expect(config).toContain(`schemas = ["${exposedApi.db_schema}"]`);
    expect(config).toContain(`extra_search_path = []`);
    expect(config).toContain(`max_rows = ${exposedApi.max_rows}`);
  });

  test("every function has its own check instead of the platform's, and the shared import map", () => {
    const functions = readdirSync(path.join(root, "supabase/functions"), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith("_"));
    for (const { name } of functions) {
      const [, section = ""] = config.split(`[functions.${name}]\n`);
      expect(section.split("\n\n")[0]?.trim(), name).toBe(
        `verify_jwt = false\nimport_map = "./functions/deno.json"`,
      );
    }
  });

  test("the import map asks the hosted bundler for no node_modules folder and no lock", () => {
    const settings = Object.keys(JSON.parse(read("supabase/functions/deno.json")));
    expect(settings).toEqual(["imports", "fmt"]);
  });
});

describe("readSettings", () => {
  const required = deploySettings.filter((setting) => setting.default === undefined);
  const given = Object.fromEntries(required.map(({ name }) => [name, `${name.toLowerCase()}-1`]));

  test("names everything that is missing at once", () => {
    const settings = readSettings({});
    expect(settings).toEqual({ problems: required.map(({ name }) => `${name} is not set`) });
  });

  test("derives what follows from the rest", () => {
    const settings = readSettings({ ...given, SUPABASE_PROJECT_REF: "abc", COMMIT: "c0ffee" });
    if ("problems" in settings) throw new Error(settings.problems.join());
    expect(settings.values.get("FLY_IMAGE")).toBe("registry.fly.io/quarry-indexer:c0ffee");
    expect(settings.values.get("PUBLIC_FUNCTIONS_URL"))
      .toBe("https://abc.supabase.co/functions/v1");
  });

  test.each(["it's", 'say "a"', "$HOME", "a\nb", "a\\b"])(
    "refuses %j, which would break out of the texts it is put into",
    (value) => {
      expect(readSettings({ ...given, WAKE_SECRET: value })).toEqual({
        problems: ["WAKE_SECRET holds a quote, a backslash, a dollar sign or a line break"],
      });
    },
  );

  test("a text may only name settings that exist", () => {
    expect(() => fill("{{NOTHING}}", new Map())).toThrow("NOTHING");
  });
});

describe("migrationDrift", () => {
  const file = (version: string, text: string) => ({
    path: `supabase/migrations/${version}_topic.sql`,
    text,
  });
  const version = "20261122000100";

  test("the same statements, however cut apart, are no difference", () => {
    const applied = [{ version, statements: ["create table a ()", "create table b ()"] }];
    expect(migrationDrift(applied, [file(version, "create table a ();\n\ncreate table b ();\n")]))
      .toEqual([]);
  });

  test("another text is named, and so is a migration that is gone", () => {
    const applied = [{ version, statements: ["create table a ()"] }];
    expect(migrationDrift(applied, [file(version, "create table b ();")]))
      .toEqual([`supabase/migrations/${version}_topic.sql was applied there with another text`]);
    expect(migrationDrift(applied, [])).toEqual([
      `${version} is applied there and does not exist here`,
    ]);
  });

  test("on the way back what is newer than all of ours is no difference, and what we lost still is", () => {
    const ours = [file("20261122000300", "create table c ();")];
    const applied = (of: string) => [{ version: of, statements: ["create table x ()"] }];
    expect(migrationDrift(applied("20261122000400"), ours)).toHaveLength(1);
    expect(migrationDrift(applied("20261122000400"), ours, true)).toEqual([]);
    expect(migrationDrift(applied("20261122000200"), ours, true)).toHaveLength(1);
    expect(migrationDrift(applied("20261122000300"), ours, true)).toHaveLength(1);
  });

  test("a migration that waits to be applied is no difference", () => {
    expect(migrationDrift([], [file(version, "create table a ();")])).toEqual([]);
  });
});
