/**
 * What the main thread and an extraction thread say to each other, and the counters that they share.
 * Types, and the layout of the counters.
 */
import type { JobErrorCode } from "../errors.ts";
import type { ExtractedUnit, ObjectStore, Unit, UnitObserver } from "./extraction.ts";

/** To a thread: one unit at a time. */
export interface ExtractMessage {
  readonly unit: Unit;
  readonly objects: ObjectStore;
}

/** From a thread. */
export type ExtractAnswer =
  | { readonly kind: "extracted"; readonly unit: ExtractedUnit }
  | { readonly kind: "failed"; readonly code: JobErrorCode; readonly message: string };

/** What a thread is started with. */
export interface ThreadData {
  readonly counters: SharedArrayBuffer;
}

/** What a thread finds as its data. */
export function readThreadData(data: unknown): ThreadData {
  const isThreadData = typeof data === "object" && data !== null && "counters" in data;
  if (!isThreadData || !(data.counters instanceof SharedArrayBuffer)) {
    throw new Error("an extraction thread was started without counters");
  }
  return { counters: data.counters };
}

/** No task, but the work before the first or after the last. */
export const NO_TASK = -1;

const TASK = 0;
const FILES = 1;
const BYTES = 2;
const COUNTER_BYTES = 3 * BigInt64Array.BYTES_PER_ELEMENT;

/** How far a unit is: written by its thread, read by the main thread, without a message. */
export class Counters {
  readonly buffer: SharedArrayBuffer;
  readonly #cells: BigInt64Array;

  constructor(buffer = new SharedArrayBuffer(COUNTER_BYTES)) {
    this.buffer = buffer;
    this.#cells = new BigInt64Array(buffer);
  }

  /** Forgets the unit before. */
  reset(): void {
    this.#set(TASK, NO_TASK);
    this.#set(FILES, 0);
    this.#set(BYTES, 0);
  }

  /** The index in the unit of the task at work, or NO_TASK. */
  get task(): number {
    return this.#get(TASK);
  }

  get files(): number {
    return this.#get(FILES);
  }

  get bytes(): number {
    return this.#get(BYTES);
  }

  /** The writing side. */
  readonly observer: UnitObserver = {
    started: (index) => this.#set(TASK, index),
    done: (_index, bytes) => {
      this.#set(FILES, this.files + 1);
      this.#set(BYTES, this.bytes + bytes);
    },
    finishing: () => this.#set(TASK, NO_TASK),
  };

  #get(cell: number): number {
    return Number(Atomics.load(this.#cells, cell));
  }

  #set(cell: number, value: number): void {
    Atomics.store(this.#cells, cell, BigInt(value));
  }
}
