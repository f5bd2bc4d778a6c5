/**
 * Which blobs of a segment call a name, which import something by a word, and which may name a package:
 * lists in pages, like the dictionary's, so that whoever asks for callers or importers reads those and
 * no other. Does no I/O.
 */
import {
  importWords,
  packageNames,
  type Use,
  USES,
  useWord,
} from "../../../supabase/functions/_shared/text/use_words.ts";
import type { OutlineImport } from "../../../supabase/functions/_shared/segment/outline_entries.ts";
import { isImport, originalNames } from "../../../supabase/functions/_shared/segment/bindings.ts";
import { codePointOrder } from "./code_point_order.ts";
import { InvertedLists } from "./inverted_lists.ts";
import type { ListedEntries } from "./pages.ts";

/** What no stored list can hold: it parts words, or is no text for PostgreSQL. */
const UNSTORABLE = /[\n\0]/;

/** What of a blob is listed. */
export interface Uses {
  readonly language: string;
  readonly imports: readonly OutlineImport[];
  readonly references: readonly { readonly name: string; readonly role: string }[];
}

class WordLists {
  readonly #numbers = new Map<string, number>();
  readonly #lists = new InvertedLists();

  add(word: string, blobNo: number): void {
    let number = this.#numbers.get(word);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(word, number);
    }
    this.#lists.add(number, blobNo);
  }

  finish(): ListedEntries {
    const words = [...this.#numbers.keys()];
    const { offsets, items } = this.#lists.finish(words.length);
    const order = codePointOrder(words);
    return {
      entries: order.map((word) => words[word] ?? ""),
      numbers: items,
      starts: Int32Array.from(order, (word) => offsets[word] ?? 0),
      ends: Int32Array.from(order, (word) => offsets[word + 1] ?? 0),
    };
  }
}

/** Collects the uses of a segment. */
export class UsePagesBuilder {
  readonly #lists: Readonly<Record<Use, WordLists>> = {
    call: new WordLists(),
    import: new WordLists(),
    package: new WordLists(),
  };

  /** Adds what a blob uses: blobs must not descend. */
  add(blobNo: number, { language, imports, references }: Uses): void {
    // Whoever asks for the callers of a definition asks by the name that it has itself.
    const originals = originalNames({ language, outline: { imports } });
    for (const { name, role } of references) {
      if (role !== "call" || UNSTORABLE.test(name)) continue;
      this.#lists.call.add(useWord("call", name), blobNo);
      const original = originals.get(name);
      if (original !== undefined) this.#lists.call.add(useWord("call", original), blobNo);
    }
    for (const imported of imports.filter(isImport)) {
      for (const word of importWords(imported)) this.#lists.import.add(word, blobNo);
    }
  }

  /** Adds a text of JSON, or its beginning, which may be a manifest. */
  addManifest(blobNo: number, head: string): void {
    for (const name of packageNames(head)) this.#lists.package.add(name, blobNo);
  }

  /** Every list, by the number of its use. The builder must not be used any more. */
  finish(): { readonly use: number; readonly listed: ListedEntries }[] {
    return [
      { use: USES.call, listed: this.#lists.call.finish() },
      { use: USES.import, listed: this.#lists.import.finish() },
      { use: USES.package, listed: this.#lists.package.finish() },
    ].filter(({ listed }) => listed.entries.length > 0);
  }
}
