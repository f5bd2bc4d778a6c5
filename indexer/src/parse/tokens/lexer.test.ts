import * as fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { loadLanguages } from "../languages/registry.ts";
import { Lexer } from "./lexer.ts";
import { TOKEN } from "./tokens.ts";

const supportedLanguages = await loadLanguages();

function lexerOf(language: string): Lexer {
  const support = supportedLanguages.get(language);
  if (support === undefined || !("references" in support) || support.references === null) {
    throw new Error(`no lexer of ${language}`);
  }
  return new Lexer(support.references.lexis);
}

function wordsOf(language: string, text: string): string {
  const lexer = lexerOf(language);
  const tokens = lexer.lex(text);
  const words: string[] = [];
  for (let index = 0; index < tokens.count; index++) {
    if (tokens.word(index) >= 0) words.push(lexer.identifiers.word(tokens.word(index)));
  }
  return words.join(" ");
}

/** How many units searches of texts have gone over while something was done, at most. */
function unitsSearched(action: () => void): number {
  let units = 0;
  const indexOf: typeof String.prototype.indexOf = Reflect.get(String.prototype, "indexOf");
  const lastIndexOf: typeof String.prototype.lastIndexOf = Reflect.get(
    String.prototype,
    "lastIndexOf",
  );
  vi.spyOn(String.prototype, "indexOf").mockImplementation(function (this: string, ...args) {
    const found = indexOf.apply(this, args);
    units += (found === -1 ? this.length : found) - (args[1] ?? 0);
    return found;
  });
  vi.spyOn(String.prototype, "lastIndexOf").mockImplementation(function (this: string, ...args) {
    const found = lastIndexOf.apply(this, args);
    units += Math.min(args[1] ?? this.length, this.length) - Math.max(found, 0);
    return found;
  });
  try {
    action();
  } finally {
    vi.restoreAllMocks();
  }
  return units;
}

test.each(["#\n", "#a /*\n", "#a \\\n", "# a */\n"])(
  "lines of the preprocessor cost no look at the rest of the text: %j over and over",
  (line) => {
    const text = line.repeat(500);
    expect(unitsSearched(() => lexerOf("C").lex(text))).toBeLessThan(10 * text.length);
  },
);

describe("words outside of comments and literals", () => {
  test.each([
    ["TypeScript", "a /* b */ c // d\ne", "a c e"],
    ["TypeScript", "'a\\'b' \"c\" d", "d"],
    ["TypeScript", "`a ${b + `c ${d} e` + {f: g}.h} i` j", "b d f g h j"],
    ["TypeScript", "a / b / c; x = /d[/]e/g; f(/g/)", "a b c x f"],
    ["TypeScript", "return /a/; b", "return b"],
    ["TypeScript", "<p>don't</p>\n a", "p don t p a"],
    ["TypeScript", "a.#b $c", "a #b $c"],
    ["TypeScript", "\ufeffa\u00a0b é 变量", "a b é 变量"],
    ["TypeScript", "#!/usr/bin/env node\na", "a"],
    ["Go", "a `b\nc` d 'e' \"f\" // g", "a d"],
    ["Python", 'a """b\nc""" d # e\nf', "a d f"],
    ["Python", "r'a\\n' b f\"c {d + 1!r:>{e}} {{f}}\" g", "b d r e g"],
    ["Rust", "fn a<'b>(c: &'b str) { 'd'; '\\''; b'e' } r#\"f \" g\"# h", "fn a c str h"],
    ["Rust", "a /* b /* c */ d */ e", "a e"],
    ["C", "#include <a.h>\n#define B(c) \\\n  d\ne 'f' L\"g\" h", "e h"],
    ["C++", 'a R"x(b ")" c)x" d 1\'000 e', "a d e"],
    ["C++", "#error don't\na", "a"],
    ["C", "#define a /* b\nc */ d\ne", "d e"],
    ["C", "#define a /* b */ c\nd /* e */ f", "d f"],
    ["C", "#define a /* b\nc\nd", "c d"],
    ["Java", 'a """\n b " c\n """ d', "a d"],
    ["C#", '@"a\\" b @"c""d" e $"f {g} {{h}}" i $@"j{k}" l """m " n""" o', "b e g i k l o"],
    ["PHP", "<b>it's</b><?php $a = 'b'; # c\n#[D] ?> don't <?php e", "$a D e"],
    ["PHP", "<?php a(<<<X\n b 'c\n X, d);", "a d"],
    ["Kotlin", '"a ${b("c")} d" """e ${f}""" g', "b f g"],
    ["Scala", 's"a ${b}" \'c\' """d""" e', "b e"],
    ["Kotlin", '"$a.b $c_1 \\$d $2 $this $" """$e$f""" g', "a c_1 e f g"],
    ["Scala", 's"$a.b $$c ${d}$e" "$f" g', "a d e g"],
    ["Kotlin", '"$a$b${c}" d', "a b c d"],
    ["Kotlin", '"$a\n b', "a b"],
    ["Zig", "a \\\\ b\n c", "a c"],
    ["Ruby", "a <<~X, b\n  c d\n  X\ne", "a b e"],
    ["Ruby", '%w[a b] c %q{d} "e #{f} g" :h i: 1', "c f i"],
    ["Ruby", "a / b; c = /d/; split(/e/) ; f?; g != h", "a b c split f? g h"],
    ["Ruby", "=begin\na\n=end\nb", "b"],
    ["Lua", "a --[[ b ]] c --[==[ d ]] ]==] e [[f\ng]] h -- i\nj", "a c e h j"],
    ["Elixir", '~r/a b/ c ~S"""\nd " e\n""" :f g "h #{i}" ?j k', "c g i k"],
    [
      "Shell",
      'a "$b-c ${d:-e} ${#f} \\$g $1 $(h "$i")" j <<X\n$k ${l}\nX\nm',
      "a b d f h i j k l m",
    ],
    ["Shell", "a 'b' \"c $(d) e\" # f\ng#h <<X\ni\nX\nj", "a d g h j"],
    ["Swift", 'a "b \\(c(")")) d" #"e "f" \\#(g)"#\n#if h\ni @objc(j) k', "a c g i k"],
  ])("of %s: %j", (language, text, words) => {
    expect(wordsOf(language, text)).toBe(words);
  });
});

describe.each(
  Array.from(supportedLanguages.keys()).filter((language) => {
    const support = supportedLanguages.get(language);
    return support !== undefined && "references" in support && support.references !== null;
  }),
)("tokens of any text, taken for %s,", (language) => {
  const lexer = lexerOf(language);

  test("lie in it one behind the other", () => {
    const signs = fc.constantFrom(..."\"'`/*#{}()[]<>%~$\\-=@?: \n", "a", "0", "<<A", 'R"(', "é");
    fc.assert(
      fc.property(fc.array(signs, { maxLength: 60 }), (parts) => {
        const text = parts.join("");
        const tokens = lexer.lex(text);
        let end = 0;
        for (let index = 0; index < tokens.count; index++) {
          if (tokens.kinds[index] === TOKEN.fork) continue;
          expect(tokens.starts[index]).toBeGreaterThanOrEqual(end);
          end = tokens.ends[index] ?? 0;
          expect(end).toBeGreaterThan(tokens.starts[index] ?? 0);
          expect(end).toBeLessThanOrEqual(text.length);
          const word = tokens.word(index);
          if (word < 0) continue;
          expect(lexer.identifiers.word(word)).toBe(text.slice(tokens.starts[index], end));
        }
      }),
      { numRuns: 200 },
    );
  });
});
