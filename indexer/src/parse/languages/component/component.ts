/**
 * What component files of any framework have in common: scripts that are kept, and elements that are components
 * of the project's own, and not of the platform.
 */
import type { ScannedReference } from "../../scanned_references.ts";
import { KeptCode } from "./kept_code.ts";
import { type Attribute, type MarkupRules, type Range, scanMarkup } from "./markup.ts";

const COMPONENT = /^[A-Z][\w.]*$/;
const CUSTOM = /^[a-z][a-z\d]*(?:-[a-z\d]+)+$/;
const CAPITALISED = /\b[A-Z]\w*/g;

const NAME = /[A-Za-z_$][\w$]*/g;
const GIVEN = /[A-Za-z_$][\w$]*(?![\w$]|\s*:)/g;
const TAKING_APART = /^\s*[([{]/;

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

/** What the parts of one component come to. */
export class ComponentCode {
  readonly text: string;
  readonly script: KeptCode;
  readonly markup: KeptCode;
  /** In the order of the text. */
  readonly uses: ScannedReference[] = [];
  readonly given = new Set<string>();

  constructor(text: string) {
    this.text = text;
    this.script = new KeptCode(text);
    this.markup = new KeptCode(text);
  }

  /** Takes the names that a pattern gives: of `{ key: name }` not the key. */
  give(pattern: string): void {
    const names = pattern.match(TAKING_APART.test(pattern) ? GIVEN : NAME) ?? [];
    for (const name of names) this.given.add(name);
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
