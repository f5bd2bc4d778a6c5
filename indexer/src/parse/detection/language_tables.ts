/**
 * Which file names and interpreters belong to which language, in the words of GitHub's Linguist. Data
 * alone.
 */
import type { Table } from "./language_extensions.ts";

/** Names of whole files that no extension tells, or that have another language than it does. */
export const FILE_NAMES = {
  "CMake": "CMakeLists.txt",
  "CODEOWNERS": "CODEOWNERS",
  "Clojure": "riemann.config",
  "CoffeeScript": "Cakefile",
  "Dockerfile": "Dockerfile Containerfile",
  "Dotenv": ".env.ci .env.dev .env.development .env.development.local .env.example .env.local " +
    ".env.prod .env.production .env.sample .env.staging .env.test .env.testing .env.template",
  "Elixir": "mix.lock",
  "Emacs Lisp": ".abbrev_defs .gnus .spacemacs .viper Cask Eask Project.ede _emacs abbrev_defs",
  "Erlang": "Emakefile rebar.config rebar.config.lock rebar.lock",
  "Gemfile.lock": "Gemfile.lock",
  "Git Attributes": ".gitattributes",
  "Git Config": ".gitmodules .tgitconfig config.worktree",
  "Go Checksums": "go.sum go.work.sum",
  "Go Module": "go.mod",
  "Go Workspace": "go.work",
  "Groovy": "Jenkinsfile",
  "INI": ".npmrc .pylintrc .buckconfig .coveragerc .flake8 .gitreview buildozer.spec pylintrc " +
    "vlcrc",
  "Ignore List": ".dockerignore .npmignore .eslintignore .prettierignore .agignore .atomignore " +
    ".babelignore .bzrignore .ckignore .coffeelintignore .cvsignore .easignore " +
    ".eleventyignore .eslint-ignore .ignore .markdownlintignore .nodemonignore .rgignore " +
    ".stylelintignore .vercelignore .vscodeignore gitignore-global gitignore_global",
  "JSON": "composer.lock deno.lock flake.lock mcmod.info MODULE.bazel.lock Pipfile.lock .nycrc " +
    ".c8rc .watchmanconfig bun.lock .all-contributorsrc .arcconfig .auto-changelog " +
    ".htmlhintrc .imgbotconfig .releaserc .secrets.baseline .tern-config .tern-project " +
    "Package.resolved",
  "JSON with Comments":
    "tsconfig.json jsconfig.json .eslintrc.json .babelrc .jshintrc .swcrc devcontainer.json " +
    "language-configuration.json .devcontainer.json .eslintrc .jscsrc .jslintrc " +
    ".oxlintrc.json api-extractor.json tslint.json",
  "JavaScript": "Jakefile",
  "Jupyter Notebook": "Notebook",
  "Just": "justfile Justfile .justfile .JUSTFILE .Justfile JUSTFILE",
  "Lex": "Lexer.x lexer.x",
  "Lua": ".luacheckrc",
  "M4Sugar": "configure.ac configure.in",
  "Makefile":
    "Makefile makefile BSDmakefile GNUmakefile Kbuild Makefile.am Makefile.in Makefile.boot " +
    "Makefile.frag Makefile.inc Makefile.pc Makefile.wat makefile.sco mkfile",
  "Markdown": "contents.lr",
  "Meson": "meson.build meson_options.txt",
  "Nim": "nim.cfg",
  "PHP": ".php_cs .php_cs.dist Phakefile",
  "Perl": "cpanfile ack .latexmkrc Rexfile latexmkrc",
  "Pip Requirements":
    "requirements.txt requirements-dev.txt dev-requirements.txt requirements.lock.txt",
  "Puppet": "Modulefile",
  "Python": "SConstruct SConscript wscript DEPS .gclient Snakefile",
  "R": ".Rapp.history .Rprofile expr-dist",
  "Ruby": "Gemfile Rakefile Vagrantfile Podfile Guardfile Capfile Fastfile Brewfile Berksfile " +
    "Buildfile Deliverfile Puppetfile Snapfile Steepfile Thorfile Appraisals Dangerfile " +
    ".irbrc .pryrc .simplecov Jarfile Mavenfile buildfile",
  "Shell": ".bashrc .bash_profile .bash_aliases .bash_logout .profile .zshrc .zshenv .zprofile " +
    ".envrc PKGBUILD APKBUILD gradlew .bash_functions .bash_history .cshrc .flaskenv .kshrc " +
    ".login .tmux.conf .xinitrc .xsession .zlogin .zlogout 9fs bash_aliases bash_logout " +
    "bash_profile bashrc cshrc kshrc login man mvnw profile tmux.conf xinitrc xsession zlogin " +
    "zlogout zprofile zshenv zshrc",
  "Starlark":
    "BUILD BUILD.bazel WORKSPACE WORKSPACE.bazel MODULE.bazel Tiltfile BUCK WORKSPACE.bzlmod",
  "TOML": "Cargo.lock Pipfile poetry.lock uv.lock pdm.lock Gopkg.lock Cargo.toml.orig " +
    "mise.local.lock mise.lock",
  "Tcl": "owh starfield",
  "Text": "LICENSE COPYING NOTICE AUTHORS README INSTALL CHANGES NEWS CITATION CITATIONS " +
    "COPYING.regex COPYRIGHT.regex FONTLOG INSTALL.mysql LICENSE.mysql README.me README.mysql " +
    "README.nss README.pc click.me delete.me keep.me package.mask package.use.mask " +
    "package.use.stable.mask read.me readme.1st test.me use.mask use.stable.mask",
  "Vim script": "_vimrc .gvimrc .exrc .nvimrc gvimrc nvimrc vimrc",
  "XML":
    ".classpath .project App.config NuGet.config Web.config packages.config Settings.StyleCop " +
    "Web.Debug.config Web.Release.config",
  "YAML": ".clang-format .clang-tidy .clangd .gemrc CITATION.cff glide.lock pixi.lock yarn.lock",
} as const satisfies Table;

