/**
 * Languages whose imports are paths that are looked for in several folders: C and C++, Ruby, Lua, shell,
 * Zig, CSS, HTML and files of PHP.
 */
import {
  EXTERNAL,
  files,
  FROM_OUTSIDE,
  type Import,
  type ImportingFile,
  type ImportMeaning,
  suffixes,
  UNRESOLVED,
} from "../import_meaning.ts";
import { ancestors, directoryOf, joined, nameOf } from "../paths.ts";

/** Beside the file, from include folders above it, or from any folder of the repository. */
export function include({ path }: ImportingFile, { specifier, kind }: Import): ImportMeaning {
  const isQuoted = kind === "include";
  const beside = isQuoted ? joined(directoryOf(path), specifier) : [];
  const above = ancestors(directoryOf(path)).flatMap((folder) =>
    joined(folder, `include/${specifier}`, `inc/${specifier}`, `src/${specifier}`, specifier)
  );
  // A name alone in angle brackets is one of the system's far more often than one from afar.
  const isSpecific = isQuoted || specifier.includes("/");
  const plain = specifier.replace(/^(?:\.{1,2}\/)+/, "");
  const folders = [`include/${plain}`, `inc/${plain}`];
  const elsewhere = isSpecific ? [plain, ...folders] : folders;
  return {
    things: [[...files([...beside, ...above]), ...suffixes(elsewhere)]],
    missing: isQuoted ? UNRESOLVED : EXTERNAL,
  };
}

/** `require_relative` is beside the file; `require` looks in lib. */
export function ruby({ path }: ImportingFile, { specifier, kind }: Import): ImportMeaning {
  const isRelative = kind === "file" || specifier.startsWith(".");
  const ending = (each: string) => each.endsWith(".rb") ? each : `${each}.rb`;
  const target = ending(specifier);
  const beside = joined(directoryOf(path), target);
  if (isRelative) return { things: [files(beside)], missing: UNRESOLVED };
  const above = ancestors(directoryOf(path)).flatMap((folder) =>
    joined(folder, `lib/${target}`, `app/${target}`, target)
  );
  const elsewhere = target.includes("/") ? [`lib/${target}`, target] : [`lib/${target}`];
  return { things: [[...files(above), ...suffixes(elsewhere)]], missing: EXTERNAL };
}

/** Dots part folders; a folder is a module by its init.lua. */
export function lua({ path }: ImportingFile, { specifier }: Import): ImportMeaning {
  const target = specifier.replaceAll(".", "/");
  const endings = [`${target}.lua`, `${target}/init.lua`];
  const above = ancestors(directoryOf(path)).flatMap((folder) =>
    ["", "lua/", "src/", "lib/"].flatMap((start) =>
      joined(folder, ...endings.map((ending) => start + ending))
    )
  );
  const elsewhere = target.includes("/") ? endings : endings.map((ending) => `lua/${ending}`);
  return { things: [[...files(above), ...suffixes(elsewhere)]], missing: EXTERNAL };
}

/** A variable in front, `"$DIR/lib.sh"`, is most often the script's own folder or one above. */
export function shell({ path }: ImportingFile, { specifier }: Import): ImportMeaning {
  const fixed = specifier.replace(
    /^(?:\$\{[^}]*\}|\$\((?:[^()]|\([^()]*\))*\)|\$\w+|`[^`]*`)\//,
    "",
  );
  if (/[$`*?~]/.test(fixed) || fixed.startsWith("/")) return FROM_OUTSIDE;
  const isVariable = fixed !== specifier;
  const paths = ancestors(directoryOf(path)).flatMap((folder) => joined(folder, fixed));
  // Dotfiles of a home are no files of the repository.
  const isHome = isVariable && nameOf(fixed).startsWith(".");
  return {
    things: [[...files(paths), ...(isVariable && !isHome ? suffixes([fixed]) : [])]],
    missing: isVariable ? EXTERNAL : UNRESOLVED,
  };
}

/** A path beside the file, or from the root where it begins with a slash. */
export function besideFile(extensions: readonly string[]) {
  return ({ path }: ImportingFile, { specifier, kind }: Import): ImportMeaning => {
    if (
      /^(?:[a-z][a-z+.-]*:|\/\/|#)/i.test(specifier) || kind === "module" && extensions.length === 0
    ) {
      return FROM_OUTSIDE;
    }
    const plain = specifier.replace(/[?#].*$/, "");
    const directory = plain.startsWith("/") ? "" : directoryOf(path);
    const endings = ["", ...extensions.map((extension) => `.${extension}`)];
    const paths = endings.flatMap((ending) => joined(directory, plain + ending));
    return { things: [files(paths.filter((each) => each !== ""))], missing: UNRESOLVED };
  };
}

/** `require 'lib.php'` is looked for beside the file and in the folders above it. */
export function phpFile({ path }: ImportingFile, { specifier }: Import): ImportMeaning {
  const paths = ancestors(directoryOf(path)).flatMap((folder) => joined(folder, specifier));
  return { things: [files(paths)], missing: UNRESOLVED };
}
