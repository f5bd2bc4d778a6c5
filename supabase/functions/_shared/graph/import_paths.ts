/**
 * Which files of a repository an import may mean: a list of paths by the rules of the importing file's
 * language, the likeliest first. Which of them exist is for whoever knows the tree; an import with no
 * path at all is of something outside. Pure.
 */

/** The file that imports. */
export interface ImportingFile {
  readonly path: string;
  /** Linguist's name. */
  readonly language: string;
}

/** An import as its outline has it. */
export interface Import {
  readonly specifier: string;
  /** module, file, include, system_include or name. */
  readonly kind: string;
  readonly names: readonly { readonly name: string }[];
}

/** A Go module: its name, and the folder of its go.mod, "" for the root. */
export interface GoModule {
  readonly name: string;
  readonly directory: string;
}

/** What the files around say. */
export interface Surroundings {
  readonly goModules: readonly GoModule[];
}

type Rule = (file: ImportingFile, imported: Import, around: Surroundings) => string[];

const ECMASCRIPT_EXTENSIONS = "ts tsx mts cts d.ts js jsx mjs cjs json vue svelte css".split(" ");
/** `./a.js` is how TypeScript writes ./a.ts. */
const ECMASCRIPT_SOURCES: Readonly<Record<string, readonly string[]>> = {
  js: ["ts", "tsx", "d.ts"],
  jsx: ["tsx"],
  mjs: ["mts", "d.mts"],
  cjs: ["cts", "d.cts"],
};

function directoryOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash === -1 ? "" : path.slice(0, slash);
}

/** The path that `relative` means from a folder; null above the root. */
export function joinPath(directory: string, relative: string): string | null {
  const parts = directory === "" ? [] : directory.split("/");
  for (const part of relative.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return null;
  }
  return parts.join("/");
}

function joined(directory: string, ...relatives: readonly string[]): string[] {
  return relatives.map((relative) => joinPath(directory, relative)).filter((path) => path !== null);
}

/** A folder and all above it, from the innermost to the root. */
function ancestors(directory: string): string[] {
  const folders = [directory];
  while (folders.at(-1) !== "") folders.push(directoryOf(folders.at(-1) ?? ""));
  return folders;
}

