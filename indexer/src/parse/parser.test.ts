import { afterAll, describe, expect, test } from "vitest";
import { languageOfPath, languageOfShebang } from "./detection/language.ts";
import { EXTENSIONS } from "./detection/language_extensions.ts";
import { FILE_NAMES, INTERPRETERS } from "./detection/language_tables.ts";
import {
  createSymbolParser,
  PARSE_BYTES_MAX,
  PARSE_MILLISECONDS_MAX,
  type ParseOutcome,
  type SymbolParser,
} from "./parser.ts";
import { loadLanguages } from "./languages/registry.ts";
import { ENTRIES_MAX } from "./languages/structure/outline.ts";
import {
  DOC_UNITS_MAX,
  type ExtractedSymbol,
  IMPORTED_NAMES_MAX,
  IMPORTS_MAX,
  NAME_CODE_POINTS_MAX,
  SIGNATURE_UNITS_MAX,
  SPECIFIER_UNITS_MAX,
} from "./symbol.ts";

const supportedLanguages = await loadLanguages();

function parseText(parser: SymbolParser, language: string, text: string): Promise<ParseOutcome> {
  return parser.parse({ language, text, sizeBytes: Buffer.byteLength(text) });
}

function symbolsOf(outcome: ParseOutcome): readonly ExtractedSymbol[] {
  if ("skip" in outcome) throw new Error(`no symbols: ${outcome.skip}`);
  return outcome.symbols;
}

const LARGE_TEXT = "export const value = [1, 2, 3];\n".repeat(5000);

