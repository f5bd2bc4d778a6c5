import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { kotlin } from "./languages/kotlin/language.ts";
import {
  createSymbolParser,
  PARSE_MILLISECONDS_MAX,
  REPAIRS_MAX,
  REPAIRS_OF_MISTAKE_MAX,
  type SymbolParser,
} from "./parser.ts";

const METHODS = 300;

/** A class with methods, and what stands in front of the last ones. */
function classWith(lines: string): string {
  const method = (index: number) => `fun f${index}(a: Int): Int {\n  return a + ${index}\n}\n`;
  const methods = Array.from({ length: METHODS }, (_, index) => method(index));
  return `class A {\n${methods.join("")}${lines}${"fun last() {}\n".repeat(3)}}\n`;
}

const SOUND = classWith("");
const MISTAKEN = classWith("val x = = 3\n");

let time = 0;
let calls = 0;
/** What a call of the clock adds to the time. */
let step: () => number = () => 0;
let parser: SymbolParser;

beforeEach(() => {
  [time, calls, step] = [0, 0, () => 0];
  parser = createSymbolParser({
    now: () => {
      calls++;
      return time += step();
    },
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  parser.close();
});

async function namesIn(text: string): Promise<string[]> {
  const outcome = await parser.parse({ language: "Kotlin", text, sizeBytes: text.length });
  if ("skip" in outcome) throw new Error(outcome.skip);
  return outcome.symbols.map(({ name }) => name);
}

/** How often the parser looks at the clock in one parse. */
async function callsOfOneParse(): Promise<number> {
  await namesIn(SOUND);
  const counted = calls;
  calls = 0;
  return counted;
}

describe("a file with a mistake", () => {
  test("has what stands behind it where there is time", async () => {
    const names = await namesIn(MISTAKEN);
    expect(names.filter((name) => name === "last")).not.toEqual([]);
  });

  test("has what was found without a repair that came to the time limit", async () => {
    const once = await callsOfOneParse();
    step = () => calls > 1.5 * once ? 2 * PARSE_MILLISECONDS_MAX : 0;
    expect((await namesIn(MISTAKEN)).length).toBeGreaterThan(METHODS / 2);
    expect(calls).toBeGreaterThan(1.5 * once);
    step = () => 0;
    expect(await namesIn("fun next() {}")).toEqual(["next"]);
  });

  test("is not parsed again where the time left is less than a parse took", async () => {
    const once = await callsOfOneParse();
    step = () => 0.55 * PARSE_MILLISECONDS_MAX / once;
    expect((await namesIn(MISTAKEN)).length).toBeGreaterThan(METHODS / 2);
    expect(calls).toBeLessThan(1.5 * once);
  });

  test.each([
    [
      "no longer than one mistake may take where the grammar gets no further",
      0,
      REPAIRS_OF_MISTAKE_MAX + 1,
    ],
    ["up to the largest number of times where it gets further", 1, REPAIRS_MAX],
  ])("is changed %s", async (_, advance, expected) => {
    let failedAt = 0;
    const repair = vi.spyOn(kotlin, "repair").mockImplementation((_root, prepared) => ({
      text: prepared,
      failedAt: failedAt += advance,
    }));
    await namesIn("class A { = = }");
    expect(repair).toHaveBeenCalledTimes(expected);
  });
});
