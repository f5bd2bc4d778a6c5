/**
 * What component files of any framework have in common: scripts that are kept, and elements that are components
 * of the project's own, and not of the platform.
 */
import type { ScannedReference } from "../../references/scanned_references.ts";
import type { EmbeddedCode } from "../language_support.ts";
import { KeptCode } from "./kept_code.ts";
import { type Attribute, type MarkupRules, type Range, scanMarkup } from "./markup.ts";

const COMPONENT = /^[A-Z][\w.]*$/;
const CUSTOM = /^[a-z][a-z\d]*(?:-[a-z\d]+)+$/;
const CAPITALISED = /\b[A-Z]\w*/g;

const NAME = /[A-Za-z_$][\w$]*/g;
const GIVEN = /[A-Za-z_$][\w$]*(?![\w$]|\s*:)/g;
const TAKING_APART = /^\s*[([{]/;
/** What the type parameters of a component are written behind. */
const TYPE = "T$";
const QUOTE = /^["']$/;
/** Of the project, and not of a site. */
const MODULE = /^[\w.@~$-][^:{}\n]*$/;

function capitalised(name: string): string {
  return name.split("-").map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

/** `:title="x"`, `bind:title={x}` and `title`, but not what stands for a name of the file itself. */
const PROPERTY = /^(?::|v-bind:|v-model:|bind:)?([A-Za-z_$][\w$]*)$/;
/** Attributes of the framework's own, on any component. */
const OWN = new Set(["class", "is", "key", "ref", "slot", "style"]);

/** The use of a property of a component by an attribute of its tag; null for any other. */
function propertyOf({ name: written, start, value }: Attribute): ScannedReference | null {
  const name = PROPERTY.exec(written)?.[1];
  if (name === undefined || OWN.has(name)) return null;
  const prefix = written.length - name.length;
  return prefix > 0 && value === null ? null : { name, start: start + prefix, role: "write" };
}

/** Tells the components among the tags of one file. */
class ComponentTags {
  readonly #text: string;
  #capitalised: ReadonlySet<string> | null = null;

  constructor(text: string) {
    this.#text = text;
  }

  /**
   * The use of a component by its tag; null for any other element. One that is written with hyphens is one
   * where the file has its name in capitals too: `my-button` is MyButton.
   */
  useOf(
    { name: tag, start }: { readonly name: string; readonly start: number },
  ): ScannedReference | null {
    if (COMPONENT.test(tag)) return { name: tag.split(".", 1)[0] ?? tag, start, role: "call" };
    if (!CUSTOM.test(tag)) return null;
    const name = capitalised(tag);
    this.#capitalised ??= new Set(this.#text.match(CAPITALISED));
    return this.#capitalised.has(name) ? { name, start, role: "call" } : null;
  }
}

const TYPE_PARAMETER_PARTS = /=>|[<([{]|[>)\]}]|,|[A-Za-z_$][\w$]*/g;

/** The names in `T extends Row, const U = T`. */
function typeParameters(list: string): string[] {
  const names: string[] = [];
  let depth = 0;
  let isNext = true;
  for (const [part] of list.matchAll(TYPE_PARAMETER_PARTS)) {
    if (part === ",") isNext = depth === 0;
    else if ("<([{".includes(part)) depth += 1;
    else if (">)]}".includes(part)) depth -= 1;
    else if (isNext && part !== "const") {
      names.push(part);
      isNext = false;
    }
  }
  return names;
}

/** What the parts of one component come to. */
export class ComponentCode {
  readonly text: string;
  readonly script: KeptCode;
  readonly markup: KeptCode;
  /** In the order of the text. */
  readonly uses: ScannedReference[] = [];
  readonly given = new Set<string>();
  readonly declared = new Set<string>();

  constructor(text: string) {
    this.text = text;
    this.script = new KeptCode(text);
    this.markup = new KeptCode(text);
  }

  /** Takes what the tag of a script says: the file that has it, and the type parameters of the component. */
  readScriptTag(attributes: readonly Attribute[]): void {
    for (const { name, value } of attributes) {
      if (value === null) continue;
      const { start, end } = value;
      const quote = this.text[start - 1] ?? "";
      if (!QUOTE.test(quote) || this.text[end] !== quote) continue;
      const written = this.text.slice(start, end);
      if (name === "src" && MODULE.test(written)) {
        this.script.keepWithin("import ", { start: start - 1, end: end + 1 }, "");
      } else if (name === "generic" || name === "generics") {
        this.markup.keepWithin(`type ${TYPE}<`, value, ">");
        for (const each of [TYPE, ...typeParameters(written)]) this.declared.add(each);
      }
    }
  }

  /** Takes the names that a pattern gives: of `{ key: name }` not the key. */
  give(pattern: string): void {
    const names = pattern.match(TAKING_APART.test(pattern) ? GIVEN : NAME) ?? [];
    for (const name of names) this.given.add(name);
  }

  embedded(): EmbeddedCode {
    const { script, markup, uses, given, declared } = this;
    return { script: script.text, markup: markup.text, uses, given, declared };
  }
}

/** How a framework writes expressions into its markup. */
export interface Framework extends MarkupRules {
  readAttribute(attribute: Attribute, to: ComponentCode): void;
  /** What stands between tags. */
  readText(text: Range, to: ComponentCode): void;
}

/** Reads a component file. */
export function readComponent(text: string, framework: Framework): ComponentCode {
  const code = new ComponentCode(text);
  const tags = new ComponentTags(text);
  for (const part of scanMarkup(text, framework)) {
    if (part.kind !== "text" && part.name === "script") code.readScriptTag(part.attributes);
    if (part.kind === "text") framework.readText(part, code);
    else if (part.kind === "raw") {
      if (part.name === "script") code.script.keep(part.content);
    } else {
      const use = tags.useOf(part);
      if (use !== null) code.uses.push(use);
      for (const attribute of part.attributes) {
        const property = use === null ? null : propertyOf(attribute);
        if (property !== null) code.uses.push(property);
        framework.readAttribute(attribute, code);
      }
    }
  }
  return code;
}
