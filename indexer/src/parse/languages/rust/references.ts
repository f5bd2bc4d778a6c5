/**
 * Rust: its words, its literals, and how its references and bodies are told.
 */
import {
  type CustomRule,
  LINE_COMMENT,
  longString,
  NESTED_COMMENT,
  plainString,
  rawString,
  type StringRule,
  words,
} from "../../tokens/lexis.ts";
import type { ReferenceRules } from "../../reference_rules.ts";

/** `'a'` is a character and `'a` a lifetime, which is no reference. */
const CHARACTER: CustomRule = {
  type: "custom",
  open: "'",
  read(start, { text }) {
    const match = /'(?:\\(?:u\{[^}\n]{0,8}\}|x..|.)|[^\\'\n]{1,2})'/y;
    match.lastIndex = start;
    if (match.test(text)) return match.lastIndex;
    const lifetime = /'\w*/y;
    lifetime.lastIndex = start;
    lifetime.test(text);
    return lifetime.lastIndex;
  },
};

/** `r#"…"#`, `b"…"`, `c"…"`, `b'…'` */
function prefixed(text: string, start: number, quote: number): StringRule | null {
  const prefix = text.slice(start, quote);
  if (prefix === "b" && text[quote] === "'") return plainString("'");
  if (!/^(?:b|c|r|br|cr)$/.test(prefix)) return null;
  let end = quote;
  while (text[end] === "#") end += 1;
  if (text[end] !== '"') return null;
  if (!prefix.endsWith("r")) return end === quote ? longString('"') : null;
  const hashes = text.slice(quote, end);
  return rawString(`${hashes}"`, `"${hashes}`);
}

/** The references of Rust. */
export const rustReferences: ReferenceRules = {
  lexis: {
    keywords: words(
      "_ Self as async await bool break char const continue crate dyn else enum extern f32 f64 false " +
        "fn for i128 i16 i32 i64 i8 if impl in isize let loop macro_rules match mod move mut pub ref " +
        "return self static str struct super trait true type u128 u16 u32 u64 u8 union unsafe use " +
        "usize where while",
    ),
    beforeValue: words("return in match if else while move as"),
    rules: [LINE_COMMENT, NESTED_COMMENT, longString('"'), CHARACTER],
    prefixed,
  },
  imports: ["use"],
  heads: ["trait"],
  inherits: { words: [], signs: ":", ends: ["where"] },
  typeWords: ["impl", "dyn", "as", "for"],
  capitalTypes: true,
  selfWords: ["Self"],
  typeParameters: { behindNames: true, words: ["impl"] },
  lambdas: { signs: ["|", "=>"] },
  typePatterns: true,
  wordsOfTypes: words(
    "bool char f32 f64 i128 i16 i32 i64 i8 isize str u128 u16 u32 u64 u8 union usize",
  ),
  functionTypes: words("Fn FnMut FnOnce AsyncFn AsyncFnMut AsyncFnOnce"),
  hashAttributes: true,
  variables: ["let", "mut", "ref", "const", "static", "fn", "struct", "enum"],
  order: "name",
  assigns: false,
  namedArguments: false,
  bareCalls: false,
  elision: {
    containers: ["struct", "enum", "union", "trait", "impl", "mod", "extern", "macro_rules"],
    functions: ["fn"],
    starts: ["use", "const", "static", "type"],
    parentheses: false,
    values: true,
  },
};
