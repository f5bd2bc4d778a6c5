// Explores the model of queue and wake protocol: all states of small configurations, random
// schedules of a large one, and the same with a mistake planted, which must be found.
// MODEL_WALKS=100000 walks longer; MODEL_TRACES=1 prints each mistake's shortest counterexample.

import { describe, expect, test } from "vitest";
import { exploreAll, walk } from "./explore.ts";
import { configurations, large, mistakes } from "./scenarios.ts";
import type { Mutation } from "./state.ts";

const WALKS = Number(process.env["MODEL_WALKS"] ?? 1500);
const WALK_STEPS_MAX = 400;

function report(text: string): void {
  process.stdout.write(`  model: ${text}\n`);
}

describe.each(Object.entries(configurations))("%s", (name, configuration) => {
  test("the protocol holds in every reached state, and from each the work ends", () => {
    const { states, steps, counterexample } = exploreAll({ ...configuration, mutation: null });
    report(`${name}: ${states} states, ${steps} steps`);
    expect(counterexample).toBeNull();
  });
});

test(`the protocol holds on ${WALKS} random schedules of three tenants with six faults`, () => {
  let states = 0;
  for (let seed = 0; seed < WALKS; seed += 1) {
    const walked = walk({ ...large, mutation: null }, seed, WALK_STEPS_MAX);
    states += walked.states;
    expect(walked.counterexample, `seed ${seed}`).toBeNull();
  }
  report(`${WALKS} random schedules: ${states} states`);
});

test.each(Object.keys(mistakes) as Mutation[])("the mistake %s is found", (mutation) => {
  const { configuration, violation } = mistakes[mutation];
  const { states, counterexample } = exploreAll({ ...configurations[configuration], mutation });
  expect(counterexample?.violation).toMatch(violation);
  const trace = counterexample?.trace ?? [];
  const lines = process.env["MODEL_TRACES"] === "1" ? trace : [];
  const summary = `${counterexample?.violation}, after ${trace.length} steps, ${states} states`;
  report([`${mutation}: ${summary}`, ...lines].join("\n      "));
});
