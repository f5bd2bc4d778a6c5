/**
 * What a tsconfig.json or jsconfig.json says of where modules lie. What it extends is followed through the
 * settings at hand, and what it only refers to.
 */
import { directoryOf, joinPath } from "../paths.ts";
import { isObject, parseJsonObject, stringsOf } from "./json_text.ts";
import { type ExportEntry } from "./package_json.ts";

/** One file of compiler settings, as it stands. */
export interface CompilerSettings {
  readonly path: string;
  readonly directory: string;
  /** The files whose settings it takes over and that may lie in the repository, the strongest last. */
  readonly bases: readonly string[];
  /** The folder that bare names start from; null when the file does not say. */
  readonly baseDirectory: string | null;
  /** `@/*` and the paths it may stand for, from the root of the repository; null when it does not say. */
  readonly paths: readonly ExportEntry[] | null;
}

function basePaths(directory: string, extended: string): string[] {
  if (!extended.startsWith(".")) return [];
  const path = joinPath(directory, extended);
  if (path === null) return [];
  return [path.endsWith(".json") ? path : `${path}.json`];
}

/**
 * The settings beside these that they refer to, the first last. Others are of folders of their own, which
 * files in there find for themselves.
 */
function referredBeside(directory: string, references: unknown): string[] {
  const paths = Array.isArray(references)
    ? references.flatMap((each: unknown) => isObject(each) ? stringsOf(each["path"]) : [])
    : [];
  return paths.map((path) => joinPath(directory, path)).filter((path) => path !== null)
    .filter((path) => path.endsWith(".json") && directoryOf(path) === directory).toReversed();
}

/**
 * The settings in a text; null when it is none. Those that say nothing themselves stand for the ones that
 * they refer to, as in the templates of Vite: of several that include a file the first holds, taken for
 * the first that speaks of where modules lie.
 */
export function readCompilerSettings(
  directory: string,
  text: string,
  path: string,
): CompilerSettings | null {
  const value = parseJsonObject(text);
  if (value === null) return null;
  const options = isObject(value["compilerOptions"]) ? value["compilerOptions"] : {};
  const baseUrl = options["baseUrl"];
  const baseDirectory = typeof baseUrl === "string" ? joinPath(directory, baseUrl) : null;
  const from = baseDirectory ?? directory;
  const paths = options["paths"];
  const extended = stringsOf(value["extends"]).flatMap((each) => basePaths(directory, each));
  const isSilent = extended.length === 0 && baseDirectory === null && !isObject(paths);
  return {
    path,
    directory,
    bases: isSilent ? referredBeside(directory, value["references"]) : extended,
    baseDirectory,
    paths: isObject(paths)
      ? Object.entries(paths).map(([pattern, targets]) => ({
        pattern,
        targets: stringsOf(targets).map((target) => joinPath(from, target))
          .filter((target) => target !== null),
      }))
      : null,
  };
}

/** What holds for a file: its nearest settings, with what they inherit. */
export interface EffectiveSettings {
  readonly baseDirectory: string | null;
  readonly paths: readonly ExportEntry[];
}

const SAYS_NOTHING: EffectiveSettings = { baseDirectory: null, paths: [] };

/** Each file is worked out once, however many take it over; in a circle it says nothing to itself. */
function inherited(
  all: readonly CompilerSettings[],
  path: string,
  worked = new Map<string, EffectiveSettings>(),
): EffectiveSettings {
  const before = worked.get(path);
  if (before !== undefined) return before;
  worked.set(path, SAYS_NOTHING);
  const own = all.find((each) => each.path === path);
  if (own === undefined) return SAYS_NOTHING;
  const bases = own.bases.map((base) => inherited(all, base, worked));
  const strongest = bases.findLast(({ paths }) => paths.length > 0);
  const effective = {
    baseDirectory: own.baseDirectory ??
      bases.findLast(({ baseDirectory }) => baseDirectory !== null)?.baseDirectory ?? null,
    paths: own.paths ?? strongest?.paths ?? [],
  };
  worked.set(path, effective);
  return effective;
}

const known = new WeakMap<readonly CompilerSettings[], Map<string, EffectiveSettings>>();

/** The settings that hold for a file, worked out once for a folder. */
export function settingsFor(all: readonly CompilerSettings[], path: string): EffectiveSettings {
  const byFolder = known.get(all) ?? new Map<string, EffectiveSettings>();
  known.set(all, byFolder);
  const folder = directoryOf(path);
  const effective = byFolder.get(folder) ?? settingsBelow(all, path);
  byFolder.set(folder, effective);
  return effective;
}

function settingsBelow(all: readonly CompilerSettings[], path: string): EffectiveSettings {
  const isMain = ({ path: each }: CompilerSettings) => /(?:^|\/)[tj]sconfig\.json$/.test(each);
  const above = all.filter((each) =>
    isMain(each) && (each.directory === "" || path.startsWith(`${each.directory}/`))
  );
  const depthOf = ({ directory }: CompilerSettings) => directory.length;
  const nearest =
    above.toSorted((one, other) =>
      depthOf(other) - depthOf(one) || (one.path < other.path ? 1 : -1)
    )[0];
  if (nearest !== undefined) return inherited(all, nearest.path);
  // Workspaces that keep their settings in one file at the root, which each package's extends.
  const root = all.find((each) => directoryOf(each.path) === "" && each.paths !== null);
  return root === undefined ? SAYS_NOTHING : inherited(all, root.path);
}
