/**
 * The languages whose definitions can be extracted, by their Linguist name.
 */
import { go } from "./go/language.ts";
import { javascript } from "./javascript/language.ts";
import type { LanguageSupport } from "./language_support.ts";
import { python } from "./python/language.ts";
import { tsx, typescript } from "./typescript/language.ts";

/** Languages with symbols. Every other one is searchable as text. */
export const supportedLanguages: ReadonlyMap<string, LanguageSupport> = new Map([
  ["Go", go],
  ["JavaScript", javascript],
  ["Python", python],
  ["TSX", tsx],
  ["TypeScript", typescript],
]);
