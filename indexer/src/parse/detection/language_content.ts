/**
 * Which language a file is in where its path leaves it open: extensions that several languages
 * share, and files without one. The answer depends on what the path said and on the text alone, so
 * that a blob has the same one in every path of that language. Knows no path.
 */
import type { Language } from "../../../../supabase/functions/_shared/text/languages.ts";
import { byWord, type LanguageName, languageOfShebang } from "./language.ts";
import { EXTENSIONS } from "./language_extensions.ts";
import { FILE_NAMES, MODES } from "./language_tables.ts";

/** How much of a text is looked at: past a long licence, and what a few regular expressions may cost. */
const HEAD_UNITS_MAX = 32 * 1024;

/** Where editors look for a modeline: so many lines at either end. */
const MODELINE_LINES = 5;
const MODELINE_SOURCE_UNITS_MAX = 2000;

interface Rule {
  readonly language: Language;
  /** Any of these words occurs, or the pattern is not tried: most files need no more than that. */
  readonly words: readonly string[];
  readonly pattern: RegExp;
}

const OBJECTIVE_C: Rule = {
  language: "Objective-C",
  words: ["@interface", "@class", "@protocol", "@implementation", "@import", "#import", "@end"],
  pattern:
    /^[ \t]*(?:@(?:interface|class|protocol|implementation|import|end)\b|#\s*import\s+["<])/m,
};

const CPP: Rule = {
  language: "C++",
  words: [
    "class ",
    "template",
    "namespace",
    "std::",
    "public:",
    "private:",
    "protected:",
    "constexpr",
  ],
  pattern: new RegExp(
    [
      String.raw`^[ \t]*(?:export[ \t]+)?template[ \t]*<`,
      String
        .raw`^[ \t]*(?:enum[ \t]+)?class[ \t]+(?:[A-Z_]+[ \t]+)?[\w:<>]+[ \t]*(?:final[ \t]*)?[:{;\n]`,
      String.raw`^[ \t]*(?:inline[ \t]+)?namespace(?:[ \t]+[\w:]+)?[ \t]*(?:\n[ \t]*)?\{`,
      String.raw`^[ \t]*using[ \t]+namespace\b`,
      String.raw`^[ \t]*(?:public|private|protected)[ \t]*:`,
      String.raw`\bstd::\w`,
      String.raw`^[ \t]*(?:static[ \t]+|inline[ \t]+)*constexpr\b`,
    ].join("|"),
    "m",
  ),
};

/** For the language of a path: what a file may be instead, the surest sign first. */
const RULES: ReadonlyMap<LanguageName, readonly Rule[]> = new Map([
  ["C", [OBJECTIVE_C, CPP]],
  ["C#", [{
    language: "Smalltalk",
    words: ["methodsFor:"],
    pattern: /![\w\s]+methodsFor: /,
  }]],
  ["D", [{
    language: "Makefile",
    words: [": ", ":\\"],
    pattern: /^[^\s:#]+\.(?:o|d|lo|obj|rmeta|rlib)\s*:(?:\s|\\)/m,
  }, {
    language: "DTrace",
    words: ["#pragma D", ":::", "dtrace"],
    pattern: /^(?:\w+:\w*:\w*:\w*|BEGIN|END|#pragma\s+D\s.*)$/m,
  }]],
  ["F#", [{
    language: "GLSL",
    words: ["void main", "#version", "precision ", "uniform "],
    pattern: /^[ \t]*(?:#version|precision|uniform|varying|vec[234]|void\s+main)\b/m,
  }]],
  ["JSON with Comments", [{
    language: "YAML",
    words: [":"],
    pattern: /^(?:[^\S\n]*(?:#.*)?\n)*[ \t]*(?:---|[\w-]+[ \t]*:)/,
  }]],
  ["M4", [{
    language: "M4Sugar",
    words: ["AC_", "m4_"],
    pattern: /\bAC_(?:DEFUN|PREREQ|INIT)\b|^_?m4_/m,
  }]],
  ["Objective-C", [{
    language: "Objective-C",
    words: OBJECTIVE_C.words,
    pattern: OBJECTIVE_C.pattern,
  }, {
    language: "Mercury",
    words: [":- module"],
    pattern: /^:- module/m,
  }, {
    language: "Wolfram Language",
    words: ["(*", "Package["],
    pattern: /^[ \t]*\(\*|^[ \t]*BeginPackage\[/m,
  }, {
    language: "MATLAB",
    words: ["%", "function", "classdef"],
    pattern: /^[ \t]*(?:%|function\b[^(=]{0,200}[(=]|classdef\b)/m,
  }]],
  ["Objective-C++", [{
    language: "XML",
    words: ["<?xml", "<map"],
    pattern: /^\s*(?:<\?xml\s|<map[\s>])/,
  }]],
  ["PHP", [{ language: "Hack", words: ["<?hh"], pattern: /^<\?hh/m }]],
  ["Perl", [{
    language: "Perl",
    words: ["use strict", "use warnings", "package ", "use Test", "my $", "#!"],
    pattern:
      /^(?:#!.*perl|[ \t]*(?:use\s+(?:strict|warnings|Test)|package\s+[\w:]+\s*;|my\s+[$@%]))/m,
  }, {
    language: "Prolog",
    words: [":-"],
    pattern: /^[^#%\n]{0,500}:-/m,
  }, {
    language: "Raku",
    words: ["use v6", "unit "],
    pattern: /^[ \t]*(?:use\s+v6\b|unit\s+(?:module|class)\b)/m,
  }]],
  ["Puppet", [{
    language: "Pascal",
    words: ["unit ", "program ", "begin"],
    pattern: /^[ \t]*(?:unit|program)\s+\w+;/im,
  }]],
  ["R", [{ language: "Rebol", words: ["REBOL", "Rebol"], pattern: /\bREBOL\s*\[/i }]],
  ["Rust", [{
    language: "RenderScript",
    words: ["#pragma"],
    pattern: /^#pragma\s+(?:rs|version)\b/m,
  }]],
  ["SQL", [{
    language: "PLpgSQL",
    words: ["plpgsql", "PLPGSQL", "$$", "\\i "],
    pattern: /^\\i\b|\bas\s+\$\w*\$|\blanguage\s+'?plpgsql\b/im,
  }, {
    language: "TSQL",
    words: ["GO", "go", "@", "[dbo]"],
    pattern: /^[ \t]*go[ \t]*$|\bdeclare\s+@|\bbegin\s+(?:try|catch)\b|\[dbo\]\./im,
  }, {
    language: "PLSQL",
    words: ["PACKAGE", "package", "DBMS_", "dbms_", "VARCHAR2", "varchar2", "%TYPE", "%type"],
    pattern: /\bcreate\s+(?:or\s+replace\s+)?package\b|\bdbms_\w|\bvarchar2\b|\w%type\b/i,
  }]],
  ["TSX", [{ language: "XML", words: ["<?xml"], pattern: /^\s*<\?xml\s+version/i }]],
  ["TypeScript", [{
    language: "XML",
    words: ["<TS", "<!DOCTYPE TS"],
    pattern: /^\s*(?:<\?xml[^>]*>\s*)?(?:<!DOCTYPE TS[^>]*>\s*)?<TS[\s>]/,
  }]],
  ["Verilog", [{
    language: "Rocq Prover",
    words: ["Proof", "Qed", "Require"],
    pattern: /(?:^|\s)(?:Proof|Qed)\.(?:$|\s)|^[ \t]*Require\s+(?:Import|Export)\s/m,
  }, {
    language: "V",
    words: ["fn ", "module "],
    pattern: /^(?:pub\s+)?fn\s+(?:\([^)]{0,200}\)\s*)?\w+\(.*\{[ \t]*$/m,
  }]],
  ["Yacc", [{ language: "JSON", words: ["{"], pattern: /^\s*[{[]\s*["\]}]/ }]],
  ["", [{ language: "XML", words: ["<?xml"], pattern: /^\s*<\?xml\s/ }, {
    language: "PHP",
    words: ["<?php"],
    pattern: /^\s*<\?php\b/,
  }]],
]);

const languageByMode = new Map<string, LanguageName>([
  ...Object.keys({ ...EXTENSIONS, ...FILE_NAMES }).map((language): [string, LanguageName] => [
    language.toLowerCase(),
    language,
  ]),
  ...byWord(MODES),
]);

const EMACS_MODE =
  /-\*-\s{0,20}(?:(?:[^\n]{0,200}?;)?\s{0,20}mode\s{0,20}:\s{0,20})?([\w+#.-]{1,40})\s{0,20}(?:;[^\n]{0,200}?)?-\*-/i;
const VIM_MODE = /(?:^|\s)(?:vi|vim|ex)[^:\n]*:[^\n]*?\b(?:ft|filetype|syntax)\s*=\s*(\w+)/;

/** What an editor is told at the beginning or at the end of a file; empty when it is not. */
function languageOfModeline(text: string): LanguageName {
  const head = text.slice(0, MODELINE_SOURCE_UNITS_MAX).split("\n").slice(0, MODELINE_LINES);
  const tail = text.slice(-MODELINE_SOURCE_UNITS_MAX).split("\n").slice(-MODELINE_LINES);
  const emacs = EMACS_MODE.exec(head.slice(0, 2).join("\n"))?.[1];
  const mode = emacs ?? VIM_MODE.exec([...head, ...tail].join("\n"))?.[1] ?? "";
  return languageByMode.get(mode.toLowerCase()) ?? "";
}

const COMMENTS = /\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*/g;

function applies(rule: Rule, head: string): boolean {
  return rule.words.some((word) => head.includes(word)) && rule.pattern.test(head);
}

/** C and its kin are told apart by what stands outside of comments. */
function languageOfRules(pathLanguage: LanguageName, text: string): LanguageName {
  const head = text.slice(0, HEAD_UNITS_MAX);
  const rules = RULES.get(pathLanguage) ?? [];
  const found = rules.filter((rule) => applies(rule, head));
  if (pathLanguage !== "C" || found.length === 0) return found[0]?.language ?? pathLanguage;
  const code = head.replace(COMMENTS, "");
  return found.find((rule) => rule.pattern.test(code))?.language ?? pathLanguage;
}

/**
 * The language of a text whose path spoke of `pathLanguage` (empty: of none). Only languages whose
 * extensions are shared, and files without a language, are ever answered differently.
 */
export function languageOfText(pathLanguage: LanguageName, text: string): LanguageName {
  if (!RULES.has(pathLanguage)) return pathLanguage;
  if (pathLanguage === "") {
    const byShebang = languageOfShebang(text);
    if (byShebang !== "") return byShebang;
  }
  const byMode = languageOfModeline(text);
  return byMode === "" ? languageOfRules(pathLanguage, text) : byMode;
}
