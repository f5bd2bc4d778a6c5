/**
 * How lang:, ref: and path: name what they mean. Pure.
 */
import { fold } from "../text/fold.ts";
import { languageNamed } from "../text/languages.ts";

/** Linguist's name of a language, folded; `wanted` is folded. */
export function languageName(wanted: string): string {
  return fold(languageNamed(wanted) ?? wanted);
}

/** Whether a file's language is the one that is named; `wanted` is folded. */
export function isLanguage(language: string, wanted: string): boolean {
  return fold(language) === languageName(wanted);
}

/** What path: looks for; from a slash on it begins a name, which the first of a path does too. */
export function wantedPath(text: string): { readonly text: string; readonly isFromName: boolean } {
  const wanted = text.replace(/^\.(?=\/)/, "");
  return { text: wanted, isFromName: wanted.startsWith("/") };
}

/** Whether a full ref is the one that is named, as a branch, a tag or in full; `wanted` is folded. */
export function isRef(ref: string, wanted: string): boolean {
  const folded = fold(ref);
  return ["", "refs/heads/", "refs/tags/"].some((prefix) => folded === prefix + wanted);
}
