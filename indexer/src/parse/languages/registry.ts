/**
 * The languages whose definitions can be extracted, by their Linguist name.
 */
import { bash } from "./bash/language.ts";
import { c } from "./c/language.ts";
import { cpp } from "./cpp/language.ts";
import { css } from "./css/language.ts";
import { elixir } from "./elixir/language.ts";
import { go } from "./go/language.ts";
import { html } from "./html/language.ts";
import { javascript } from "./javascript/language.ts";
import { json } from "./json/language.ts";
import type { LanguageSupport } from "./language_support.ts";
import { lua } from "./lua/language.ts";
import { markdown } from "./markdown/language.ts";
import { python } from "./python/language.ts";
import { ruby } from "./ruby/language.ts";
import { toml } from "./toml/language.ts";
import { tsx, typescript } from "./typescript/language.ts";
import { yaml } from "./yaml/language.ts";
import { zig } from "./zig/language.ts";

/** Languages with symbols. Every other one is searchable as text. */
export const supportedLanguages: ReadonlyMap<string, LanguageSupport> = new Map([
  ["C", c],
  ["C++", cpp],
  ["CSS", css],
  ["Elixir", elixir],
  ["Go", go],
  ["HTML", html],
  ["JSON", json],
  ["JSON with Comments", json],
  ["JavaScript", javascript],
  ["Lua", lua],
  ["Markdown", markdown],
  ["Python", python],
  ["Ruby", ruby],
  ["Shell", bash],
  ["TOML", toml],
  ["TSX", tsx],
  ["TypeScript", typescript],
  ["YAML", yaml],
  ["Zig", zig],
]);