const ecmascript: Rule = ({ path }, { specifier }) => {
  if (!/^\.{0,2}\//.test(specifier) && !/^\.{1,2}$/.test(specifier)) return [];
  const base = joinPath(specifier.startsWith("/") ? "" : directoryOf(path), specifier);
  if (base === null) return [];
  const extension = /\.([cm]?jsx?)$/.exec(base)?.[1] ?? "";
  const stem = base.slice(0, base.length - extension.length - 1);
  return [
    base,
    ...(ECMASCRIPT_SOURCES[extension] ?? []).map((source) => `${stem}.${source}`),
    ...ECMASCRIPT_EXTENSIONS.map((each) => `${base}.${each}`),
    ...ECMASCRIPT_EXTENSIONS.flatMap((each) => joined(base, `index.${each}`)),
  ];
};

/** A module is a file or a package; `from a import b` may mean a module b in a package a. */
const python: Rule = ({ path }, { specifier, names }) => {
  const dots = /^\.*/.exec(specifier)?.[0].length ?? 0;
  const folders = specifier.slice(dots).split(".").filter((part) => part !== "");
  const relative = joinPath(directoryOf(path), "../".repeat(Math.max(0, dots - 1)));
  const roots = dots > 0
    ? (relative === null ? [] : [relative])
    : [...ancestors(directoryOf(path)), "src", "lib"];
  const modules = [...names.map(({ name }) => [...folders, name]), folders];
  return roots.flatMap((root) =>
    modules.flatMap((parts) => {
      const module = parts.join("/");
      const suffixes = module === ""
        ? ["__init__.py"]
        : [`${module}.py`, `${module}/__init__.py`, `${module}.pyi`];
      return joined(root, ...suffixes);
    })
  );
};

/** Imports name folders. */
const go: Rule = (_file, { specifier }, { goModules }) =>
  goModules.flatMap(({ name, directory }) => {
    if (specifier !== name && !specifier.startsWith(`${name}/`)) return [];
    return joined(directory, `${specifier.slice(name.length + 1)}/`).map((folder) => `${folder}/`);
  });

const include: Rule = ({ path }, { specifier, kind }) => [
  ...(kind === "include" ? joined(directoryOf(path), specifier) : []),
  ...ancestors(directoryOf(path)).flatMap((folder) =>
    joined(folder, `include/${specifier}`, `src/${specifier}`, specifier)
  ),
];

/** `crate::a::b::Name`: any leading part may be the module, the rest is inside it. */
const rust: Rule = ({ path }, { specifier, kind }) => {
  const directory = directoryOf(path);
  const file = path.slice(directory === "" ? 0 : directory.length + 1);
  const isFolderModule = /^(?:mod|lib|main)\.rs$/.test(file);
  const own = isFolderModule ? directory : path.replace(/\.rs$/, "");
  if (kind === "file") return joined(own, `${specifier}.rs`, `${specifier}/mod.rs`);
  const [first = "", ...rest] = specifier.split("::");
  const crate = ancestors(directory).find((folder) => /(?:^|\/)src$/.test(folder)) ?? "src";
  const parent = joinPath(own, "..") ?? "";
  const roots: Readonly<Record<string, string>> = { crate, self: own, super: parent };
  const root = roots[first];
  if (root === undefined) return [];
  const parts = rest.filter((part) => part !== "super");
  const start = rest.filter((part) => part === "super").reduce(
    (folder) => joinPath(folder, "..") ?? "",
    root,
  );
  const modules = parts.map((_, index) => parts.slice(0, parts.length - index).join("/"));
  const whole = first === "crate"
    ? joined(start, "lib.rs", "main.rs")
    : [`${start}.rs`, `${start}/mod.rs`];
  return [
    ...modules.flatMap((module) => joined(start, `${module}.rs`, `${module}/mod.rs`)),
    ...whole,
  ];
};

/** A name in a package, below the folders where a file of another package may lie. */
function byPackage(separator: string, extensions: readonly string[]): Rule {
  return ({ path }, { specifier, names }) => {
    const parts = specifier.split(separator).filter((part) => part !== "");
    const isListed = names.length === 1 && names[0]?.name === parts.at(-1);
    // A static import names a member of the class before it; a list of names the package they are in.
    const classes = isListed
      ? [parts, parts.slice(0, -1)]
      : names.map(({ name }) => [...parts, name]);
    const roots = ancestors(directoryOf(path));
    return classes.filter((each) => each.length > 0).flatMap((each) =>
      roots.flatMap((root) =>
        extensions.flatMap((extension) => joined(root, `${each.join("/")}.${extension}`))
      )
    );
  };
}

/** A path from the file's own folder, from those above it, or from lib. */
function bySearch(extensions: readonly string[], separator = "/"): Rule {
  return ({ path }, { specifier }) => {
    const relative = specifier.replaceAll(separator, "/");
    const endings = ["", ...extensions.map((extension) => `.${extension}`)];
    return ancestors(directoryOf(path)).flatMap((folder) =>
      endings.flatMap((ending) => joined(folder, relative + ending, `lib/${relative}${ending}`))
    );
  };
}

const rules: Readonly<Record<string, Rule>> = {
  "Bash": bySearch(["sh"]),
  "C": include,
  "C++": include,
  "CSS": bySearch(["css"]),
  "Elixir": () => [],
  "Go": go,
  "HTML": bySearch([]),
  "Java": byPackage(".", ["java"]),
  "JavaScript": ecmascript,
  "Kotlin": byPackage(".", ["kt", "java"]),
  "Lua": bySearch(["lua"], "."),
  "PHP": (file, imported, around) =>
    imported.kind === "file"
      ? bySearch([])(file, imported, around)
      : byPackage("\\", ["php"])(file, imported, around),
  "Python": python,
  "Ruby": bySearch(["rb"]),
  "Rust": rust,
  "Scala": byPackage(".", ["scala", "java"]),
  "Shell": bySearch(["sh"]),
  "TSX": ecmascript,
  "TypeScript": ecmascript,
  "Zig": bySearch([]),
};

/**
 * The paths that an import may mean, without duplicates; one that ends in "/" means the files of that
 * folder. Empty: it can only be outside the repository, or its language has no rule.
 */
export function importPaths(
  file: ImportingFile,
  imported: Import,
  around: Surroundings,
): readonly string[] {
  const candidates = rules[file.language]?.(file, imported, around) ?? [];
  return [...new Set(candidates)].filter((path) => path !== "" && path !== file.path);
}

/** The word that a text which imports this path is likely to have: the last part of its name. */
export function importWord(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const stem = name.replace(/\.d\.[cm]?ts$|\.[^.]+$/, "");
  const isFolderModule = /^(?:index|__init__|mod|lib|main)$/.test(stem);
  if (!isFolderModule || !path.includes("/")) return stem;
  return importWord(path.slice(0, path.lastIndexOf("/")));
}
