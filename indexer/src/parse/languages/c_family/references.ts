/**
 * C and C++: their words, their literals, and how references and bodies are told. A macro's text is
 * left to `macro_uses.ts`, since its brackets need not fit together.
 */
import {
  BLOCK_COMMENT,
  type CustomRule,
  LINE_COMMENT,
  plainString,
  rawString,
  type StringRule,
  words,
} from "../../tokens/lexis.ts";
import type { ReferenceRules } from "../../reference_rules.ts";
import { FORK } from "../../tokens/tokens.ts";

const FORKS: ReadonlyMap<string, number> = new Map([
  ["if", FORK.start],
  ["ifdef", FORK.start],
  ["ifndef", FORK.start],
  ["elif", FORK.next],
  ["elifdef", FORK.next],
  ["elifndef", FORK.next],
  ["else", FORK.next],
  ["endif", FORK.end],
]);

const DIRECTIVE_WORD = /#[ \t]*([a-z]*)/y;

/** A line of the preprocessor, with the lines that go on after a backslash. */
export const DIRECTIVE: CustomRule = {
  type: "custom",
  open: "#",
  isComment: true,
  read(start, state) {
    if (!state.firstOnLine) return -1;
    const { text } = state;
    let end = text.indexOf("\n", start);
    while (end !== -1 && /\\\r?$/.test(text.slice(Math.max(start, end - 2), end))) {
      end = text.indexOf("\n", end + 1);
    }
    if (end === -1) end = text.length;
    DIRECTIVE_WORD.lastIndex = start;
    const fork = FORKS.get(DIRECTIVE_WORD.exec(text)?.[1] ?? "");
    if (fork !== undefined) state.addFork(fork, start, end);
    // A comment may begin on the line and end on another. Only the line is searched: there may be one for
    // every second unit of a file.
    const line = text.slice(start, end);
    const comment = line.lastIndexOf("/*");
    const isOpen = comment > 0 && !line.includes("*/", comment) && state.commentEndsBehind(end);
    return isOpen ? start + comment : end;
  },
};

/** `R"tag(…)tag"`, `u8"…"` */
function prefixed(text: string, start: number, quote: number): StringRule | null {
  const prefix = text.slice(start, quote);
  const sign = text.charAt(quote);
  if (sign === "#" || sign === "`" || !/^(?:u8|[uUL])?R?$/.test(prefix)) return null;
  if (!prefix.endsWith("R")) return plainString(sign);
  const open = text.indexOf("(", quote);
  if (open === -1 || open - quote > 17) return null;
  return rawString(text.slice(quote, open + 1), `)${text.slice(quote + 1, open)}"`);
}

const C_WORDS = words(
  "auto break case char const continue default do double else enum extern float for goto if inline " +
    "int long register restrict return short signed sizeof static struct switch typedef union " +
    "unsigned void volatile while NULL __attribute__ _Alignas _Atomic _Complex _Noreturn " +
    "_Static_assert _Thread_local __declspec alignas defined bool true false size_t ssize_t " +
    "uint8_t uint16_t uint32_t uint64_t int8_t int16_t int32_t int64_t",
);

const CPP_WORDS = words(
  "alignof and asm catch class concept consteval constexpr constinit const_cast co_await co_return " +
    "co_yield decltype delete dynamic_cast explicit export final friend mutable namespace new " +
    "noexcept not nullptr operator or override private protected public reinterpret_cast requires " +
    "static_assert static_cast template this thread_local throw try typeid typename using virtual " +
    "wchar_t xor std",
);

const TYPE_CALLS = words(
  "alignof const_cast dynamic_cast reinterpret_cast sizeof static_cast",
);

function rulesOf(keywords: readonly string[]): ReferenceRules {
  return {
    lexis: {
      keywords,
      beforeValue: words(
        "return case goto else new delete throw sizeof do co_await co_return co_yield not and or",
      ).filter((word) => keywords.includes(word)),
      digitSeparator: "'",
      rules: [LINE_COMMENT, BLOCK_COMMENT, DIRECTIVE, plainString('"'), plainString("'")],
      prefixed,
    },
    imports: [],
    heads: ["class", "struct"],
    inherits: { words: [], signs: ":" },
    typeWords: ["struct", "union", "enum", "class", "typename", "new"],
    typeCalls: ["sizeof"],
    capitalTypes: false,
    memberArrows: true,
    localCalls: true,
    typeParameters: { behindNames: false, words: ["template"] },
    variables: [],
    order: "type",
    assigns: false,
    namedArguments: false,
    bareCalls: false,
    elision: {
      containers: ["struct", "union", "enum", "class", "namespace", "concept"],
      functions: [],
      starts: ["extern", "typedef", "template"],
      parentheses: true,
      values: true,
      attributes: ["__attribute__", "alignas", "_Alignas", "__declspec"],
      parenthesesWin: true,
    },
  };
}

/** The references of C. */
export const cReferences = rulesOf(C_WORDS);

/** The references of C++. */
export const cppReferences: ReferenceRules = {
  ...rulesOf(C_WORDS.concat(CPP_WORDS)),
  typeCalls: TYPE_CALLS,
  initializers: true,
};
