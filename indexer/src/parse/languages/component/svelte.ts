/**
 * Svelte's components: their scripts, and what their markup uses of these.
 */
import type { EmbeddedCode } from "../language_support.ts";
import { type ComponentCode, type Framework, readComponent } from "./component.ts";
import { closingBrace, type Range } from "./markup.ts";

/** Directives whose name is a thing of the script. */
const NAMING = /^(?:use|transition|in|out|animate):([A-Za-z_$][\w$]*)/;
/** Without a value these stand for a variable of the same name. */
const SHORT = /^(?:bind|class|style):([A-Za-z_$][\w$]*)$/;
const EACH = /^#each\s(.*?)\sas\s([^(]*)/s;
const AWAIT = /^#await\s(.*?)\s(?:then|catch)\s(.*)$/s;
const GIVING = /^(?:#snippet|:then|:catch)\s(.*)$/s;
const CONSTANT = /^@const\s([^=]*)=/s;
const BLOCK = /^(?:#(?:if|key|await)|:else\s+if|@(?:html|render|attach|debug))\s/;
const SPREAD = /^\s*(?:\.\.\.)?/;
/** What declares in a script by a word, and the labels of what else assigns: `$: name = …`. */
const DECLARED = /\b(?:let|const|var|function)\s+([^=;()\n]*)/g;
const REACTIVE = /^([ \t]*)\$:(?=([^=;\n]*)=(?![=>]))/gm;
const LABEL = "$";
const WORD = /[\w$]+/g;
/** `$name` is what the store `name` has; `$$props` and runes are Svelte's own, `"$lib/a"` is a module. */
const STORE =
  /(?<![\w$."'])\$(?!(?:state|derived|effect|props|bindable|inspect|host)\b)(?=[A-Za-z_])/g;

/** What one pair of braces holds. */
function readExpression({ start, end }: Range, to: ComponentCode): void {
  const text = to.text.slice(start, end);
  const keep = (from: number, length = text.length - from) =>
    to.markup.keepExpression({ start: start + from, end: start + from + length });
  const bound = EACH.exec(text) ?? AWAIT.exec(text);
  const constant = CONSTANT.exec(text);
  const given = GIVING.exec(text)?.[1];
  if (bound !== null) {
    const [whole, value = "", names = ""] = bound;
    to.give(names);
    keep(whole.indexOf(value), value.length);
    const key = whole.length;
    if (text.startsWith("(", key)) keep(key + 1, text.lastIndexOf(")") - key - 1);
  } else if (constant !== null) {
    to.give(constant[1] ?? "");
    keep(constant[0].length);
  } else if (given !== undefined) to.give(given);
  else if (/^[#:@]/.test(text)) keep(BLOCK.exec(text)?.[0].length ?? text.length);
  else if (!text.startsWith("/")) keep(SPREAD.exec(text)?.[0].length ?? 0);
}

/** What braces hold in a stretch of text. */
function readBraces({ start, end }: Range, to: ComponentCode): void {
  const text = to.text.slice(start, end);
  for (let open = text.indexOf("{"); open !== -1;) {
    const close = closingBrace(text, open);
    readExpression({ start: start + open + 1, end: start + close }, to);
    open = text.indexOf("{", close);
  }
}

const FRAMEWORK: Framework = {
  hasBraces: true,
  readAttribute({ name, start, value }, to) {
    const short = value === null ? SHORT.exec(name)?.[1] : undefined;
    const named = NAMING.exec(name)?.[1] ?? short;
    if (named !== undefined) {
      const at = start + name.indexOf(":") + 1;
      to.uses.push({ name: named, start: at, role: short === undefined ? "call" : "read" });
    }
    if (name.startsWith("let:")) {
      to.give(value === null ? name.slice(4) : to.text.slice(value.start, value.end));
    } else if (value !== null) readBraces(value, to);
  },
  readText: readBraces,
};

/** Code in which names are called as they were declared. */
function ownNames(code: string): string {
  return code.replace(STORE, " ");
}

/** A script whose labels stand where they declare a name that nothing else does, which is the rule. */
function withLabels(script: string): string {
  const declared = new Set<string>();
  for (const [, names = ""] of script.matchAll(DECLARED)) {
    for (const name of names.match(WORD) ?? []) declared.add(name);
  }
  return script.replace(REACTIVE, (label, indent: string, names: string) => {
    const isKnown = (names.match(WORD) ?? []).some((name) => declared.has(name));
    return isKnown ? `${indent}  ` : label;
  });
}

/** The code of a component. */
export function codeOfSvelte(text: string): EmbeddedCode {
  const { script, markup, ...code } = readComponent(text, FRAMEWORK).embedded();
  return {
    ...code,
    script: withLabels(ownNames(script)),
    markup: ownNames(markup),
    declared: new Set([...code.declared, LABEL]),
  };
}