/** Programs of a shebang line, without their versions. */
export const INTERPRETERS = {
  "Awk": "awk gawk mawk nawk",
  "C": "tcc",
  "Clojure": "bb",
  "CoffeeScript": "coffee",
  "Common Lisp": "lisp sbcl ccl clisp ecl",
  "Crystal": "crystal",
  "DTrace": "dtrace",
  "Dart": "dart",
  "Elixir": "elixir",
  "Erlang": "escript",
  "Groovy": "groovy",
  "Haskell": "runhaskell runghc stack runhugs",
  "JavaScript": "node nodejs qjs chakra d gjs js rhino v v8-shell",
  "Julia": "julia",
  "Kotlin": "kotlin",
  "Lua": "lua luajit",
  "Makefile": "make",
  "Mercury": "mmi",
  "OCaml": "ocaml ocamlrun ocamlscript",
  "PHP": "php",
  "Pascal": "instantfpc",
  "Perl": "perl cperl",
  "PowerShell": "pwsh",
  "Prolog": "swipl yap",
  "Python": "python pypy uv py",
  "R": "Rscript",
  "Racket": "racket",
  "Raku": "raku perl6 rakudo",
  "Ruby": "ruby jruby macruby rake rbx",
  "Rust": "rust-script",
  "Scala": "scala",
  "Scheme": "scheme guile bigloo chicken csi gosh r6rs",
  "Shell": "sh bash dash ksh zsh ash bats rc mksh pdksh",
  "Swift": "swift",
  "Tcl": "tclsh wish expect",
  "TypeScript": "deno bun tsx ts-node",
  "Wolfram Language":
    "wolfram WolframKernel wolframscript math MathKernel MathematicaScript WolframNB " +
    "Mathematica",
  "Zig": "zig",
  "fish": "fish",
} as const satisfies Table;

/** What editors call a language in a modeline, where that is not the Linguist name in lower case. */
export const MODES = {
  "C#": "csharp",
  "C++": "cpp",
  "Emacs Lisp": "emacs-lisp elisp",
  "JavaScript": "js js2 node",
  "Objective-C": "objc obj-c",
  "Objective-C++": "objcpp",
  "Perl": "cperl",
  "Ruby": "enh-ruby",
  "Shell": "sh shell-script bash zsh",
  "TeX": "latex plaintex",
  "Vim script": "vim",
} as const satisfies Table;
