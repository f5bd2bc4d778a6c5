/**
 * Many ascending lists of numbers under construction, as an index inverts what it reads: items
 * come in ascending order, each with the lists it belongs to. Kept as one log of pairs in typed
 * arrays and sorted into lists at the end, so that adding costs no allocation.
 */

const INITIAL_CAPACITY = 1024;

/** A copy of twice the size, or of `lengthMin` if that is more. */
export function grown(array: Int32Array, lengthMin: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(array.length * 2, lengthMin));
  larger.set(array);
  return larger;
}

/** The finished lists: list n is `items` from `offsets[n]` up to `offsets[n + 1]`. */
export interface ListsOfItems {
  readonly offsets: Int32Array;
  readonly items: Int32Array;
}

/** Builds the lists. Lists and items are numbered from 0. */
export class InvertedLists {
  #lists = new Int32Array(INITIAL_CAPACITY);
  #items = new Int32Array(INITIAL_CAPACITY);
  #length = 0;
  /** By list: its last item plus one, so that 0 means none yet. */
  #lastItems = new Int32Array(INITIAL_CAPACITY);

  /** Adds an item to a list, once: items must not descend. */
  add(list: number, item: number): void {
    if (list >= this.#lastItems.length) this.#lastItems = grown(this.#lastItems, list + 1);
    if (this.#lastItems[list] === item + 1) return;
    this.#lastItems[list] = item + 1;
    if (this.#length === this.#lists.length) {
      this.#lists = grown(this.#lists, 0);
      this.#items = grown(this.#items, 0);
    }
    this.#lists[this.#length] = list;
    this.#items[this.#length] = item;
    this.#length++;
  }

  /** The lists numbered below `listCount`, those with nothing in them too. */
  finish(listCount: number): ListsOfItems {
    const offsets = new Int32Array(listCount + 1);
    const lists = this.#lists.subarray(0, this.#length);
    for (const list of lists) offsets[list + 1] = (offsets[list + 1] ?? 0) + 1;
    for (let list = 0; list < listCount; list++) {
      offsets[list + 1] = (offsets[list + 1] ?? 0) + (offsets[list] ?? 0);
    }
    const items = new Int32Array(this.#length);
    const nexts = offsets.slice();
    for (let index = 0; index < lists.length; index++) {
      const list = lists[index] ?? 0;
      const next = nexts[list] ?? 0;
      items[next] = this.#items[index] ?? 0;
      nexts[list] = next + 1;
    }
    return { offsets, items };
  }
}
