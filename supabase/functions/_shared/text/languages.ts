/**
 * The languages that files are told to be in, and how people name them. Which file is in which is the
 * indexer's to know; its tables are checked against this list.
 */
import { fold } from "./fold.ts";
import { editDistance } from "./name_patterns.ts";

/** By the names of GitHub's Linguist. */
export const LANGUAGES = [
  "AsciiDoc",
  "Assembly",
  "Astro",
  "Awk",
  "Ballerina",
  "Batchfile",
  "Bicep",
  "C",
  "C#",
  "C++",
  "Clojure",
  "CMake",
  "CODEOWNERS",
  "CoffeeScript",
  "Common Lisp",
  "Crystal",
  "CSS",
  "CSV",
  "Cuda",
  "Cython",
  "D",
  "Dart",
  "Diff",
  "Dockerfile",
  "Dotenv",
  "DTrace",
  "EditorConfig",
  "EJS",
  "Elixir",
  "Elm",
  "Emacs Lisp",
  "Erlang",
  "F#",
  "fish",
  "Fortran",
  "Fortran Free Form",
  "GDScript",
  "Gemfile.lock",
  "Gettext Catalog",
  "Gherkin",
  "Git Attributes",
  "Git Config",
  "GLSL",
  "Go",
  "Go Checksums",
  "Go Module",
  "Go Workspace",
  "Gradle",
  "GraphQL",
  "Groovy",
  "Hack",
  "Haml",
  "Handlebars",
  "Haskell",
  "HCL",
  "HLSL",
  "HTML",
  "HTML+EEX",
  "HTML+ERB",
  "HTML+Razor",
  "Ignore List",
  "INI",
  "Java",
  "Java Properties",
  "JavaScript",
  "Jinja",
  "JSON",
  "JSON with Comments",
  "JSON5",
  "Jsonnet",
  "Julia",
  "Jupyter Notebook",
  "Just",
  "Kotlin",
  "Less",
  "Lex",
  "Liquid",
  "Lua",
  "M4",
  "M4Sugar",
  "Makefile",
  "Markdown",
  "MATLAB",
  "MDX",
  "Mercury",
  "Meson",
  "Metal",
  "Mustache",
  "Nim",
  "Nix",
  "Objective-C",
  "Objective-C++",
  "OCaml",
  "Org",
  "Pascal",
  "Perl",
  "PHP",
  "Pip Requirements",
  "PLpgSQL",
  "PLSQL",
  "PowerShell",
  "Prolog",
  "Protocol Buffer",
  "Pug",
  "Puppet",
  "Python",
  "QML",
  "R",
  "Racket",
  "Raku",
  "Rebol",
  "RenderScript",
  "reStructuredText",
  "Rocq Prover",
  "Ruby",
  "Rust",
  "Sass",
  "Scala",
  "Scheme",
  "SCSS",
  "Shell",
  "Smalltalk",
  "Solidity",
  "SQL",
  "Starlark",
  "Stylus",
  "Svelte",
  "SVG",
  "Swift",
  "SystemVerilog",
  "Tcl",
  "TeX",
  "Text",
  "Thrift",
  "TOML",
  "TSQL",
  "TSV",
  "TSX",
  "Twig",
  "TypeScript",
  "V",
  "Verilog",
  "VHDL",
  "Vim script",
  "Visual Basic .NET",
  "Vue",
  "WebAssembly",
  "Wolfram Language",
  "XML",
  "XSLT",
  "Yacc",
  "YAML",
  "Zig",
] as const;
export type Language = (typeof LANGUAGES)[number];

/** The languages of modules that `import` and `export` make: of components the scripts. */
export const MODULE_LANGUAGES: readonly Language[] = [
  "JavaScript",
  "TypeScript",
  "TSX",
  "Vue",
  "Svelte",
];

/** Short names that people write for Linguist's. */
const ALIASES: Readonly<Record<string, Language>> = {
  bash: "Shell",
  coq: "Rocq Prover",
  cpp: "C++",
  cs: "C#",
  csharp: "C#",
  golang: "Go",
  js: "JavaScript",
  kt: "Kotlin",
  md: "Markdown",
  py: "Python",
  razor: "HTML+Razor",
  rb: "Ruby",
  rs: "Rust",
  sh: "Shell",
  ts: "TypeScript",
  yml: "YAML",
};

const EDITS_MAX = 2;
/** Shorter names are two edits from too many others. */
const TWO_EDITS_UNITS_MIN = 5;
const SUGGESTIONS_MAX = 3;

const byFoldedName = new Map<string, Language>([
  ...LANGUAGES.map((name): [string, Language] => [fold(name), name]),
  ...Object.entries(ALIASES),
]);

/** The language that a folded name stands for; null for none. */
export function languageNamed(folded: string): Language | null {
  return byFoldedName.get(folded) ?? null;
}

/** The languages that a folded name, which is none's, may have been meant for, those with the fewest edits. */
export function languagesNear(folded: string): Language[] {
  const editsMax = folded.length < TWO_EDITS_UNITS_MIN ? 1 : EDITS_MAX;
  const near = [...byFoldedName].flatMap(([name, language]) => {
    const edits = editDistance(name, folded);
    return edits <= editsMax ? [{ language, edits }] : [];
  });
  const nearest = Math.min(...near.map(({ edits }) => edits));
  const languages = near.filter(({ edits }) => edits === nearest).map(({ language }) => language);
  return [...new Set(languages)].slice(0, SUGGESTIONS_MAX);
}
