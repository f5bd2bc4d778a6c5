// One version of a package in the whole repository, written out exactly, and a lock that installs
// the same on every platform we support.

import { lineAt, type Rule, type SourceFile, type Violation } from "./source_file.ts";

const exactVersion = /^\d+\.\d+\.\d+(?:-[\w.]+)?$/;
const manifestPath = /^(?:[a-z-]+\/)?package\.json$/;
const importMapPath = /^supabase\/functions\/(?:[a-z-]+\/)?deno\.json$/;

interface PackageUse {
  readonly file: SourceFile;
  readonly name: string;
  readonly version: string;
}

/** Every package has one exact version, in the manifests of npm and in those of Deno. */
export const versionRule: Rule = {
  name: "package versions",
  check: (files) => {
    const uses = files.flatMap((file) => [...npmUses(file), ...denoUses(file)]);
    const first = new Map<string, PackageUse>();
    return uses.flatMap((use) => {
      if (!exactVersion.test(use.version)) {
        return [problem(use, `"${use.version}" is not an exact version`)];
      }
      const earlier = first.get(use.name) ?? use;
      first.set(use.name, earlier);
      if (earlier.version === use.version) return [];
      return [problem(use, `is ${use.version}, but ${earlier.version} in ${earlier.file.path}`)];
    });
  },
};

/** What the lock must not hold, and what it must. */
export const lockRule: Rule = {
  name: "package lock",
  check: (files) =>
    files.filter((file) => file.path === "package-lock.json").flatMap((file) => [
      ...downloadAddresses(file),
      ...missingPlatforms(file),
    ]),
};

function problem({ file, name }: PackageUse, message: string): Violation {
  const line = lineAt(file.text, Math.max(0, file.text.indexOf(`"${name}"`)));
  return { path: file.path, line, message: `${name} ${message}` };
}

function npmUses(file: SourceFile): PackageUse[] {
  if (!manifestPath.test(file.path)) return [];
  const manifest = record(JSON.parse(file.text));
  return ["dependencies", "devDependencies", "optionalDependencies"].flatMap((section) =>
    Object.entries(record(manifest[section])).map(([name, version]) => ({
      file,
      name,
      version: String(version),
    }))
  );
}

function denoUses(file: SourceFile): PackageUse[] {
  if (!importMapPath.test(file.path)) return [];
  return Object.entries(record(record(JSON.parse(file.text))["imports"])).flatMap(
    ([name, target]) => {
      const found = /^npm:(?<name>(?:@[^/]+\/)?[^@/]+)@(?<version>[^/]+)/.exec(String(target));
      return found?.groups === undefined
        ? [{ file, name, version: String(target) }]
        : [{ file, name: found.groups["name"] ?? name, version: found.groups["version"] ?? "" }];
    },
  );
}

function downloadAddresses(file: SourceFile): Violation[] {
  const offset = file.text.search(/"resolved": "https?:/);
  if (offset === -1) return [];
  const message = "holds download addresses (omit-lockfile-registry-resolved is off)";
  return [{ path: file.path, line: lineAt(file.text, offset), message }];
}

/** `npm ci` wants the optional packages of every platform, also of those that npm skips here. */
function missingPlatforms(file: SourceFile): Violation[] {
  const packages = record(record(JSON.parse(file.text))["packages"]);
  return Object.entries(packages).flatMap(([path, entry]) =>
    Object.keys(record(record(entry)["optionalDependencies"]))
      .filter((name) => !isLocked(packages, path, name))
      .map((name) => ({ path: file.path, line: 1, message: `lacks ${name}, wanted by ${path}` }))
  );
}

function isLocked(packages: Record<string, unknown>, from: string, name: string): boolean {
  return `${from}/node_modules/${name}` in packages || `node_modules/${name}` in packages;
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
