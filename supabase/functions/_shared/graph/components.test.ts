import fc from "fast-check";
import { expect, test } from "vitest";
import { cyclesIn } from "./components.ts";

/** Two nodes are in one component when each reaches the other. */
function reach(edges: ReadonlyMap<string, readonly string[]>, from: string): Set<string> {
  const seen = new Set<string>();
  const left = [...edges.get(from) ?? []];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    left.push(...edges.get(node) ?? []);
  }
  return seen;
}

test("components are the nodes that reach one another, in any graph", () => {
  const node = fc.integer({ min: 0, max: 9 }).map(String);
  fc.assert(fc.property(fc.array(fc.tuple(node, node), { maxLength: 25 }), (pairs) => {
    const edges = new Map<string, string[]>();
    for (const [from, to] of pairs) edges.set(from, [...edges.get(from) ?? [], to]);
    const nodes = [...new Set(pairs.flat())].sort();
    const together = (one: string) =>
      nodes.filter((other) => reach(edges, one).has(other) && reach(edges, other).has(one));
    const expected = new Set(
      nodes.map(together).filter((each) => each.length > 1).map((each) => each.join()),
    );
    const found = cyclesIn(edges);
    expect(new Set(found.map((each) => each.join()))).toEqual(expected);
    expect(found.map((each) => each.length)).toEqual(
      found.map((each) => each.length).toSorted((one, other) => other - one),
    );
  }));
});

test("a long chain needs no deep stack", () => {
  const length = 20_000;
  const chain = new Map(Array.from({ length }, (_, i) => [`${i}`, [`${(i + 1) % length}`]]));
  expect(cyclesIn(chain)[0]).toHaveLength(length);
});
