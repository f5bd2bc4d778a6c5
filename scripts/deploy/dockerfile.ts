// Reads a Dockerfile and a .dockerignore as far as ours use them: stages, COPY, RUN, ENV, WORKDIR,
// USER and an exec-form CMD. Anything else is an error, so that a new instruction is not silently
// passed over. Knows nothing of how the steps are carried out.

/** One instruction; flags such as `--from=packages` apart from the rest. */
export interface Instruction {
  readonly name: string;
  readonly flags: Readonly<Record<string, string>>;
  readonly rest: string;
}

/** What stands between two FROM lines. */
export interface Stage {
  readonly image: string;
  readonly name: string;
  readonly instructions: readonly Instruction[];
}

const supported = new Set(["COPY", "RUN", "ENV", "WORKDIR", "USER", "CMD"]);

/** The stages in order; the last one is the image. */
export function parseDockerfile(text: string): Stage[] {
  const stages: { image: string; name: string; instructions: Instruction[] }[] = [];
  const lines = text.replace(/^#.*\n/gm, "").replace(/\\\n/g, " ").split("\n");
  for (const line of lines.map((each) => each.trim()).filter((each) => each !== "")) {
    const [, name = "", options = "", rest = ""] =
      /^([A-Z]+)\s+((?:--\w+=\S+\s+)*)(.*)$/.exec(line) ?? [];
    if (name === "FROM") {
      const [image = "", , stage = ""] = rest.split(/\s+/);
      stages.push({ image, name: stage, instructions: [] });
    } else if (supported.has(name)) {
      const flags = Object.fromEntries(
        [...options.matchAll(/--(\w+)=(\S+)/g)].map(([, flag = "", value = ""]) => [flag, value]),
      );
      stages.at(-1)?.instructions.push({ name, flags, rest: rest.replace(/\s+/g, " ") });
    } else {
      throw new Error(`a Dockerfile line that is not understood: ${line}`);
    }
  }
  return stages;
}

/** Whether a path reaches the build: the last line that matches it or a folder above it decides. */
export function inBuildContext(ignore: string, path: string): boolean {
  let inside = true;
  for (const line of ignore.split("\n")) {
    const pattern = line.replace(/#.*/, "").trim();
    if (pattern === "") continue;
    const excludes = !pattern.startsWith("!");
    if (ignorePattern(pattern.replace(/^!/, "")).test(path)) inside = !excludes;
  }
  return inside;
}

function ignorePattern(pattern: string): RegExp {
  const body = pattern.replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replace(/\*\*\/|\*/g, (star) => star === "*" ? "[^/]*" : "(?:.*/)?");
  return new RegExp(`^${body}(?:/|$)`);
}
