/**
 * C#: its words, its literals, and how its references and bodies are told.
 */
import {
  BLOCK_COMMENT,
  type CustomRule,
  type Interpolation,
  LINE_COMMENT,
  plainString,
  rawString,
  type StringRule,
  words,
} from "../../tokens/lexis.ts";
import type { ReferenceRules } from "../../reference_rules.ts";
import { DIRECTIVE } from "../c_family/references.ts";

const HOLE: Interpolation = { open: "{", openUnit: 0x7b, closeUnit: 0x7d };

/** `@"…""…"`, where a backslash is one and a quote is doubled. */
function verbatim(open: string, interpolation?: Interpolation): StringRule {
  const rule: StringRule = { ...rawString(open, '"'), doubles: true };
  return interpolation === undefined ? rule : { ...rule, interpolation };
}

/** Three quotes or more, and as many again. */
const RAW_STRING: CustomRule = {
  type: "custom",
  open: '"""',
  read(start, { text }) {
    let end = start;
    while (text[end] === '"') end += 1;
    const quotes = text.slice(start, end);
    return rawString(quotes, quotes);
  },
};

/** The references of C#. */
export const csharpReferences: ReferenceRules = {
  lexis: {
    keywords: words(
      "_ abstract as async await base bool break byte case catch char checked class const continue " +
        "decimal default delegate do double dynamic else enum event explicit extern false file " +
        "finally fixed float for foreach get global goto notnull unmanaged if implicit in init int interface internal " +
        "is lock long nameof namespace new null object operator out override params partial private " +
        "protected public readonly record ref required return sbyte sealed set short sizeof " +
        "stackalloc static string struct switch this throw true try typeof uint ulong unchecked " +
        "unsafe ushort using value var virtual void volatile when where while yield",
    ),
    beforeValue: words("return case throw new else is as in await when typeof do ref out"),
    rules: [
      LINE_COMMENT,
      BLOCK_COMMENT,
      DIRECTIVE,
      RAW_STRING,
      verbatim('$@"', HOLE),
      verbatim('@$"', HOLE),
      verbatim('@"'),
      { ...plainString('"', HOLE), open: '$"' },
      plainString('"'),
      plainString("'"),
    ],
  },
  imports: ["using"],
  packages: ["namespace"],
  heads: ["class", "interface", "struct", "record"],
  inherits: { words: [], signs: ":", ends: ["where"], arguments: true },
  typeWords: ["as", "is", "where"],
  typeCalls: ["default", "sizeof", "typeof"],
  capitalTypes: false,
  localCalls: true,
  typeParameters: { behindNames: true },
  lambdas: { words: ["delegate"], signs: ["=>"] },
  variables: ["var", "class"],
  order: "type",
  assigns: false,
  namedArguments: false,
  bareCalls: false,
  elision: {
    containers: ["class", "interface", "enum", "record", "struct", "namespace"],
    functions: [],
    starts: [],
    parentheses: true,
    values: true,
  },
};