describe("symbol parser", () => {
  const parser = createSymbolParser({ now: () => performance.now() });
  afterAll(() => parser.close());

  test("counts columns in UTF-16 units, behind a byte order mark and in CRLF too", async () => {
    const text = "\ufeff/* 😀𝒳 */ class A {\r\n  /* 😀 */ run() {}\r\n}\r\n";
    expect(symbolsOf(await parseText(parser, "TypeScript", text))).toEqual([
      {
        name: "A",
        kind: "class",
        startLine: 1,
        startColumn: text.indexOf("A {") + 1,
        rangeLine: 1,
        rangeColumn: text.indexOf("class") + 1,
        endLine: 3,
        endColumn: 2,
        container: null,
        signature: "class A",
        doc: null,
        exported: true,
      },
      {
        name: "run",
        kind: "method",
        startLine: 2,
        startColumn: 12,
        rangeLine: 2,
        rangeColumn: 12,
        endLine: 2,
        endColumn: 20,
        container: "A",
        signature: "run()",
        doc: null,
        exported: true,
      },
    ]);
  });

  test("reads a surrogate pair whole wherever the input is cut into pieces", async () => {
    // The grammar is fed some 5,000 units at a time.
    for (let length = 5100; length <= 5140; length++) {
      const comment = `/*${"x".repeat(length)}😀*/ `;
      const [symbol] = symbolsOf(await parseText(parser, "TypeScript", `${comment}class A😀 {}`));
      expect([symbol?.name, symbol?.startColumn]).toEqual(["A😀", comment.length + 7]);
    }
  });

  test("bounds names and signatures, and cuts no surrogate pair", async () => {
    const name = "😀".repeat(NAME_CODE_POINTS_MAX + 50);
    const text = `interface A { "${name}": string; "x${name}": string }`;
    const symbols = symbolsOf(await parseText(parser, "TypeScript", text));
    expect(symbols).toHaveLength(3);
    for (const symbol of symbols.slice(1)) {
      expect(Array.from(symbol.name)).toHaveLength(NAME_CODE_POINTS_MAX);
      expect(symbol.name.isWellFormed()).toBe(true);
      expect(symbol.signature.length).toBeLessThanOrEqual(SIGNATURE_UNITS_MAX);
      expect(symbol.signature.isWellFormed()).toBe(true);
    }
  });

  test("puts no control character into a name or a signature", async () => {
    const text = 'interface A { "a\u0001\u0002\tb": string }';
    const symbols = symbolsOf(await parseText(parser, "TypeScript", text));
    expect(symbols.map(({ name, signature }) => [name, signature])).toContainEqual(
      ["a b", '"a b": string'],
    );
  });

  test("bounds what it says of data, however much of it there is", async () => {
    const keys = Array.from({ length: 3 * ENTRIES_MAX }, (_, index) => `"key${index}": 1`);
    const json = await parseText(parser, "JSON", `{${keys.join(",\n")}}`);
    expect(symbolsOf(json)).toHaveLength(ENTRIES_MAX);
    const yaml = keys.map((key) => `${key}\n`).join("");
    expect(symbolsOf(await parseText(parser, "YAML", yaml))).toHaveLength(ENTRIES_MAX);
  });

  test("bounds docs, imports and the names that they bring", async () => {
    const names = Array.from({ length: 2 * IMPORTED_NAMES_MAX }, (_, index) => `a${index}`);
    const text = `import { ${names.join(", ")} } from "${"m".repeat(5000)}";\n` +
      'import "b";\n'.repeat(2 * IMPORTS_MAX) +
      `/** ${"doc ".repeat(900)} */\nexport class A {}\n`;
    const outcome = await parseText(parser, "TypeScript", text);
    if ("skip" in outcome) throw new Error(outcome.skip);
    expect(outcome.imports).toHaveLength(IMPORTS_MAX);
    expect(outcome.imports[0]?.names).toHaveLength(IMPORTED_NAMES_MAX);
    expect(outcome.imports[0]?.specifier).toHaveLength(SPECIFIER_UNITS_MAX);
    expect(outcome.symbols[0]?.doc).toHaveLength(DOC_UNITS_MAX);
  });

  test("says why a file has no symbols", async () => {
    expect(await parseText(parser, "Text", "# Title")).toEqual({ skip: "unknown_language" });
    expect(await parseText(parser, "", "class A {}")).toEqual({ skip: "unknown_language" });
    const source = { language: "Go", text: "package a", sizeBytes: PARSE_BYTES_MAX + 1 };
    expect(await parser.parse(source)).toEqual({ skip: "too_large_to_parse" });
  });

  test("sees nothing of the file before", async () => {
    for (const text of ["x", "f", "a.b"]) {
      await parseText(parser, "JavaScript", "f(1, g(2)); h = 3; i(4);");
      const outcome = await parseText(parser, "JavaScript", text);
      const references = "skip" in outcome ? [] : outcome.references;
      expect(references.map(({ role }) => role)).toEqual(references.map(() => "read"));
      expect(references).not.toEqual([]);
    }
  });

  test("finds nothing in an empty file and does not mind", async () => {
    for (const language of supportedLanguages.keys()) {
      expect(symbolsOf(await parseText(parser, language, ""))).toEqual([]);
    }
  });

  test("survives nesting that no stack would", async () => {
    const depth = 20_000;
    const sources: [string, string][] = [
      ["TypeScript", "namespace a {".repeat(depth)],
      ["TypeScript", "export const f = " + "(".repeat(depth) + "1" + ")".repeat(depth)],
      ["Python", Array.from({ length: 500 }, (_, n) => " ".repeat(n) + "if a:\n").join("")],
      ["Python", "(".repeat(depth) + "a" + ")".repeat(depth) + " = 1"],
      ["Go", "package a\ntype A " + "struct { B ".repeat(depth)],
      ["C", "struct a {".repeat(depth)],
      ["C", "int " + "(*".repeat(depth) + "a" + ")".repeat(depth) + ";"],
      ["C", "#if A\n".repeat(depth)],
      ["C++", "namespace a {".repeat(depth)],
      ["C++", "int " + "a::".repeat(depth) + "b() {}"],
      ["Ruby", "module A\n".repeat(depth)],
      ["Ruby", "private ".repeat(depth)],
      ["Shell", "if a; then\n".repeat(500)],
      ["Lua", "return {a=".repeat(depth)],
      ["Elixir", "defmodule A do\n".repeat(500)],
      ["Elixir", "def " + "a when ".repeat(depth)],
      ["Zig", "const A = struct {".repeat(depth)],
      ["CSS", "@media a {".repeat(depth)],
      ["CSS", ":not(".repeat(depth) + ".a" + ")".repeat(depth) + "{}"],
      ["HTML", "<div>".repeat(depth)],
      ["JSON", '{"a":'.repeat(depth)],
      ["JSON", "[".repeat(depth)],
      ["YAML", Array.from({ length: 500 }, (_, n) => " ".repeat(n) + "a:\n").join("")],
      ["YAML", "a: [\n".repeat(depth)],
      ["TOML", "a = [\n".repeat(depth)],
      ["TOML", "a.".repeat(depth) + "b = 1"],
      ["Markdown", "#".repeat(depth) + " a\n" + "# ".repeat(depth)],
    ];
    for (const [language, text] of sources) {
      const outcome = await parseText(parser, language, text);
      expect(outcome).toSatisfy((found: ParseOutcome) => "skip" in found || "symbols" in found);
    }
    expect(symbolsOf(await parseText(parser, "Go", "package a"))).toHaveLength(1);
    // Each may take PARSE_MILLISECONDS_MAX, and does where other programs use the processors.
  }, 120_000);
});

