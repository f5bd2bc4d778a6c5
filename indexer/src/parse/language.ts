/**
 * Which language a file is in, by its name, its extension or its shebang, in the words of GitHub's
 * Linguist. The path alone decides where it can, so that a file need not be read to be told apart.
 * Knows nothing of grammars: most of these languages have no symbols here.
 */

/** A Linguist name; empty when unknown. */
export type LanguageName = string;

/**
 * One line a language: extensions first. A few extensions are shared; the commoner owner has it.
 */
const EXTENSIONS: Readonly<Record<LanguageName, string>> = {
  "Assembly": "asm s",
  "Astro": "astro",
  "Batchfile": "bat cmd",
  "C": "c h",
  "C#": "cs csx",
  "C++": "cc cpp cxx hh hpp hxx ipp tpp",
  "CMake": "cmake",
  "CSS": "css",
  "CSV": "csv",
  "Clojure": "clj cljc cljs",
  "CoffeeScript": "coffee",
  "Crystal": "cr",
  "Cuda": "cu cuh",
  "Dart": "dart",
  "Diff": "diff patch",
  "Elixir": "ex exs",
  "Elm": "elm",
  "Erlang": "erl hrl",
  "F#": "fs fsi fsx",
  "Fortran Free Form": "f90 f95",
  "GLSL": "glsl frag vert",
  "Go": "go",
  "GraphQL": "graphql gql",
  "Groovy": "groovy gradle",
  "HCL": "hcl tf tfvars",
  "HTML": "html htm xhtml",
  "Handlebars": "hbs handlebars",
  "Haskell": "hs",
  "INI": "ini cfg",
  "JSON": "json geojson webmanifest",
  "JSON with Comments": "jsonc code-workspace",
  "Java": "java",
  "JavaScript": "js jsx mjs cjs es6",
  "Jsonnet": "jsonnet libsonnet",
  "Julia": "jl",
  "Jupyter Notebook": "ipynb",
  "Kotlin": "kt kts",
  "Less": "less",
  "Lua": "lua",
  "Makefile": "mk mak",
  "Markdown": "md markdown mdown",
  "MDX": "mdx",
  "Nim": "nim",
  "Nix": "nix",
  "OCaml": "ml mli",
  "Objective-C": "m",
  "Objective-C++": "mm",
  "PHP": "php phtml",
  "PLpgSQL": "pgsql",
  "Pascal": "pas dpr",
  "Perl": "pl pm",
  "PowerShell": "ps1 psm1 psd1",
  "Protocol Buffer": "proto",
  "Python": "py pyi pyw",
  "R": "r",
  "Ruby": "rb rake gemspec",
  "Rust": "rs",
  "SCSS": "scss",
  "SQL": "sql",
  "SVG": "svg",
  "Sass": "sass",
  "Scala": "scala sbt",
  "Shell": "sh bash zsh ksh",
  "Solidity": "sol",
  "Starlark": "bzl star",
  "Svelte": "svelte",
  "Swift": "swift",
  "TOML": "toml",
  "TSX": "tsx",
  "TeX": "tex sty",
  "Text": "txt",
  "TypeScript": "ts mts cts",
  "Vim Script": "vim",
  "Vue": "vue",
  "XML": "xml xsd xsl xslt plist",
  "YAML": "yaml yml",
  "Zig": "zig",
  "reStructuredText": "rst",
};

const FILE_NAMES: Readonly<Record<LanguageName, string>> = {
  "CMake": "CMakeLists.txt",
  "CODEOWNERS": "CODEOWNERS",
  "Dockerfile": "Dockerfile Containerfile",
  "Git Attributes": ".gitattributes",
  "Go Checksums": "go.sum",
  "Go Module": "go.mod",
  "Groovy": "Jenkinsfile",
  "Ignore List": ".gitignore .dockerignore .npmignore",
  "JSON": "composer.lock",
  "JSON with Comments": "tsconfig.json jsconfig.json .eslintrc.json",
  "Makefile": "Makefile makefile GNUmakefile",
  "Python": "SConstruct SConscript wscript",
  "Ruby": "Gemfile Rakefile Vagrantfile Podfile",
  "Shell": ".bashrc .bash_profile .profile .zshrc",
  "Starlark": "BUILD BUILD.bazel WORKSPACE",
  "TOML": "Cargo.lock Pipfile poetry.lock",
  "Text": "LICENSE COPYING NOTICE AUTHORS",
};

const INTERPRETERS: Readonly<Record<LanguageName, string>> = {
  "JavaScript": "node nodejs",
  "Lua": "lua luajit",
  "Perl": "perl",
  "PHP": "php",
  "PowerShell": "pwsh",
  "Python": "python pypy",
  "Ruby": "ruby",
  "Shell": "sh bash dash ksh zsh",
  "TypeScript": "deno bun tsx ts-node",
};

function invert(table: Readonly<Record<LanguageName, string>>): ReadonlyMap<string, LanguageName> {
  return new Map(
    Object.entries(table).flatMap(([language, words]) =>
      words.split(" ").map((word): [string, LanguageName] => [word, language])
    ),
  );
}

const languageByExtension = invert(EXTENSIONS);
const languageByFileName = invert(FILE_NAMES);
const languageByInterpreter = invert(INTERPRETERS);

/** The language that a path speaks of; empty when it does not. */
export function languageOfPath(path: string): LanguageName {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const byName = languageByFileName.get(name);
  if (byName !== undefined) return byName;
  if (name.startsWith("Dockerfile.")) return "Dockerfile";
  const dot = name.lastIndexOf(".");
  if (dot <= 0) return "";
  return languageByExtension.get(name.slice(dot + 1).toLowerCase()) ?? "";
}

/** The shebang's length where it is one: a kernel reads no more than this. */
const SHEBANG_UNITS_MAX = 256;

/** The language of a script's interpreter; empty without a shebang or for an unknown one. */
export function languageOfShebang(text: string): LanguageName {
  if (!text.startsWith("#!")) return "";
  const line = text.slice(2, SHEBANG_UNITS_MAX).split("\n", 1)[0] ?? "";
  const words = line.trim().split(/\s+/);
  const isEnv = words[0]?.endsWith("/env") === true;
  // `env -S VAR=value node --flag`: the first word that is neither an option nor an assignment.
  const command = isEnv ? words.slice(1).find((word) => !/^-|=/.test(word)) : words[0];
  const program = command?.slice(command.lastIndexOf("/") + 1) ?? "";
  return languageByInterpreter.get(program.replace(/[\d.]+$/, "")) ?? "";
}
