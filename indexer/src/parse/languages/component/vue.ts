/**
 * Vue's single-file components: their scripts, and what their templates use of these.
 */
import type { EmbeddedCode } from "../language_support.ts";
import { type ComponentCode, type Framework, readComponent } from "./component.ts";
import { type Range } from "./markup.ts";
import { type FlatScript, flattened } from "./options.ts";

const BOUND = /^(?:v-|[:@])/;
const SLOT = /^(?:v-slot\b|#|slot-scope$)/;
const LOOP = /^(.*?)\s(?:in|of)\s/s;
/** `:name` alone stands for `:name="name"`. */
const SHORT = /^:([a-z][\w-]*)$/;

function camelCased(name: string): string {
  return name.replace(/-([a-z\d])/g, (_, letter: string) => letter.toUpperCase());
}

/** `(item, index) in items` */
function readLoop({ start, end }: Range, to: ComponentCode): void {
  const loop = LOOP.exec(to.text.slice(start, end));
  if (loop === null) return;
  to.give(loop[1] ?? "");
  to.markup.keepExpression({ start: start + loop[0].length, end });
}

const FRAMEWORK: Framework = {
  hasBraces: false,
  readAttribute({ name, start, value }, to) {
    if (value === null) {
      const short = SHORT.exec(name)?.[1];
      if (short !== undefined) {
        to.uses.push({ name: camelCased(short), start: start + 1, role: "read" });
      }
    } else if (SLOT.test(name)) to.give(to.text.slice(value.start, value.end));
    else if (name === "v-for") readLoop(value, to);
    else if (BOUND.test(name)) to.markup.keepExpression(value);
  },
  /** `{{ expression }}` */
  readText({ start, end }, to) {
    const text = to.text.slice(start, end);
    for (let open = text.indexOf("{{"); open !== -1;) {
      const close = text.indexOf("}}", open + 2);
      if (close === -1) return;
      to.markup.keepExpression({ start: start + open + 2, end: start + close });
      open = text.indexOf("{{", close + 2);
    }
  },
};

/** The expressions of a template, and what stands around a component's options as one more. */
function withMaker(markup: string, text: string, { around }: FlatScript): string {
  if (around === null) return markup;
  const { head, tail } = around;
  const before = markup.slice(0, head.start - 1);
  const between = markup.slice(head.end, tail.start);
  const made = [before, ";", text.slice(head.start, head.end), between];
  return [...made, text.slice(tail.start, tail.end), markup.slice(tail.end)].join("");
}

/** The code of a component. */
export function codeOfVue(text: string): EmbeddedCode {
  const code = readComponent(text, FRAMEWORK);
  const flat = flattened(code.script.text);
  const markup = withMaker(code.markup.text, text, flat);
  return { ...code.embedded(), script: flat.script, markup };
}