describe("symbol parser in trouble", () => {
  test("gives up at the time limit and starts the next file afresh", async () => {
    let time = 0;
    let step = PARSE_MILLISECONDS_MAX;
    const parser = createSymbolParser({ now: () => (time += step) });
    expect(await parseText(parser, "TSX", LARGE_TEXT)).toEqual({ skip: "parse_timeout" });
    step = 0;
    const symbols = symbolsOf(await parseText(parser, "TSX", "class A {}"));
    expect(symbols.map((symbol) => symbol.name)).toEqual(["A"]);
    parser.close();
  });

  test.each(["Error", "RuntimeError"])(
    "replaces a parser that threw an %s and goes on",
    async (errorName) => {
      let calls = 0;
      let callsMax = 1;
      const parser = createSymbolParser({
        now: () => {
          calls++;
          if (calls <= callsMax) return 0;
          throw Object.assign(new Error("thrown out of the parser"), { name: errorName });
        },
      });
      expect(await parseText(parser, "TSX", LARGE_TEXT)).toEqual({ skip: "parse_failed" });
      callsMax = Infinity;
      const symbols = symbolsOf(await parseText(parser, "TSX", "class A {}"));
      expect(symbols.map((symbol) => symbol.name)).toEqual(["A"]);
      parser.close();
    },
  );
});

