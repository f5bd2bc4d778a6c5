// Explores a model: every state of a small configuration, random schedules of a large one. Finds the
// shortest way to a violation, and states from which the work does not end.

import { isQuiet, keyOf, stepsOf, tidy, violationOf } from "./protocol.ts";
import { initialState, type Rules, type State } from "./state.ts";
import { describeStep, ranks, type Step } from "./step.ts";

/** A violated invariant, and the steps that lead to it. */
export interface Counterexample {
  readonly violation: string;
  readonly trace: readonly string[];
}

export interface Exploration {
  /** Reached states; a random walk counts those that it passed. */
  readonly states: number;
  readonly steps: number;
  readonly counterexample: Counterexample | null;
}

/** The step of a schedule in which faults have stopped and everybody does its work. */
export function calmStep(steps: readonly Step[]): Step | undefined {
  let best: Step | undefined;
  for (const step of steps) {
    if (step.rank < (best?.rank ?? ranks.never)) best = step;
  }
  return best;
}

/** The reached states by number. Of each only how it was reached is kept. */
class Reached {
  readonly #numbers = new Map<string, number>();
  readonly #parents: number[] = [];
  /** Which of the parent's steps led here. */
  readonly #choices: number[] = [];
  /** Where a calm schedule goes from here; -1 when nothing is left to do. */
  readonly #calm: number[] = [];
  readonly #quiet = new Set<number>();

  get count(): number {
    return this.#parents.length;
  }

  /** The state's number, and whether it is new. */
  add(state: State, parent: number, choice: number): { number: number; isNew: boolean } {
    const key = keyOf(state);
    const known = this.#numbers.get(key);
    if (known !== undefined) return { number: known, isNew: false };
    const number = this.#parents.push(parent) - 1;
    this.#choices.push(choice);
    this.#calm.push(-1);
    this.#numbers.set(key, number);
    return { number, isNew: true };
  }

  setCalm(number: number, to: number): void {
    this.#calm[number] = to;
  }

  addQuiet(number: number): void {
    this.#quiet.add(number);
  }

  /** The steps that lead to a state, taken anew. */
  traceTo(number: number, rules: Rules): string[] {
    const choices: number[] = [];
    for (let at = number; at > 0; at = this.#parents[at]!) choices.push(this.#choices[at]!);
    let state = initialState(rules);
    return choices.toReversed().map((choice) => {
      const step = stepsOf(rules, state)[choice]!;
      state = tidy(step.next);
      return describeStep(step);
    });
  }

  /** The first state whose calm schedule does not come to rest with nothing left. */
  findStuck(): number | null {
    const ends = new Set(this.#quiet);
    for (let start = 0; start < this.count; start += 1) {
      const path = new Set<number>();
      let at = start;
      while (!ends.has(at)) {
        if (at === -1 || path.has(at)) return start;
        path.add(at);
        at = this.#calm[at]!;
      }
      for (const passed of path) ends.add(passed);
    }
    return null;
  }
}

/** Breadth first through every state, so that a counterexample is as short as can be. */
export function exploreAll(rules: Rules, statesMax = 2_000_000): Exploration {
  const reached = new Reached();
  let frontier = [{ number: 0, state: initialState(rules) }];
  reached.add(frontier[0]!.state, -1, -1);
  let steps = 0;
  const answer = (violation: string, number: number): Exploration => {
    const counterexample = { violation, trace: reached.traceTo(number, rules) };
    return { states: reached.count, steps, counterexample };
  };
  while (frontier.length > 0) {
    const following: typeof frontier = [];
    for (const { number, state } of frontier) {
      const violation = violationOf(rules, state);
      if (violation !== null) return answer(violation, number);
      const enabled = stepsOf(rules, state);
      const calm = calmStep(enabled);
      if (calm === undefined && isQuiet(state)) reached.addQuiet(number);
      for (const [choice, step] of enabled.entries()) {
        const next = tidy(step.next);
        const to = reached.add(next, number, choice);
        if (to.isNew) following.push({ number: to.number, state: next });
        if (step === calm) reached.setCalm(number, to.number);
      }
      steps += enabled.length;
      if (reached.count > statesMax) throw new Error(`more than ${statesMax} states`);
    }
    frontier = following;
  }
  const stuck = reached.findStuck();
  if (stuck !== null) return answer("work that never ends, though faults have stopped", stuck);
  return { states: reached.count, steps, counterexample: null };
}

/** Numbers in [0, 1) that a seed decides (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** One random schedule of some steps, and then a calm one to its end. */
export function walk(rules: Rules, seed: number, stepsMax: number): Exploration {
  const random = randomNumbers(seed);
  const calmStepsMax = 1000;
  let state = initialState(rules);
  const trace: string[] = [];
  let passed = 1;
  for (let i = 0; i < stepsMax + calmStepsMax; i += 1) {
    const violation = violationOf(rules, state);
    if (violation !== null) {
      return { states: passed, steps: i, counterexample: { violation, trace } };
    }
    const enabled = stepsOf(rules, state);
    const step = i < stepsMax ? enabled[Math.floor(random() * enabled.length)] : calmStep(enabled);
    if (step === undefined) {
      if (isQuiet(state)) return { states: passed, steps: i, counterexample: null };
      break;
    }
    trace.push(describeStep(step));
    state = tidy(step.next);
    passed += 1;
  }
  const violation = "work that never ends, though faults have stopped";
  return { states: passed, steps: passed - 1, counterexample: { violation, trace } };
}
