/**
 * Modules of Rust: `mod` declarations, paths from the crate, from the module or above it, and other
 * crates of the repository.
 */
import { type CargoManifest } from "../configuration/cargo_toml.ts";
import {
  files,
  FROM_OUTSIDE,
  type Import,
  type ImportingFile,
  type ImportMeaning,
  UNRESOLVED,
} from "../import_meaning.ts";
import { ancestors, directoryOf, isBelow, joined, joinPath, nameOf } from "../paths.ts";
import { type Surroundings } from "../surroundings.ts";

/** A crate's root: the folder that its modules lie in, and the files that may be its top module. */
interface CrateRoot {
  readonly directory: string;
  readonly tops: readonly string[];
}

/** Files below these folders are each a crate of their own. */
const OWN_CRATE = /^(?:tests|examples|benches|src\/bin)\/(?:[^/]+\.rs|[^/]+\/main\.rs)$/;

/** The binary with a folder of its own that a file lies in; null where it is among the library's files. */
function binaryAround(path: string, crate: CargoManifest | undefined): string | null {
  if (crate === undefined || isBelow(path, directoryOf(crate.library))) return null;
  const around = crate.binaries.filter((each) => isBelow(path, directoryOf(each)));
  return around.toSorted((one, other) => other.length - one.length)[0] ?? null;
}

function crateRootOf(path: string, crate: CargoManifest | undefined): CrateRoot {
  const folder = crate?.directory ?? "";
  const within = folder === "" ? path : path.slice(folder.length + 1);
  if (OWN_CRATE.test(within)) return { directory: directoryOf(path), tops: [path] };
  const binary = binaryAround(path, crate);
  if (binary !== null) return { directory: directoryOf(binary), tops: [binary] };
  const source = crate === undefined
    ? ancestors(directoryOf(path)).find((each) => nameOf(each) === "src") ?? "src"
    : directoryOf(crate.library);
  const library = crate?.library ?? `${source}/lib.rs`;
  return { directory: source, tops: [library, ...joined(source, "main.rs")] };
}

/** The folder that the file's own submodules lie in. */
function ownFolder(path: string, root: CrateRoot): string {
  const isTop = root.tops.includes(path) || /^(?:mod|lib|main|build)\.rs$/.test(nameOf(path));
  return isTop ? directoryOf(path) : path.replace(/\.rs$/, "");
}

/** The file of the module whose submodules lie in a folder. */
function moduleOfFolder(folder: string, root: CrateRoot): readonly string[] {
  return folder === root.directory ? root.tops : [`${folder}.rs`, `${folder}/mod.rs`];
}

/** `a::b::Name` below a folder: any leading part may be the module, the rest is inside it. */
function below(folder: string, parts: readonly string[]): string[] {
  return parts.flatMap((_, index) => {
    const module = parts.slice(0, parts.length - index).join("/");
    return joined(folder, `${module}.rs`, `${module}/mod.rs`);
  });
}

function crateOf(crates: readonly CargoManifest[], path: string): CargoManifest | undefined {
  return crates.filter(({ directory }) => isBelow(path, directory))
    .toSorted((one, other) => other.directory.length - one.directory.length)[0];
}

/** A crate by the name that the importing one knows it by. */
function crateNamed(
  crates: readonly CargoManifest[],
  name: string,
  own: CargoManifest | undefined,
): CargoManifest | undefined {
  const renamed = own?.renamed.find((each) => each.name === name);
  return renamed === undefined
    ? crates.find((each) => each.name === name)
    : crates.find(({ directory }) => directory === renamed.directory);
}

/** What an import of Rust may mean. */
export function rust(
  { path }: ImportingFile,
  { specifier, kind }: Import,
  { crates }: Surroundings,
): ImportMeaning {
  const own = crateOf(crates, path);
  const root = crateRootOf(path, own);
  const folder = ownFolder(path, root);
  if (kind === "file") {
    // `#[path = "other.rs"]`, which a module inside of the file has after its own folder: `inner/./other.rs`
    const base = specifier.includes("/./") ? folder : directoryOf(path);
    const beside = specifier.endsWith(".rs") ? joinPath(base, specifier) : null;
    if (beside !== null) return { things: [files([beside])], missing: UNRESOLVED };
    const paths = joined(folder, `${specifier}.rs`, `${specifier}/mod.rs`);
    return { things: [files(paths)], missing: UNRESOLVED };
  }
  const [first = "", ...rest] = specifier.split("::").filter((part) => part !== "");
  const inside = (start: string, parts: readonly string[], of: CrateRoot): ImportMeaning => ({
    things: [files([...below(start, parts), ...moduleOfFolder(start, of)])],
    missing: UNRESOLVED,
  });
  if (first === "crate") return inside(root.directory, rest, root);
  if (first === "self") return inside(folder, rest, root);
  if (first === "super") {
    const more = rest.findIndex((part) => part !== "super");
    const ups = more === -1 ? rest.length : more;
    const start = joinPath(folder, "../".repeat(ups + 1));
    return start === null
      ? { things: [], missing: UNRESOLVED }
      : inside(start, rest.slice(ups), root);
  }
  const other = crateNamed(crates, first, own);
  if (other !== undefined) {
    const directory = directoryOf(other.library);
    return inside(directory, rest, { directory, tops: [other.library, `${directory}/main.rs`] });
  }
  // A module beside or below, which a path may begin with; else a crate from outside.
  const near = below(folder, [first, ...rest]);
  return near.length === 0
    ? FROM_OUTSIDE
    : { things: [files(near)], missing: { kind: "external" } };
}