describe("language of a file", () => {
  test.each([
    ["src/a.ts", "TypeScript"],
    ["a.d.mts", "TypeScript"],
    ["A.TSX", "TSX"],
    ["lib/x.cjs", "JavaScript"],
    ["stub.pyi", "Python"],
    ["cmd/main.go", "Go"],
    ["go.mod", "Go Module"],
    ["docker/Dockerfile.dev", "Dockerfile"],
    ["Makefile", "Makefile"],
    [".gitignore", "Ignore List"],
    ["README.md", "Markdown"],
    [".ts", "TypeScript"],
    ["dir.go/file", ""],
    ["unknown.xyz", ""],
    ["", ""],
    ["include/a.h", "C"],
    ["a.hpp", "C++"],
    ["a.m", "Objective-C"],
    ["a.mm", "Objective-C++"],
    ["a.pl", "Perl"],
    ["db/a.sql", "SQL"],
    ["a.pgsql", "PLpgSQL"],
    ["build.gradle.kts", "Kotlin"],
    ["build.gradle", "Gradle"],
    ["build.sbt", "Scala"],
    ["mix.exs", "Elixir"],
    ["a.zon", "Zig"],
    ["a.csproj", "XML"],
    ["Web.config", "XML"],
    ["Rakefile", "Ruby"],
    ["a.gemspec", "Ruby"],
    ["Berksfile", "Ruby"],
    ["Gemfile.lock", "Gemfile.lock"],
    ["yarn.lock", "YAML"],
    ["Cargo.lock", "TOML"],
    ["composer.lock", "JSON"],
    ["bun.lock", "JSON"],
    ["tsconfig.json", "JSON with Comments"],
    ["package.json", "JSON"],
    [".env.production", "Dotenv"],
    [".bashrc", "Shell"],
    ["CMakeLists.txt", "CMake"],
    ["requirements.txt", "Pip Requirements"],
    ["notes.txt", "Text"],
    ["a.tf", "HCL"],
    ["a.proto", "Protocol Buffer"],
    ["a.erb", "HTML+ERB"],
    ["a.vue", "Vue"],
    ["a.R", "R"],
    ["BUILD.bazel", "Starlark"],
    ["go.sum", "Go Checksums"],
    ["sketch.ino", "C++"],
    ["a.tcc", "C++"],
    ["config.h.in", "C"],
    ["a.rbi", "Ruby"],
    ["index.rabl", "Ruby"],
    ["a.god", "Ruby"],
    ["feed.builder", "Ruby"],
    ["a.wsgi", "Python"],
    ["a.py3", "Python"],
    ["a.tac", "Python"],
    ["Snakefile", "Python"],
    ["rules.smk", "Python"],
    ["a.jsm", "JavaScript"],
    ["a.jsb", "JavaScript"],
    ["a.javascript", "JavaScript"],
    ["a.sjs", "JavaScript"],
    ["a.phpt", "PHP"],
    ["view.ctp", "PHP"],
    ["a.php3", "PHP"],
    [".php_cs", "PHP"],
    [".php_cs.dist", "PHP"],
    ["a.command", "Shell"],
    ["a.tool", "Shell"],
    ["a.tmux", "Shell"],
    ["a.zsh-theme", "Shell"],
    ["bashrc", "Shell"],
    ["zshrc", "Shell"],
    [".kshrc", "Shell"],
    ["gradlew", "Shell"],
    ["a.kojo", "Scala"],
    ["a.nse", "Lua"],
    ["a.ddl", "SQL"],
    ["a.mysql", "SQL"],
    ["a.prc", "SQL"],
    ["a.pkb", "PLSQL"],
    ["a.sublime-syntax", "YAML"],
    ["a.jsonl", "JSON"],
    ["a.gltf", "JSON"],
    ["a.json.example", "JSON"],
    ["a.tsconfig.json", "JSON with Comments"],
    [".eslintrc", "JSON with Comments"],
    ["a.xht", "HTML"],
    ["a.hta", "HTML"],
    ["a.mkdown", "Markdown"],
    ["a.mdwn", "Markdown"],
    ["mix.lock", "Elixir"],
    ["a.vh", "SystemVerilog"],
    ["a.rest.txt", "reStructuredText"],
    ["Cargo.toml.orig", "TOML"],
    [".env", "Dotenv"],
    ["a.xslt", "XSLT"],
    ["a.inc", ""],
    ["a.cgi", ""],
    ["a.cql", ""],
  ])("at %s is %s", (path, language) => {
    expect(languageOfPath(path)).toBe(language);
  });

  test("is one alone by each of its names", () => {
    for (const table of [EXTENSIONS, FILE_NAMES, INTERPRETERS]) {
      const all = Object.values(table).flatMap((words) => words.split(" "));
      expect(all.filter((word, index) => all.indexOf(word) !== index)).toEqual([]);
    }
  });

  test.each([
    ["#!/usr/bin/env node\n", "JavaScript"],
    ["#!/usr/bin/python3.12 -u\n", "Python"],
    ["#! /usr/bin/env -S A=b deno run\n", "TypeScript"],
    ["#!/bin/sh", "Shell"],
    ["#!/usr/bin/env bash\n", "Shell"],
    ["#!/usr/bin/env -S uv run --script\n", "Python"],
    ["#!/usr/bin/pwsh -NoProfile\n", "PowerShell"],
    ["#!/usr/bin/perl5.36 -w\n", "Perl"],
    ["#!/usr/local/bin/ruby2.7\r\n", "Ruby"],
    ["#!/usr/bin/env lua5.4\n", "Lua"],
    ["#!/usr/bin/php\n<?php", "PHP"],
    ["#!/usr/bin/env elixir\n", "Elixir"],
    ["#!/bin/unknown\n", ""],
    ["#!", ""],
    ["// no shebang", ""],
  ])("with the shebang %j is %s", (text, language) => {
    expect(languageOfShebang(text)).toBe(language);
  });
});
