import { afterAll, describe, expect, test } from "vitest";
import { behindBrackets } from "./declarations/attributes.ts";
import { languageOfText } from "./detection/language_content.ts";
import { blankMacros } from "./languages/c_family/macros.ts";
import { typescriptReferences } from "./languages/ecmascript/references.ts";
import { css } from "./languages/css/language.ts";
import { readable } from "./languages/kotlin/repair.ts";
import { codeOfSvelte } from "./languages/component/svelte.ts";
import { codeOfVue } from "./languages/component/vue.ts";
import { Lexer } from "./tokens/lexer.ts";
import { createSymbolParser } from "./parser.ts";

/** Texts made so that a pattern which goes back, or starts again at every unit, does not come to an end. */
const UNITS = 1_000_000;

function filled(part: string): string {
  return part.repeat(UNITS / part.length);
}

/** How the grammar reads what is left alone. */
function same(text: string): readonly [string, string] {
  return [text, text];
}

function read(text: string, prepared: string): readonly [string, string] {
  return [text, prepared];
}

describe("a text as its grammar reads it is made of any one", () => {
  test.each([
    ["an open string of escapes", same(`a { b: "${filled('\\"')}`)],
    ["open strings of both kinds", same(`a { b: '"${filled("\\'\\\"")}`)],
    ["escapes and strings with braces", read('\\"{\n"{"', '\\"{\n" "')],
    ["an open comment", same(`a {} /*${filled("/* ")}`)],
    ["addresses without an end", same(filled("url("))],
  ])("in CSS, with %s", (_, [text, prepared]) => {
    const found = "prepare" in css ? css.prepare?.(text) : undefined;
    expect(found === prepared).toBe(true);
  });

  test.each([
    ["open tags", "<a "],
    ["tags", "<a>x"],
    ["tags of other components", "<a-b>"],
    ["open braces", "{"],
    ["braces in open quotes", '<a b="{'],
    ["an open string of escapes in braces", `{"${'\\"'.repeat(20)}`],
    ["open strings in braces", "{'"],
    ["open templates", "{`\n"],
    ["open patterns in braces", "{(/["],
    ["divisions of blanks in braces", "{a      /"],
    ["open loops", '<a v-for="'],
    ["a loop of blanks", '<a v-for="   '],
    ["blocks without an end", "{#each a "],
    ["scripts", "<script>"],
    ["ends of scripts", "</script "],
    ["labels", "\n\n$"],
    ["reactive labels", "<script>\n$: a = "],
    ["declared names", "<script>let a "],
    ["files of scripts", '<script src="./a">'],
    ["types of components", '<script generics="T<,">'],
    ["makers of components", "<script>\nexport default a(a)<"],
    ["a script of blanks", "<script>\n\n"],
    ["components", "<script>export default a({"],
    ["groups", "<script>export default { methods: {"],
    ["closed groups", "<script>export default { methods: { } "],
    ["blanks behind a component", "<script>export default a({})        "],
    ["mustaches", "{{ a "],
    ["comments", "<!-- "],
  ])("in components, with %s", (_, part) => {
    const [, inside = ""] = part.split("<script>");
    const text = inside === "" ? filled(part) : `<script>${filled(inside)}`;
    for (const { script, markup } of [codeOfVue(text), codeOfSvelte(text)]) {
      expect([script.length, markup.length]).toEqual([text.length, text.length]);
    }
  });

  test.each([
    ["a word that may define", filled("DEFINE_")],
    ["lines that define nothing", filled("DEFINE(a,\n")],
    ["definitions with open comments", `#define A \\\n${filled("/* ")}`],
    ["a definition of backslashes", `#define A ${filled("\\")}`],
    ["words in front of what is no annotation", filled(`${"a".repeat(150)} __attribute;\n`)],
    ["a class and macros", `class ${filled("ABC ")}`],
    ["brackets and white space", filled(")\n")],
  ])("in C, with %s", (_, text) => {
    expect(blankMacros(text) === text).toBe(true);
  });

  test.each([
    ["empty lines", `__abc${filled(" ")}__abc${filled("\n")}`],
    ["others on one line", `${filled("__abc ")}__abc (`],
    ["names on one line", `a${filled(" __abc b(")}`],
    ["others in brackets", filled("__abc(__abc ")],
    ["arguments", filled("__abc(a)(b) ")],
    ["long words in front", filled(`${"a".repeat(150)} __abc;\n`)],
    ["a type and white space", `ABC a${filled(" ")}`],
    ["others in capitals", filled("ABC ")],
    ["empty lines behind capitals", `ABC\n${filled("\n")}`],
  ])("in C, with annotations and %s", (_, text) => {
    expect(blankMacros(text).length).toBe(text.length);
  });

  test.each([
    ["a line of slashes behind a class", same(`class A\n${filled("/")}\n`)],
    ["classes in comments", same(filled("//class A\n"))],
    ["classes in open comments", same(filled("/*class A\n"))],
    ["a class and empty lines", same(`class A\n${filled("\n")}`)],
    ["annotations whose arguments do not end", same(filled("@a(\n"))],
    ["annotations and open strings", same(filled(`@a("${'\\"'.repeat(2000)}\n`))],
    ["bodies that do not end", same(filled("{ a "))],
    [
      "annotations behind comments",
      read(
        "class A\n\n// ----\n  /* b */\n@B fun c() {}\n",
        "class A\n\n// ----\n  /* b */\n   fun c() {}\n",
      ),
    ],
    ["modifiers in a row", same(filled("enum class "))],
    ["annotations and white space", read(`@a${filled(" ")}@b`, `@a${filled(" ")}  `)],
    ["an annotated constructor", same("class A\n  @B\n  constructor()\n")],
  ])("in Kotlin, with %s", (_, [text, prepared]) => {
    expect(readable(text) === prepared).toBe(true);
  });
});

