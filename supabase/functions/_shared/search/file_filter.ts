/**
 * How lang: and ref: name what they mean. Pure.
 */
import { fold } from "../text/fold.ts";

/** Short names that people write for Linguist's. */
const LANGUAGE_ALIASES: Readonly<Record<string, string>> = {
  bash: "shell",
  cpp: "c++",
  cs: "c#",
  csharp: "c#",
  golang: "go",
  js: "javascript",
  kt: "kotlin",
  md: "markdown",
  py: "python",
  rb: "ruby",
  rs: "rust",
  sh: "shell",
  ts: "typescript",
  yml: "yaml",
};

/** Linguist's name of a language, folded. */
export function languageName(wanted: string): string {
  return LANGUAGE_ALIASES[wanted] ?? wanted;
}

/** Whether a file's language is the one that is named; `wanted` is folded. */
export function isLanguage(language: string, wanted: string): boolean {
  return fold(language) === languageName(wanted);
}

/** Whether a full ref is the one that is named, as a branch, a tag or in full; `wanted` is folded. */
export function isRef(ref: string, wanted: string): boolean {
  const folded = fold(ref);
  return ["", "refs/heads/", "refs/tags/"].some((prefix) => folded === prefix + wanted);
}
