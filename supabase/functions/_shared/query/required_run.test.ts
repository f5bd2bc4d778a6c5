import fc from "fast-check";
import { RE2JS } from "re2js";
import { expect, test } from "vitest";
import { requiredRun } from "./required_run.ts";

/** The run with its characters as they are, so that it can be read. */
function readable(source: string, ignoresCase = false): string | null {
  const run = requiredRun(source, ignoresCase);
  return run?.expression.source.replaceAll(
    /\\u\{([0-9a-f]+)\}/g,
    (_, digits: string) => String.fromCodePoint(Number.parseInt(digits, 16)),
  ) ?? null;
}

test.each<[string, string | null]>([
  ["foo", "foo"],
  ["^foo$", "foo"],
  ["foo.*barbar", "barbar"],
  ["fo+bar", "obar"],
  ["foo?bar", "bar"],
  ["fo{2}b", "foob"],
  ["fo{2,}b", "foo"],
  ["f*", null],
  ["\\b[a-z]\\d{4,6}[a-z]\\b", "[a-z][0-9][0-9][0-9][0-9]"],
  ['"[a-z]+-node[a-z-]*"', "[a-z]-node"],
  ["Safe[A-Z][a-z]+", "Safe[A-Z][a-z]"],
  ["(class|func) InMe\\w+", " InMe[0-9A-Z_-_a-z]"],
  ["(?:a(b|c[)])d)efg", "efg"],
  ["a\\.b.c", "a.b[^\\n]c"],
  ["a[]x-]b🚀", "a[]-]x-x---]b🚀"],
  ["ab[^c]", "ab[^\\nc-c]"],
  ["ab[[:alpha:]]", "ab[^\\n]"],
  ["ab\\W", "ab[^\\n0-9A-Z_-_a-z]"],
  ["a|bcd", null],
  ["(?i)abc", null],
  ["\\pLabc", null],
  ["\\Qabc\\E", null],
  ["[a-z]+", null],
  ["a{20}b", "aaaaaaaaaaaab"],
])("whatever %s matches holds %s", (source, run) => {
  expect(readable(source)).toBe(run);
});

test("without case what is left out of a set may be more than is written", () => {
  expect(readable("ab[^c]", true)).toBe("ab[^\\n]");
});

test("a run of single characters is a literal", () => {
  expect(requiredRun("f{2}o\\.b+", false)?.literal).toBe("ffo.b");
  expect(requiredRun("ab[cd]", false)?.literal).toBeNull();
});

test("no match lacks the run", () => {
  const atom = fc.constantFrom(
    ...["a", "b", "S", "é", "🚀", "1", ".", "\\.", "[ab]", "[^a]", "[^S1]", "[a-z]", "[\\d_]"],
    ...["\\d", "\\D", "\\w", "\\W", "\\s", "\\S", "\\b", "^", "(?:a|b)", "(ab|é|1)", "(a[)])"],
    ...["[]a]", "[^]a]", "[\\]-a]", "[-b]", "[[:digit:]a]"],
  );
  const repeat = fc.constantFrom("", "", "", "*", "+", "?", "{2}", "{1,2}", "{0,2}", "{2,}", "+?");
  const source = fc.array(fc.tuple(atom, repeat), { minLength: 1, maxLength: 6 })
    .map((parts) => parts.flat().join(""));
  const character = fc.constantFrom(
    ...["a", "b", "A", "s", "S", "ſ", "K", "é", "É", "🚀", ".", "1", "_", "-", "]", ")", " ", "\t"],
  );
  const text = fc.array(character, { maxLength: 12 }).map((parts) => parts.join(""));
  let held = 0;
  fc.assert(
    fc.property(source, text, fc.boolean(), (expression, subject, ignoresCase) => {
      let regex;
      try {
        regex = RE2JS.compile(expression, ignoresCase ? RE2JS.CASE_INSENSITIVE : 0);
      } catch {
        // Not every such sequence is an expression.
        return;
      }
      const run = requiredRun(expression, ignoresCase);
      if (run === null || !regex.test(subject)) return;
      held += 1;
      expect(run.expression.exec(subject)?.[0].length, `${expression} in ${subject}`)
        .toBeGreaterThan(0);
      run.expression.lastIndex = 0;
    }),
    { numRuns: 20_000 },
  );
  expect(held).toBeGreaterThan(200);
});
