/**
 * The languages whose definitions can be extracted, by their Linguist name.
 */
import { bash } from "./bash/language.ts";
import { c } from "./c/language.ts";
import { cpp } from "./cpp/language.ts";
import { csharp } from "./csharp/language.ts";
import { css } from "./css/language.ts";
import { elixir } from "./elixir/language.ts";
import { go } from "./go/language.ts";
import { html } from "./html/language.ts";
import { java } from "./java/language.ts";
import { javascript } from "./javascript/language.ts";
import { json } from "./json/language.ts";
import { kotlin } from "./kotlin/language.ts";
import type { LanguageSupport } from "./language_support.ts";
import { lua } from "./lua/language.ts";
import { markdown } from "./markdown/language.ts";
import { php } from "./php/language.ts";
import { python } from "./python/language.ts";
import { ruby } from "./ruby/language.ts";
import { rust } from "./rust/language.ts";
import { scala } from "./scala/language.ts";
import { toml } from "./toml/language.ts";
import { sql } from "./sql/language.ts";
import { tsx, typescript } from "./typescript/language.ts";
import { yaml } from "./yaml/language.ts";
import { zig } from "./zig/language.ts";

/** Languages with symbols. Every other one is searchable as text. */
export const supportedLanguages: ReadonlyMap<string, LanguageSupport> = new Map([
  ["C", c],
  ["C#", csharp],
  ["C++", cpp],
  ["CSS", css],
  ["Elixir", elixir],
  ["Go", go],
  ["HTML", html],
  ["Java", java],
  ["JavaScript", javascript],
  ["JSON with Comments", json],
  ["JSON", json],
  ["Kotlin", kotlin],
  ["Lua", lua],
  ["Markdown", markdown],
  ["PHP", php],
  ["PLSQL", sql],
  ["PLpgSQL", sql],
  ["Python", python],
  ["Ruby", ruby],
  ["Rust", rust],
  ["SQL", sql],
  ["Scala", scala],
  ["Shell", bash],
  ["TOML", toml],
  ["TSQL", sql],
  ["TSX", tsx],
  ["TypeScript", typescript],
  ["YAML", yaml],
  ["Zig", zig],
]);
