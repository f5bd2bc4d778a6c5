// Carries out the steps of a Dockerfile without Docker: every stage is an empty folder, COPY copies,
// RUN runs a shell in it. It stands for `docker build`. It leaves out the base image and its package
// manager (a RUN of apt-get is only looked at for what it installs), users, and every isolation.

import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { type Instruction, parseDockerfile, type Stage } from "./dockerfile.ts";

/** A built stage: a folder that stands for `/`, and how its process starts. */
export interface Image {
  readonly root: string;
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly user: string;
  readonly command: readonly string[];
  /** Debian packages that the image would have besides its base. */
  readonly systemPackages: readonly string[];
}

export interface BuildOptions {
  readonly dockerfile: string;
  /** The build context, .dockerignore already applied. */
  readonly context: string;
  /** Stages become folders in here. */
  readonly directory: string;
  /** The environment of RUN: the path of Node, and what npm needs. */
  readonly environment: Readonly<Record<string, string>>;
}

interface MutableImage extends Image {
  workingDirectory: string;
  environment: Record<string, string>;
  user: string;
  command: readonly string[];
  systemPackages: readonly string[];
}

/** Builds every stage and returns the last. */
export function buildImage(options: BuildOptions): Image {
  const built = new Map<string, Image>();
  let last: Image | undefined;
  for (const [index, stage] of parseDockerfile(options.dockerfile).entries()) {
    last = buildStage(stage, path.join(options.directory, `stage_${index}`), options, built);
    built.set(stage.name, last);
  }
  if (last === undefined) throw new Error("the Dockerfile has no stage");
  return last;
}

function buildStage(
  stage: Stage,
  root: string,
  options: BuildOptions,
  built: ReadonlyMap<string, Image>,
): Image {
  mkdirSync(root, { recursive: true });
  const image: MutableImage = {
    root,
    workingDirectory: "/",
    environment: {},
    user: "root",
    command: [],
    systemPackages: [],
  };
  for (const instruction of stage.instructions) carryOut(instruction, image, options, built);
  return image;
}

function carryOut(
  { name, flags, rest }: Instruction,
  image: MutableImage,
  options: BuildOptions,
  built: ReadonlyMap<string, Image>,
): void {
  switch (name) {
    case "WORKDIR":
      image.workingDirectory = path.posix.resolve(image.workingDirectory, rest);
      mkdirSync(inImage(image, "."), { recursive: true });
      return;
    case "ENV": {
      const [variable = "", value = ""] = rest.split("=");
      image.environment[variable] = value;
      return;
    }
    case "USER":
      image.user = rest;
      return;
    case "CMD":
      image.command = execForm(rest);
      return;
    case "COPY": {
      const from = flags["from"];
      const source = from === undefined ? options.context : built.get(from)?.root;
      if (source === undefined) throw new Error(`COPY from a stage that is not there: ${from}`);
      copy(rest.split(" "), source, image);
      return;
    }
    default:
      run(rest, image, options);
  }
}

function inImage(image: Image, target: string): string {
  return path.join(image.root, path.posix.resolve(image.workingDirectory, target));
}

function copy(words: readonly string[], source: string, image: Image): void {
  const target = words.at(-1) ?? ".";
  const sources = words.slice(0, -1);
  for (const each of sources) {
    const from = path.join(source, each);
    if (!existsSync(from)) throw new Error(`COPY ${each}: not in the build context`);
    const into = target.endsWith("/") ? path.join(target, path.basename(each)) : target;
    cpSync(from, inImage(image, into), { recursive: true, verbatimSymlinks: true });
  }
}

function run(command: string, image: MutableImage, options: BuildOptions): void {
  if (command.startsWith("apt-get ")) {
    const [, list = ""] = /install (?:--\S+ )*((?:[a-z][a-z0-9-]* )+)/.exec(command) ?? [];
    image.systemPackages = [...image.systemPackages, ...list.trim().split(" ")];
    return;
  }
  const { status, stdout, stderr } = spawnSync("sh", ["-c", command], {
    cwd: inImage(image, "."),
    env: { ...options.environment, ...image.environment },
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`RUN ${command} ended with ${status}:\n${stdout}${stderr}`);
}

/** The JSON form, the only one in which no shell stands between the machine and the process. */
function execForm(rest: string): string[] {
  const words: unknown = rest.startsWith("[") ? JSON.parse(rest) : null;
  if (!Array.isArray(words)) throw new Error(`CMD is not in exec form: ${rest}`);
  return words.map(String);
}
