/**
 * What a Cargo.toml says of names and files: the crate's own, and dependencies that are folders of the
 * repository. Reads the few forms of TOML that manifests use for these.
 */
import { joinPath } from "../paths.ts";
import { sectionsOf } from "./toml_text.ts";

/** A crate of the repository. */
export interface CargoManifest {
  readonly directory: string;
  /** As code writes it: `my_crate` for the package my-crate. */
  readonly name: string;
  /** The file of the library, from the root of the repository. */
  readonly library: string;
  /** Files of binaries that the manifest names, from the root of the repository. */
  readonly binaries: readonly string[];
  /** Names by which this crate knows folders of the repository. */
  readonly renamed: readonly { readonly name: string; readonly directory: string }[];
}

function valueOf(section: string, key: string): string | null {
  return new RegExp(`^\\s*${key}\\s*=\\s*["']([^"']*)["']`, "m").exec(section)?.[1] ?? null;
}

function crateName(name: string): string {
  return name.replaceAll("-", "_");
}

/** The crate in a text; null when it is only a workspace. */
export function readCargoManifest(directory: string, text: string): CargoManifest | null {
  const sections = sectionsOf(text);
  const bodyOf = (heading: string) => sections.find((each) => each.heading === heading)?.body ?? "";
  const packageName = valueOf(bodyOf("package"), "name");
  if (packageName === null) return null;
  const library = bodyOf("lib");
  const at = (path: string) => joinPath(directory, path) ?? path;
  const dependencies = sections.filter(({ heading }) => /dependencies(?:\.|$)/.test(heading));
  const renamed = dependencies.flatMap(({ heading, body }) => {
    const own = /dependencies\.([\w-]+)$/.exec(heading)?.[1];
    const inline = [...body.matchAll(/^\s*([\w-]+)\s*=\s*\{[^}\n]*\bpath\s*=\s*["']([^"']+)["']/gm)]
      .map(([, name = "", path = ""]) => ({ name, path }));
    const ownPath = own === undefined ? null : valueOf(body, "path");
    return own === undefined || ownPath === null ? inline : [{ name: own, path: ownPath }];
  });
  return {
    directory,
    name: crateName(valueOf(library, "name") ?? packageName),
    library: at(valueOf(library, "path") ?? "src/lib.rs"),
    binaries: sections.filter(({ heading }) => heading === "bin")
      .flatMap(({ body }) => valueOf(body, "path") ?? []).map((path) => at(path)),
    renamed: renamed.flatMap(({ name, path }) => {
      const folder = joinPath(directory, path);
      return folder === null ? [] : [{ name: crateName(name), directory: folder }];
    }),
  };
}