describe("the language is told of any text", () => {
  test.each([
    ["JSON with Comments", "\n".repeat(10_000) + '{"a": 1}\n'],
    ["JSON with Comments", "# a\n\n".repeat(10_000) + '{"a": 1}\n'],
    ["JSON with Comments", ` :${filled(" \n")}`],
    ["C", `namespace${filled(" ")}`],
    ["C", filled("class A ")],
    ["Objective-C", filled("%function\n").replaceAll("%", "a")],
    ["Perl", `a${filled("-\r")}:-`.replace(":-", "")],
    ["Verilog", filled("fn (\n")],
    ["SQL", filled("create or ")],
    ["TypeScript", filled("<?xml ")],
    ["", `-*-${" ".repeat(900)}:D-${"*-;MODE:D;".repeat(900)}*-`],
    ["", filled(" vi: ft")],
  ])("whose path says %j, whatever its text says", (pathLanguage, text) => {
    expect(languageOfText(pathLanguage, text)).toBe(pathLanguage);
  });

  test.each(["\n", "# a\n\n", " \n\t# a\n"])("of YAML behind many %j", (line) => {
    expect(languageOfText("JSON with Comments", `${line.repeat(1000)}a: 1\n`)).toBe("YAML");
  });
});

test.each([
  `("${filled('\\"')}`,
  `('${filled("\\'")}`,
  `(${filled("`\\`\\")}`,
  `(${filled("'\n")}`,
])(
  "brackets that do not end are behind no text (%#)",
  (text) => {
    expect(behindBrackets(text, 0)).toBe(-1);
  },
);

test.each(["/[", "/[\\]"])(
  "expressions of TypeScript that do not end (%j) are read in vain so often and no more",
  (part) => {
    const { count } = new Lexer(typescriptReferences.lexis).lex(`${filled(part)}\na`);
    expect(count).toBeGreaterThan(UNITS / part.length);
  },
);

describe("the names are found in any text", () => {
  const parser = createSymbolParser({ now: () => 0 });
  afterAll(() => parser.close());

  async function namesIn(language: string, text: string): Promise<string[]> {
    const outcome = await parser.parse({ language, text, sizeBytes: 1 });
    if ("skip" in outcome) throw new Error(outcome.skip);
    return outcome.symbols.map(({ name }) => name);
  }

  const WIDE = 990;

  test.each([
    ["Java", `class A { ${"static ".repeat(20_000)} int b; }`, ["A", "b"]],
    ["Rust", `impl A for [${"a".repeat(200_000)}] {}\nfn b() {}`, ["b"]],
    ["Ruby", `def a\nend\n${filled("/\\")}\n`, ["a"]],
    ["Swift", `func a() {}\n${filled("class A: B(\n")}`, ["a"]],
    ["TypeScript", `const a = 1;\n${filled("/\\")}\n`, ["a"]],
    ["TypeScript", `const a = 1;\n${"/[".repeat(2000)}]\n`, ["a"]],
    ["Kotlin", "class A\n@B.C", ["A"]],
    ["Kotlin", "val a = 1\n@", ["a"]],
    ["SQL", filled("table "), []],
    ["SQL", filled("from (a "), []],
    ["SQL", filled("copy a from stdin;\n"), []],
    ["SQL", filled("delimiter $\n'"), []],
    ["SQL", filled(", a (b, "), []],
    ["Markdown", `# a\n\n${`#${" ".repeat(WIDE)}\rb\n`.repeat(UNITS / WIDE)}`, ["a"]],
    ["Markdown", `# ${" ".repeat(900)}b ##\n## c#\n### #\n#\n`, ["b", "c#"]],
    ["Markdown", `${`${"`".repeat(WIDE)}~\`\n`.repeat(UNITS / WIDE)}\n# a\n`, ["a"]],
  ])("in %s (%#)", async (language, text, names) => {
    expect(await namesIn(language, text)).toEqual(names);
  });

  const goOn: readonly (readonly [string, readonly string[]])[] = [
    ["JavaScript", ["a.", "a, ", "a::", "a-", "a-b="]],
    ["TSX", ["a, ", "a-", "<a-"]],
    ["Python", ["a.", "a, ", "a::", "a|", "|a"]],
    ["Go", ["a.", "a, "]],
    ["Rust", ["a::", "a|", "a, "]],
    ["C++", ["a::", "a, "]],
    ["Swift", ["a.", "a, "]],
  ];
  const each = goOn.flatMap(([language, parts]) => parts.map((part) => [language, part] as const));

  test.each(each)("in %s, of a list or path of %j that goes on and on", async (language, part) => {
    expect(await namesIn(language, `(${filled(part)}`)).toEqual([]);
  });
});
