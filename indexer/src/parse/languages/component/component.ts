/**
 * What component files of any framework have in common: scripts that are kept, and elements that are components
 * of the project's own, and not of the platform.
 */
import type { ScannedReference } from "../../scanned_references.ts";
import type { KeptCode } from "./kept_code.ts";
import { type Attribute, type MarkupRules, type Range, scanMarkup } from "./markup.ts";

const COMPONENT = /^[A-Z][\w.]*$/;
const CUSTOM = /^[a-z][a-z\d]*(?:-[a-z\d]+)+$/;
const CAPITALISED = /\b[A-Z]\w*/g;

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

/** What reads the parts of a component file in which a framework has expressions of its own. */
export interface ComponentReader {
  readonly script: KeptCode;
  readonly uses: ScannedReference[];
  attribute(attribute: Attribute): void;
  between(tags: Range): void;
}

/** Reads a component file. */
export function readComponent(text: string, rules: MarkupRules, reader: ComponentReader): void {
  const tags = new ComponentTags(text);
  for (const part of scanMarkup(text, rules)) {
    if (part.kind === "text") reader.between(part);
    else if (part.kind === "raw") {
      if (part.name === "script") reader.script.keep(part.content);
    } else {
      const use = tags.useOf(part);
      if (use !== null) reader.uses.push(use);
      for (const attribute of part.attributes) {
        const property = use === null ? null : propertyOf(attribute);
        if (property !== null) reader.uses.push(property);
        reader.attribute(attribute);
      }
    }
  }
}
