import { expect, test } from "vitest";
import { armed, struck } from "./faults/fault.ts";
import { Injections } from "./injections.ts";
import { isClean, reportLines } from "./report_lines.ts";

const struckFault = struck("struck", () => Promise.resolve());
const armedFault = armed("armed", () => () => false);

function report(injections: Injections) {
  return {
    seed: 1,
    steps: new Map(),
    faults: injections.effects(),
    pending: injections.pending(),
    failed: injections.failed,
    missing: injections.missing().map(({ name }) => name),
    facts: {},
    checks: [{ name: "all is well", problems: [] }],
  };
}

test("a fault that was prepared counts once it has met its occasion, and not before", () => {
  const injections = new Injections([struckFault, armedFault]);
  let isMet = false;
  injections.note("struck", null);
  injections.note("armed", () => isMet);
  expect([...injections.effects()]).toEqual([["struck", 1]]);
  expect([...injections.pending()]).toEqual([["armed", 1]]);
  isMet = true;
  expect([...injections.effects()]).toEqual([["struck", 1], ["armed", 1]]);
  expect(injections.missing()).toEqual([]);
});

test("a run in which a fault never took effect proves nothing of it and is not ok", () => {
  const injections = new Injections([struckFault, armedFault]);
  injections.note("struck", null);
  injections.note("armed", () => false);
  injections.failed.add("armed");
  expect(isClean(report(injections))).toBe(false);
  expect(reportLines(report(injections)).join("\n")).toContain("armed never took effect");
});

test("a run with every fault and no problem is ok, whatever was not injected in between", () => {
  const injections = new Injections([struckFault]);
  injections.failed.add("struck");
  injections.note("struck", null);
  expect(isClean(report(injections))).toBe(true);
  expect(reportLines(report(injections)).at(-1)).toContain("ok seed 1");
});
