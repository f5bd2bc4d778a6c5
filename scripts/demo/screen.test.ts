import { expect, test } from "vitest";
import { label, lookOf, Screen } from "./screen.ts";
import { fitSpans, paint, span } from "./spans.ts";

function recorded(escapeCodes: boolean, columns?: number) {
  const written: string[] = [];
  const screen = new Screen(
    { write: (text) => written.push(text), columns: () => columns },
    { colours: escapeCodes, redraws: escapeCodes },
  );
  return { screen, text: () => written.join("") };
}

test("without a terminal a line is 80 columns and its figures end there", () => {
  const { screen, text } = recorded(false);
  screen.row([label("commit"), "4f1c9e2a"], ["1.62 s"]);
  expect(text()).toBe(`   commit      4f1c9e2a${" ".repeat(51)}1.62 s\n`);
  expect(text().length).toBe(81);
});

test("a long row is cut and its figures stay whole", () => {
  const { screen, text } = recorded(false, 40);
  screen.row(["a".repeat(100)], ["34.1 s"]);
  expect(text()).toBe(`   ${"a".repeat(28)}…  34.1 s\n`);
});

test("for a program a row is written whole, and its figures behind it", () => {
  const written: string[] = [];
  const sink = { write: (text: string) => written.push(text), columns: () => undefined };
  const screen = new Screen(sink, { colours: false, redraws: false, wholeRows: true });
  screen.row(["a".repeat(100)], ["34.1 s"]);
  expect(written).toEqual([`   ${"a".repeat(100)}  34.1 s\n`]);
  expect(screen.textColumns).toBe(Infinity);
});

test("steps are numbered", () => {
  const { screen, text } = recorded(false);
  screen.step("Stack");
  screen.step("Push");
  expect(text()).toBe("\n1  Stack\n\n2  Push\n");
});

test("on a terminal the live line is redrawn in place and gone before the next row", () => {
  const { screen, text } = recorded(true, 80);
  screen.live("parsing", ["10 %"]);
  screen.live("parsing", ["20 %"]);
  screen.row(["done"]);
  expect(text()).toBe("\r\u001b[2K   10 %\r\u001b[2K   20 %\r\u001b[2K   done\n");
});

test("without escape codes a live line is written once for each key", () => {
  const { screen, text } = recorded(false);
  screen.live("fetching", ["fetching"]);
  screen.live("fetching", ["fetching more"]);
  screen.live("parsing", ["parsing"]);
  screen.row(["done"]);
  expect(text()).toBe("   fetching\n   parsing\n   done\n");
});

test("without escape codes roles leave no trace", () => {
  expect(paint([span("title", "a"), span("match", "b"), "c"], false)).toBe("abc");
  expect(paint([span("match", "b")], true)).toBe("\u001b[1;33mb\u001b[22;39m");
});

test("colours need a terminal, no NO_COLOR and a TERM that is not dumb", () => {
  const plain = { colours: false, redraws: false };
  expect(lookOf(true, {})).toEqual({ colours: true, redraws: true });
  expect(lookOf(true, { NO_COLOR: "" })).toEqual({ colours: true, redraws: true });
  expect(lookOf(true, { NO_COLOR: "1" })).toEqual(plain);
  expect(lookOf(true, { TERM: "dumb" })).toEqual(plain);
  expect(lookOf(false, {})).toEqual(plain);
});

test("FORCE_COLOR colours what is no terminal, where nothing is redrawn", () => {
  expect(lookOf(false, { FORCE_COLOR: "1" })).toEqual({ colours: true, redraws: false });
  expect(lookOf(true, { FORCE_COLOR: "1", NO_COLOR: "1" }))
    .toEqual({ colours: true, redraws: false });
  expect(lookOf(true, { FORCE_COLOR: "0" })).toEqual({ colours: false, redraws: true });
  expect(lookOf(false, { FORCE_COLOR: "" })).toEqual({ colours: false, redraws: false });
  const written: string[] = [];
  const sink = { write: (text: string) => written.push(text), columns: () => undefined };
  new Screen(sink, lookOf(false, { FORCE_COLOR: "1" })).live("parsing", [span("match", "b")]);
  expect(written).toEqual(["   \u001b[1;33mb\u001b[22;39m\n"]);
});

test("cutting shows in the piece where the line ends", () => {
  expect(paint(fitSpans(["abc", span("match", "def"), "ghi"], 5), false)).toBe("abcd…");
  expect(paint(fitSpans(["abc", span("match", "def"), "ghi"], 6), false)).toBe("abcde…");
  expect(paint(fitSpans(["abc", "def"], 6), false)).toBe("abcdef");
});
