import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { languageOfText } from "./language_content.ts";

describe("language of a text", () => {
  test.each([
    ["C", "#include <stdio.h>\nint f(void);\n", "C"],
    ["C", "/* class Foo { */\nstruct s { int class_; };\n", "C"],
    ["C", "// namespace a {\nint f(void);\n", "C"],
    ["C", '#ifdef __cplusplus\nextern "C" {\n#endif\nint f(void);\n', "C"],
    ["C", "#pragma once\n#include <vector>\nstd::vector<int> f();\n", "C++"],
    ["C", "class API_EXPORT Reader final : public Base {\n", "C++"],
    ["C", "class Forward;\n", "C++"],
    ["C", "namespace a::b {\n}\n", "C++"],
    ["C", "template <typename T>\nstruct A {};\n", "C++"],
    ["C", "struct A {\n  A();\nprivate:\n  int x;\n};\n", "C++"],
    ["C", "#import <Foundation/Foundation.h>\n@interface A : NSObject\n@end\n", "Objective-C"],
    ["C", "// -*- C++ -*-\nint f();\n", "C++"],
    ["C", "// -*- mode: c++; indent-tabs-mode: nil -*-\nint f();\n", "C++"],
    ["C", "int f();\n/* vim: set ft=cpp: */\n", "C++"],
    ["Objective-C", "@implementation A\n@end\n", "Objective-C"],
    ["Objective-C", "function y = f(x)\n% doubles\ny = 2 * x;\n", "MATLAB"],
    ["Objective-C", '(* a package *)\nBeginPackage["A`"]\n', "Wolfram Language"],
    ["Perl", "use strict;\nmy $x = 1;\n", "Perl"],
    ["Perl", "parent(X, Y) :- child(Y, X).\n", "Prolog"],
    ["Perl", "use v6;\nsay 1;\n", "Raku"],
    ["TypeScript", "export class TS {}\n", "TypeScript"],
    ["TypeScript", '<?xml version="1.0"?>\n<!DOCTYPE TS>\n<TS version="2.1">\n', "XML"],
    ["SQL", "select 1;\n", "SQL"],
    ["SQL", "create function f() returns int language plpgsql as $$ begin end $$;\n", "PLpgSQL"],
    ["SQL", "USE master\nGO\nDECLARE @a int\n", "TSQL"],
    ["SQL", "CREATE OR REPLACE PACKAGE a AS\nEND;\n", "PLSQL"],
    ["Verilog", "module a(input b);\nendmodule\n", "Verilog"],
    ["Verilog", "Require Import List.\nProof. auto. Qed.\n", "Rocq Prover"],
    ["D", "a.o: a.c \\\n  a.h\n", "Makefile"],
    ["", "#!/usr/bin/env ruby\n", "Ruby"],
    ["", "# vim: ft=yaml\na: 1\n", "YAML"],
    ["", '<?xml version="1.0"?>\n', "XML"],
    ["", "<?php echo 1;\n", "PHP"],
    ["", "just words\n", ""],
    ["", "#!/bin/sh\n# -*- mode: python -*-\n", "Shell"],
    ["", "-- vi: filetype=lua\nreturn 1\n", "Lua"],
    ["C", "#import <UIKit/UIKit.h>\n@class A;\n", "Objective-C"],
    ["C", "// a long licence\n".repeat(400) + "namespace a {\n}\n", "C++"],
    ["PHP", "<?hh\nfunction f(): void {}\n", "Hack"],
    ["Rust", "#pragma version(1)\n#pragma rs java_package_name(a)\n", "RenderScript"],
    ["C#", "!A methodsFor: 'b'!\nc\n  ^1! !\n", "Smalltalk"],
    ["SQL", "create table a (b varchar2(10));\n", "PLSQL"],
    ["SQL", "-- go away\ncreate table a (b int);\n", "SQL"],
    ["TSX", '<?xml version="1.0"?>\n<tileset/>\n', "XML"],
    ["JSON with Comments", "# rules\nextends: google\n", "YAML"],
    ["JSON with Comments", '// note: none\n{ "a": 1 }\n', "JSON with Comments"],
    ["M4", "AC_INIT([a], [1])\n", "M4Sugar"],
    ["M4", "define(`a', `b')\n", "M4"],
    ["Objective-C++", '<map version="1.0"/>\n', "XML"],
    ["Objective-C++", "@implementation A\n@end\n", "Objective-C++"],
    ["Yacc", '{\n  "modelName": "GMRoom"\n}\n', "JSON"],
    ["Yacc", "%{\n%}\n%token A\n", "Yacc"],
    ["D", "module a;\nimport std.stdio;\n", "D"],
  ])("whose path says %j and that reads %j is %s", (pathLanguage, text, language) => {
    expect(languageOfText(pathLanguage, text)).toBe(language);
  });

  test("is what the path says where no other language has that extension", () => {
    fc.assert(fc.property(fc.string(), (text) => {
      expect(languageOfText("Go", `#!/usr/bin/ruby -*- C++ -*-\n${text}`)).toBe("Go");
    }));
  });
});
