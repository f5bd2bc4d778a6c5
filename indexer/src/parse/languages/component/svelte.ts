/**
 * Svelte's components: their scripts, and what their markup uses of these.
 */
import type { ScannedReference } from "../../scanned_references.ts";
import type { EmbeddedCode } from "../language_support.ts";
import { type ComponentReader, readComponent } from "./component.ts";
import { KeptCode } from "./kept_code.ts";
import { type Attribute, closingBrace, type Range } from "./markup.ts";

const NAME = /[A-Za-z_$][\w$]*/g;
/** Directives whose name is a thing of the script. */
const NAMING = /^(?:use|transition|in|out|animate):([A-Za-z_$][\w$]*)/;
/** Without a value these stand for a variable of the same name. */
const SHORT = /^(?:bind|class|style):([A-Za-z_$][\w$]*)$/;
const EACH = /^#each\s(.*?)\sas\s([^(]*)/s;
const AWAIT = /^#await\s(.*?)\s(?:then|catch)\s(.*)$/s;
const GIVING = /^(?:#snippet|:then|:catch)\s(.*)$/s;
const CONSTANT = /^@const\s([^=]*)=/s;
const BLOCK = /^(?:#(?:if|key|await)|:else\s+if|@(?:html|render|attach|debug))\s/;
/** `$: name = …` is worked out anew; the label is no name. */
const LABEL = /^([ \t]*)\$(?=[ \t]*:)/gm;
/** `$name` is what the store `name` has; `$$props` and runes are Svelte's own, `"$lib/a"` is a module. */
const STORE =
  /(?<![\w$."'])\$(?!(?:state|derived|effect|props|bindable|inspect|host)\b)(?=[A-Za-z_])/g;

class Component implements ComponentReader {
  readonly #text: string;
  readonly script: KeptCode;
  readonly markup: KeptCode;
  readonly uses: ScannedReference[] = [];
  readonly given = new Set<string>();

  constructor(text: string) {
    this.#text = text;
    this.script = new KeptCode(text);
    this.markup = new KeptCode(text);
  }

  attribute({ name, start, value }: Attribute): void {
    const short = value === null ? SHORT.exec(name)?.[1] : undefined;
    const named = NAMING.exec(name)?.[1] ?? short;
    if (named !== undefined) {
      const at = start + name.indexOf(":") + 1;
      this.uses.push({ name: named, start: at, role: short === undefined ? "call" : "read" });
    }
    if (name.startsWith("let:")) {
      this.#give(value === null ? name.slice(4) : this.#text.slice(value.start, value.end));
    } else if (value !== null) this.between(value);
  }

  /** What braces hold in a stretch of text. */
  between({ start, end }: Range): void {
    const text = this.#text.slice(start, end);
    for (let open = text.indexOf("{"); open !== -1;) {
      const close = closingBrace(text, open);
      this.#expression({ start: start + open + 1, end: start + close });
      open = text.indexOf("{", close);
    }
  }

  #expression({ start, end }: Range): void {
    const text = this.#text.slice(start, end);
    const keep = (from: number, length: number) =>
      this.markup.keepExpression({ start: start + from, end: start + from + length });
    const bound = EACH.exec(text) ?? AWAIT.exec(text);
    const constant = CONSTANT.exec(text);
    if (bound !== null) {
      const [whole, value = "", names = ""] = bound;
      this.#give(names);
      keep(whole.indexOf(value), value.length);
      const key = whole.length;
      if (text.startsWith("(", key)) keep(key + 1, text.lastIndexOf(")") - key - 1);
    } else if (constant !== null) {
      this.#give(constant[1] ?? "");
      keep(constant[0].length, text.length - constant[0].length);
    } else if (GIVING.test(text)) {
      this.#give(GIVING.exec(text)?.[1] ?? "");
    } else if (/^[#:@]/.test(text)) {
      const from = BLOCK.exec(text)?.[0].length ?? text.length;
      keep(from, text.length - from);
    } else if (!text.startsWith("/")) {
      const from = /^\s*(?:\.\.\.)?/.exec(text)?.[0].length ?? 0;
      keep(from, text.length - from);
    }
  }

  #give(pattern: string): void {
    for (const name of pattern.match(NAME) ?? []) this.given.add(name);
  }
}

/** Code in which names are called as they were declared. */
function ownNames(code: string): string {
  return code.replace(STORE, " ").replace(LABEL, "$1 ");
}

/** The code of a component. */
export function codeOfSvelte(text: string): EmbeddedCode {
  const component = new Component(text);
  readComponent(text, { hasBraces: true }, component);
  const { script, markup, uses, given } = component;
  return {
    script: ownNames(script.text),
    markup: ownNames(markup.text),
    uses,
    given,
  };
}
