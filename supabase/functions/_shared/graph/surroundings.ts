/**
 * What imports mean depends on files around them: manifests and compiler settings. Here stands which of
 * them a language needs, and what is read out of them; who loads them is elsewhere. Pure.
 */
import { type CargoManifest, readCargoManifest } from "./configuration/cargo_toml.ts";
import { type ComposerManifest, readComposerManifest } from "./configuration/composer_json.ts";
import { type GoModule, readGoModule } from "./configuration/go_mod.ts";
import { type ImportMap, readImportMap } from "./configuration/import_map.ts";
import { type PackageManifest, readPackageManifest } from "./configuration/package_json.ts";
import { type CompilerSettings, readCompilerSettings } from "./configuration/tsconfig.ts";
import { directoryOf, nameOf } from "./paths.ts";
import { MODULE_LANGUAGES } from "../text/languages.ts";
import { isBare, packageNameOf } from "./rules/package_name.ts";

/** Everything read from the files around. Each entry knows the folder that it speaks of. */
export interface Surroundings {
  readonly packages: readonly PackageManifest[];
  readonly compilerSettings: readonly CompilerSettings[];
  readonly importMaps: readonly ImportMap[];
  readonly goModules: readonly GoModule[];
  readonly crates: readonly CargoManifest[];
  readonly composers: readonly ComposerManifest[];
}

/** Nothing is known of the files around. */
export const NO_SURROUNDINGS: Surroundings = {
  packages: [],
  compilerSettings: [],
  importMaps: [],
  goModules: [],
  crates: [],
  composers: [],
};

/** Which configuration files a language needs. */
export interface ConfigurationNeeds {
  /** Names of files in the importing file's folder and those above. */
  readonly above: readonly string[];
  /** Names of files anywhere in the repository. */
  readonly anywhere: readonly string[];
}

const ecmascript: ConfigurationNeeds = {
  above: [
    "tsconfig.json",
    "jsconfig.json",
    "tsconfig.base.json",
    "deno.json",
    "deno.jsonc",
    "import_map.json",
    "package.json",
  ],
  anywhere: [],
};

const needs: Readonly<Record<string, ConfigurationNeeds>> = {
  ...Object.fromEntries(MODULE_LANGUAGES.map((language) => [language, ecmascript])),
  Go: { above: [], anywhere: ["go.mod"] },
  Rust: { above: [], anywhere: ["Cargo.toml"] },
  PHP: { above: [], anywhere: ["composer.json"] },
};

/** The configuration that imports of these languages need. */
export function configurationNeeds(languages: Iterable<string>): ConfigurationNeeds {
  const wanted = [...new Set(languages)].flatMap((language) => needs[language] ?? []);
  return {
    above: [...new Set(wanted.flatMap(({ above }) => above))],
    anywhere: [...new Set(wanted.flatMap(({ anywhere }) => anywhere))],
  };
}

/** A configuration file with its text. */
export interface ConfigurationFile {
  readonly path: string;
  readonly text: string;
}

/** What these files say; one that cannot be read says nothing. */
export function readSurroundings(found: readonly ConfigurationFile[]): Surroundings {
  const read = <Entry>(
    names: RegExp,
    parse: (directory: string, text: string, path: string) => Entry | null,
  ): Entry[] =>
    found.filter(({ path }) => names.test(nameOf(path)))
      .flatMap(({ path, text }) => parse(directoryOf(path), text, path) ?? []);
  return {
    packages: read(/^package\.json$/, readPackageManifest),
    compilerSettings: read(/^(?!package\.json$).*\.json$/, readCompilerSettings),
    importMaps: read(/^(?:deno\.jsonc?|import_map\.json)$/, readImportMap),
    goModules: read(/^go\.mod$/, readGoModule),
    crates: read(/^Cargo\.toml$/, readCargoManifest),
    composers: read(/^composer\.json$/, readComposerManifest),
  };
}

/** What is known with what more files say; none of them is known yet. */
export function withMore(
  around: Surroundings,
  more: readonly Surroundings[],
): Surroundings {
  if (more.length === 0) return around;
  const all = [around, ...more];
  return {
    packages: all.flatMap(({ packages }) => packages),
    compilerSettings: all.flatMap(({ compilerSettings }) => compilerSettings),
    importMaps: all.flatMap(({ importMaps }) => importMaps),
    goModules: all.flatMap(({ goModules }) => goModules),
    crates: all.flatMap(({ crates }) => crates),
    composers: all.flatMap(({ composers }) => composers),
  };
}

/** Packages that imports of a file may be of, by their names. */
export function packageNamesIn(
  language: string,
  specifiers: readonly string[],
): readonly string[] {
  return needs[language] === ecmascript
    ? specifiers.filter(isBare).map((specifier) => packageNameOf(specifier).name)
    : [];
}

/** Configuration files that those at hand go on to name: what a tsconfig extends or refers to. */
export function furtherConfiguration(around: Surroundings): string[] {
  const known = new Set(around.compilerSettings.map(({ path }) => path));
  return around.compilerSettings.flatMap(({ bases }) => bases).filter((path) => !known.has(path));
}
