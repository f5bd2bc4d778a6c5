import { expect, test } from "vitest";
import { busyMilliseconds, familyMilliseconds, familyOf, parseStat, statusBytes } from "./proc.ts";

test("a process is read whatever its name contains", () => {
  const rest = `S 7 1 1 0 -1 4194560 1 2 3 4 150 50 30 20 20 0 1 0 1 2 3`;
  expect(parseStat(`42 (a) b (c) ${rest}`)).toEqual({
    pid: 42,
    parentPid: 7,
    ownMilliseconds: 2000,
    endedChildrenMilliseconds: 500,
  });
});

test("a family is a process, its children and theirs, and its time counts ended ones", () => {
  const process = (pid: number, parentPid: number, ended = 0) => ({
    pid,
    parentPid,
    ownMilliseconds: pid,
    endedChildrenMilliseconds: ended,
  });
  const all = [process(1, 0), process(2, 1, 100), process(3, 2), process(4, 1)];
  expect(familyOf(2, all).map(({ pid }) => pid)).toEqual([2, 3]);
  expect(familyMilliseconds(2, all)).toBe(105);
  expect(familyMilliseconds(9, all)).toBeNull();
});

test("memory is read in bytes, and is missing when the process is gone", () => {
  expect(statusBytes("Name:\tnode\nVmHWM:\t    2048 kB\nVmRSS:\t 1 kB\n", "VmHWM")).toBe(
    2 * 2 ** 20,
  );
  expect(statusBytes("", "VmHWM")).toBeNull();
});

test("a machine is busy with all but idling and waiting", () => {
  const stat = "cpu  100 10 20 9000 500 1 2 3 7 0\ncpu0 50 5 10 4500 250 0 1 1 3 0\n";
  expect(busyMilliseconds(stat)).toBe(1360);
  expect(busyMilliseconds("")).toBeNull();
});
