/**
 * Components of Vue and Svelte: scripts among markup. A script is read as TypeScript, which has what
 * JavaScript has; what the markup uses is looked for in its expressions.
 */
import { typescript } from "../typescript/language.ts";
import type { LanguageSupport } from "../language_support.ts";
import { codeOfSvelte } from "./svelte.ts";
import { codeOfVue } from "./vue.ts";

/** Vue's single-file components. */
export const vue: LanguageSupport = { ...typescript, embedded: codeOfVue };

/** Svelte. */
export const svelte: LanguageSupport = { ...typescript, embedded: codeOfSvelte };
