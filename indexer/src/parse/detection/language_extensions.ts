/**
 * Which extensions belong to which language, in the words of GitHub's Linguist. Data alone.
 */
import type { Language } from "../../../../supabase/functions/_shared/text/languages.ts";

/** Words of a language, apart by spaces. */
export type Table = Partial<Record<Language, string>>;

/**
 * One line a language. An extension that several languages share stands with the commonest of them;
 * language_content.ts knows how to tell the others by what a file says. Left out is what files of other
 * languages have, which are none here, more often (asc, bb, cl, fpp, mod, res, rpy, sch, shader, sw, tact,
 * typ, vcf), and what says nothing (cgi, fcgi, gs, i, inc, nb, pro, re, spec): a shebang, a modeline or
 * how it begins tells of many of these. A language that Linguist counts to another, and that has no
 * symbols of its own here, stands with that one: Snakemake with Python, ebuilds with Shell.
 */
export const EXTENSIONS = {
  "AsciiDoc": "adoc asciidoc",
  "Assembly": "asm s a51 nasm",
  "Astro": "astro",
  "Awk": "awk gawk auk mawk nawk",
  "Ballerina": "bal",
  "Batchfile": "bat cmd",
  "Bicep": "bicep bicepparam",
  "C": "c h cats h.in idc",
  "C#": "cs csx cake cs.pp linq",
  "C++": "cc cpp cxx c++ hh hpp hxx h++ inl ipp tpp txx ixx cppm cp ino tcc",
  "CMake": "cmake cmake.in",
  "CSS": "css",
  "CSV": "csv",
  "Clojure": "clj cljc cljs edn boot cl2 cljs.hl cljscm cljx hic",
  "CoffeeScript": "coffee _coffee cjsx coffee.erb iced",
  "Common Lisp": "lisp lsp asd ny podsl sexp",
  "Crystal": "cr",
  "Cuda": "cu cuh",
  "Cython": "pyx pxd pxi",
  "D": "d di",
  "Dart": "dart",
  "Diff": "diff patch",
  "Dockerfile": "dockerfile containerfile",
  "Dotenv": "env",
  "EJS": "ejs ect ejs.t jst",
  "EditorConfig": "editorconfig",
  "Elixir": "ex exs",
  "Elm": "elm",
  "Emacs Lisp": "el emacs emacs.desktop",
  "Erlang": "erl hrl escript app app.src xrl yrl",
  "F#": "fs fsi fsx",
  "Fortran": "f f77 for",
  "Fortran Free Form": "f90 f95 f03 f08",
  "GDScript": "gd",
  "GLSL":
    "glsl frag vert geom fp frg fsh fshader geo glslf glslv gshader rchit rmiss tesc tese vrx " +
    "vs vsh vshader",
  "Gettext Catalog": "po pot",
  "Gherkin": "feature story",
  "Git Config": "gitconfig",
  "Go": "go",
  "Gradle": "gradle",
  "GraphQL": "graphql gql graphqls",
  "Groovy": "groovy gvy grt gtpl",
  "HCL": "hcl tf tfvars nomad tofu",
  "HLSL": "hlsl fx cginc fxh hlsli",
  "HTML": "html htm xhtml hta html.hl xht",
  "HTML+EEX": "eex heex leex",
  "HTML+ERB": "erb rhtml erb.deface",
  "HTML+Razor": "cshtml razor",
  "Hack": "hack hhi",
  "Haml": "haml haml.deface",
  "Handlebars": "hbs handlebars",
  "Haskell": "hs hs-boot hsc",
  "INI":
    "ini cfg dof cnf container lektorproject mount network prefs service socket target timer " +
    "url",
  "Ignore List": "gitignore",
  "JSON":
    "json geojson webmanifest avsc har topojson tfstate 4dform 4dproject gltf json-tmlanguage " +
    "json.example jsonl mcmeta sarif slnlaunch tfstate.backup webapp yyp",
  "JSON with Comments":
    "jsonc code-workspace sublime-settings code-snippets hujson sublime-build " +
    "sublime-color-scheme sublime-commands sublime-completions sublime-keymap sublime-macro " +
    "sublime-menu sublime-mousemap sublime-project sublime-theme sublime-workspace " +
    "sublime_metrics sublime_session tsconfig.json",
  "JSON5": "json5",
  "Java": "java jav jsh",
  "Java Properties": "properties",
  "JavaScript":
    "js jsx mjs cjs es6 es _js bones jake javascript jsb jscad jsfl jslib jsm jspre jss njs " +
    "pac sjs ssjs xsjs xsjslib",
  "Jinja": "jinja j2 jinja2",
  "Jsonnet": "jsonnet libsonnet",
  "Julia": "jl",
  "Jupyter Notebook": "ipynb",
  "Just": "just",
  "Kotlin": "kt kts ktm",
  "Less": "less",
  "Lex": "l lex",
  "Liquid": "liquid",
  "Lua": "lua rockspec wlua nse p8 pd_lua rbxs",
  "M4": "m4",
  "MATLAB": "matlab",
  "MDX": "mdx",
  "Makefile": "mk mak make makefile mkfile",
  "Markdown": "md markdown mdown mkd mkdn livemd mdwn mkdown ronn workbook",
  "Metal": "metal",
  "Mustache": "mustache",
  "Nim": "nim nims nim.cfg nimble nimrod",
  "Nix": "nix",
  "OCaml": "ml mli eliom eliomi ml4 mll mly",
  "Objective-C": "m",
  "Objective-C++": "mm",
  "Org": "org",
  "PHP": "php phtml php5 phps aw ctp php3 php4 phpt",
  "PLSQL": "pls bdy fnc pck pkb pks plb plsql spc tpb tps trg vw",
  "PLpgSQL": "pgsql",
  "Pascal": "pas dpr lpr dfm pascal",
  "Perl": "pl pm t perl ph plx psgi",
  "PowerShell": "ps1 psm1 psd1",
  "Prolog": "prolog yap",
  "Protocol Buffer": "proto",
  "Pug": "pug jade",
  "Puppet": "pp",
  "Python": "py pyi pyw gyp gypi lmi py3 pyde pyp pyt tac wsgi xpy smk snakefile",
  "QML": "qml qbs",
  "R": "r rd rhistory rsx",
  "Racket": "rkt rktd rktl scrbl",
  "Raku": "raku rakumod p6 pm6 6pl 6pm nqp p6l p6m pl6",
  "Rebol": "reb r2 r3 rebol",
  "RenderScript": "rsh",
  "Rocq Prover": "coq",
  "Ruby":
    "rb rake gemspec ru rbw podspec jbuilder thor builder eye god mspec prawn rabl rbi rbuild " +
    "rbx ruby watchr",
  "Rust": "rs rs.in",
  "SCSS": "scss",
  "SQL": "sql ddl mysql prc tab udf viw",
  "SVG": "svg",
  "Sass": "sass",
  "Scala": "scala sbt sc kojo",
  "Scheme": "scm ss sld sps",
  "Shell": "sh bash zsh ksh bats ebuild command pacscript sbatch sh.in slurm tmux tool zsh-theme",
  "Smalltalk": "st",
  "Solidity": "sol",
  "Starlark": "bzl star",
  "Stylus": "styl",
  "Svelte": "svelte",
  "Swift": "swift",
  "SystemVerilog": "sv svh vh",
  "TOML": "toml toml.example",
  "TSV": "tsv",
  "TSX": "tsx",
  "Tcl": "tcl tm adp sdc tcl.in xdc",
  "TeX": "tex sty cls ltx aux bbx cbx dtx ins lbx mkii mkiv mkvi",
  "Text": "txt no",
  "Thrift": "thrift",
  "Twig": "twig",
  "TypeScript": "ts mts cts",
  "VHDL": "vhd vhdl vhf vhi vho vhs vht vhw",
  "Verilog": "v veo",
  "Vim script": "vim vimrc vmb",
  "Visual Basic .NET": "vb vbhtml",
  "Vue": "vue",
  "WebAssembly": "wat wast",
  "Wolfram Language": "mathematica cdf ma mt nbp wl wls wlt",
  "XML":
    "xml xsd plist csproj vbproj fsproj props targets resx xaml wsdl rss nuspec adml admx ant " +
    "axaml axml builds ccproj ccxml clixml cproject cscfg csdef ct depproj dita ditamap " +
    "ditaval dll.config dotsettings filters fxml glade gmx gpx grxml hzp icls iml ivy jelly " +
    "jsproj kml launch mdpolicy meta4 mjml mxml natvis ndproj nproj odd osm pkgproj proj " +
    "ps1xml psc1 pt pubxml qhelp rbxmx rdf scxml sfproj shproj slnx srdf storyboard " +
    "sublime-snippet tml ui urdf ux vcxproj vsixmanifest vssettings vstemplate vxml wixproj " +
    "wsf wxi wxl wxs x3d xacro xib xlf xliff xmi xml.dist xmp xproj xspec xul zcml",
  "XSLT": "xslt xsl",
  "YAML": "yaml yml mir reek rviz sublime-syntax syntax yaml-tmlanguage yaml.sed yml.mysql",
  "Yacc": "y yy yacc",
  "Zig": "zig zon",
  "fish": "fish",
  "reStructuredText": "rst rest rest.txt rst.txt",
} as const satisfies Table;
