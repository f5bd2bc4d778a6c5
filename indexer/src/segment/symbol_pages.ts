/**
 * The definitions of a segment by name: pages of names in the order of their folded form, each with
 * where it is defined. Everything else about a definition is in its blob's outline. Does no I/O.
 */
import {
  type SymbolKind,
  symbolKindNumber,
} from "../../../supabase/functions/_shared/segment/symbol_kinds.ts";
import { fold } from "../../../supabase/functions/_shared/text/fold.ts";
import { initialsOf } from "../../../supabase/functions/_shared/text/humps.ts";
import { codePointOrder } from "./code_point_order.ts";
import type { SymbolPage } from "./copy_rows.ts";
import { entriesOfPage, SYMBOL_PAGE_ENTRIES } from "./pages.ts";

/** A name with more definitions goes on in the next page. */
export const PAGE_DEFINITIONS_MAX = 1024;

/** Sorts before whatever a name may have. */
const BEFORE_ANY = "\n";

interface Name {
  readonly name: string;
  readonly folded: string;
  readonly kinds: number[];
  readonly blobNos: number[];
  readonly symbolNos: number[];
}

interface OpenPage {
  readonly pageNo: number;
  readonly names: Name[];
  readonly nameNos: number[];
  readonly kinds: number[];
  readonly blobNos: number[];
  readonly symbolNos: number[];
}

/** Collects definitions, and pages them at the end. */
export class SymbolPagesBuilder {
  readonly #names = new Map<string, Name>();
  #count = 0;

  get symbolCount(): number {
    return this.#count;
  }

  /** Adds a definition: the `symbolNo`th of its blob's outline. */
  add(name: string, kind: SymbolKind, blobNo: number, symbolNo: number): void {
    let known = this.#names.get(name);
    if (known === undefined) {
      known = { name, folded: fold(name), kinds: [], blobNos: [], symbolNos: [] };
      this.#names.set(name, known);
    }
    known.kinds.push(symbolKindNumber(kind));
    known.blobNos.push(blobNo);
    known.symbolNos.push(symbolNo);
    this.#count++;
  }

  /** The pages in order. The builder must not be used any more. */
  finish(): SymbolPage[] {
    const names = [...this.#names.values()];
    const order = codePointOrder(names.map(({ folded, name }) => folded + BEFORE_ANY + name));
    const namesMax = entriesOfPage(SYMBOL_PAGE_ENTRIES, names.length);
    const pages: OpenPage[] = [];
    let page = newPage(0);
    for (const name of order.flatMap((index) => names[index] ?? [])) {
      for (let next = 0; next < name.kinds.length;) {
        const isFull = page.names.length === namesMax ||
          page.nameNos.length === PAGE_DEFINITIONS_MAX;
        if (isFull) {
          pages.push(page);
          page = newPage(pages.length);
        }
        next = fill(page, name, next);
      }
    }
    if (page.names.length > 0) pages.push(page);
    return pages.map(closed);
  }
}

function newPage(pageNo: number): OpenPage {
  return { pageNo, names: [], nameNos: [], kinds: [], blobNos: [], symbolNos: [] };
}

/** Adds a name's definitions from `first` on as far as there is room; answers with the next. */
function fill(page: OpenPage, name: Name, first: number): number {
  page.names.push(name);
  const end = Math.min(name.kinds.length, first + PAGE_DEFINITIONS_MAX - page.nameNos.length);
  for (let index = first; index < end; index++) page.nameNos.push(page.names.length);
  page.kinds.push(...name.kinds.slice(first, end));
  page.blobNos.push(...name.blobNos.slice(first, end));
  page.symbolNos.push(...name.symbolNos.slice(first, end));
  return end;
}

function closed({ names, ...page }: OpenPage): SymbolPage {
  return {
    ...page,
    names: names.map(({ name }) => name),
    namesFolded: names.map(({ folded }) => folded),
    humps: names.map(({ name }) => initialsOf(name)),
  };
}
