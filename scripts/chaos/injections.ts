// What became of each fault: it took effect, waits for an occasion, or could not be injected. Knows no
// fault's nature.

import type { Fault, HasMet } from "./faults/fault.ts";

/** Counts by name. */
export class Counts extends Map<string, number> {
  add(name: string, count = 1): void {
    this.set(name, (this.get(name) ?? 0) + count);
  }
}

/** The injections of one run. */
export class Injections {
  readonly #plan: readonly Fault[];
  readonly #struck = new Counts();
  readonly #armed: { readonly name: string; readonly hasMet: HasMet }[] = [];
  /** Something else was broken at that moment, or there was nothing to break. */
  readonly failed = new Counts();

  constructor(plan: readonly Fault[]) {
    this.#plan = plan;
  }

  /** Of an injection that ended; null: it has taken effect. */
  note(name: string, hasMet: HasMet | null): void {
    if (hasMet === null) this.#struck.add(name);
    else this.#armed.push({ name, hasMet });
  }

  /** Those that took effect. */
  effects(): Counts {
    const counts = new Counts(this.#struck);
    for (const { name, hasMet } of this.#armed) if (hasMet()) counts.add(name);
    return counts;
  }

  /** Those that were prepared and have met no occasion. */
  pending(): Counts {
    const counts = new Counts();
    for (const { name, hasMet } of this.#armed) if (!hasMet()) counts.add(name);
    return counts;
  }

  /** What the plan has and has never taken effect. */
  missing(): readonly Fault[] {
    const effects = this.effects();
    return this.#plan.filter(({ name }) => !effects.has(name));
  }
}
