/**
 * Elements that are components of the project's own, and not of the platform.
 */
import type { ScannedReference } from "../../scanned_references.ts";

const COMPONENT = /^[A-Z][\w.]*$/;
const CUSTOM = /^[a-z][a-z\d]*(?:-[a-z\d]+)+$/;
const CAPITALISED = /\b[A-Z]\w*/g;

function capitalised(name: string): string {
  return name.split("-").map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

/** Tells the components among the tags of one file. */
export class ComponentTags {
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
