/**
 * Vue's single-file components: their scripts, and what their templates use of these.
 */
import type { ScannedReference } from "../../scanned_references.ts";
import type { EmbeddedCode } from "../language_support.ts";
import { type ComponentReader, readComponent } from "./component.ts";
import { KeptCode } from "./kept_code.ts";
import { type Attribute, type Range } from "./markup.ts";
import { flattened } from "./options.ts";

const BOUND = /^(?:v-|[:@])/;
const SLOT = /^(?:v-slot\b|#|slot-scope$)/;
const LOOP = /^(.*?)\s(?:in|of)\s/s;
/** But not the key in `{ key: name }`. */
const GIVEN = /[A-Za-z_$][\w$]*(?![\w$]|\s*:)/g;
/** `:name` alone stands for `:name="name"`. */
const SHORT = /^:([a-z][\w-]*)$/;

/** What the parts of one component come to. */
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
    if (value === null) {
      const short = SHORT.exec(name)?.[1];
      if (short !== undefined) {
        this.uses.push({ name: camelCased(short), start: start + 1, role: "read" });
      }
      return;
    }
    const text = this.#text.slice(value.start, value.end);
    if (SLOT.test(name)) this.#give(text);
    else if (name === "v-for") this.#loop(text, value);
    else if (BOUND.test(name)) this.markup.keepExpression(value);
  }

  /** `(item, index) in items` */
  #loop(text: string, value: Range): void {
    const loop = LOOP.exec(text);
    if (loop === null) return;
    this.#give(loop[1] ?? "");
    this.markup.keepExpression({ start: value.start + loop[0].length, end: value.end });
  }

  #give(pattern: string): void {
    for (const name of pattern.match(GIVEN) ?? []) this.given.add(name);
  }

  /** `{{ expression }}` */
  between({ start, end }: Range): void {
    const text = this.#text.slice(start, end);
    for (let open = text.indexOf("{{"); open !== -1;) {
      const close = text.indexOf("}}", open + 2);
      if (close === -1) return;
      this.markup.keepExpression({ start: start + open + 2, end: start + close });
      open = text.indexOf("{{", close + 2);
    }
  }
}

function camelCased(name: string): string {
  return name.replace(/-([a-z\d])/g, (_, letter: string) => letter.toUpperCase());
}

/** The code of a component. */
export function codeOfVue(text: string): EmbeddedCode {
  const component = new Component(text);
  readComponent(text, { hasBraces: false }, component);
  const { markup, uses, given } = component;
  const { script, uses: around } = flattened(component.script.text);
  const all = [...uses, ...around].sort((one, other) => one.start - other.start);
  return { script, markup: markup.text, uses: all, given };
}
