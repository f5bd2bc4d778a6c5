import { expect, test } from "vitest";
import { parseArguments } from "./arguments.ts";

test("without arguments the demo runs on its own folder and stops afterwards", () => {
  expect(parseArguments([])).toEqual({ kind: "run", path: null, keep: false });
});

test("a path and --keep come in any order", () => {
  const expected = { kind: "run", path: "../a b", keep: true };
  expect(parseArguments(["--keep", "../a b"])).toEqual(expected);
  expect(parseArguments(["../a b", "--keep"])).toEqual(expected);
});

test("after -- a path may begin with a hyphen", () => {
  expect(parseArguments(["--", "-odd"])).toEqual({ kind: "run", path: "-odd", keep: false });
});

test("--help wins over whatever else is right", () => {
  expect(parseArguments(["--keep", "--help"])).toEqual({ kind: "help" });
  expect(parseArguments(["-h"])).toEqual({ kind: "help" });
});

test("unknown options, two paths and an empty path are mistakes with a message", () => {
  expect(parseArguments(["--kep"])).toEqual({ kind: "mistake", message: "unknown option --kep" });
  expect(parseArguments(["a", "b"])).toMatchObject({ kind: "mistake" });
  expect(parseArguments([""])).toEqual({ kind: "mistake", message: "PATH is empty" });
});
