/**
 * Python: its words, its literals, and how its references are told.
 */
import {
  HASH_COMMENT,
  type Interpolation,
  longString,
  plainString,
  type StringRule,
  words,
} from "../../tokens/lexis.ts";
import type { ReferenceRules } from "../../reference_rules.ts";

const FIELD: Interpolation = { open: "{", openUnit: 0x7b, closeUnit: 0x7d };

/** `r"…"`, `f"…{code}…"`, `b'''…'''` */
function prefixed(text: string, start: number, quote: number): StringRule | null {
  if (quote - start > 2) return null;
  const prefix = text.slice(start, quote);
  const sign = text[quote];
  if (!/^(?:[rbuft]|[rbft]{2})$/i.test(prefix) || (sign !== '"' && sign !== "'")) return null;
  const isLong = text.startsWith(sign.repeat(3), quote);
  const mark = isLong ? sign.repeat(3) : sign;
  const hasCode = /[ft]/i.test(prefix);
  const rule = isLong
    ? longString(mark, hasCode ? FIELD : undefined)
    : plainString(mark, hasCode ? FIELD : undefined);
  return rule;
}

/** The references of Python. */
export const pythonReferences: ReferenceRules = {
  lexis: {
    keywords: words(
      "False None True and as assert async await break class continue def del elif else except " +
        "finally for from global if import in is lambda nonlocal not or pass raise return try while " +
        "with yield self cls",
    ),
    beforeValue: words("return and or not in is if elif else lambda yield raise assert del await"),
    rules: [
      HASH_COMMENT,
      longString('"""'),
      longString("'''"),
      plainString('"'),
      plainString("'"),
    ],
    prefixed,
  },
  imports: ["import", "from"],
  statementsBehindColons: true,
  heads: ["class"],
  inherits: { words: [], signs: "(" },
  typeWords: ["except", "raise"],
  capitalTypes: true,
  annotates: "def",
  squareArguments: true,
  typeParameters: { behindNames: true },
  localCalls: true,
  typeNames: words(
    "bool bytearray bytes complex dict float frozenset int list memoryview object set str tuple",
  ),
  variables: ["for", "as", "lambda", "def", "class"],
  variableLists: ["for", "lambda"],
  order: "name",
  assigns: true,
  namedArguments: true,
  bareCalls: false,
  elision: null,
};
