/**
 * JavaScript and TypeScript: their words, their literals, and how references and bodies are told.
 */
import {
  BLOCK_COMMENT,
  BRACES,
  type CustomRule,
  LINE_COMMENT,
  longString,
  plainString,
  words,
} from "../../tokens/lexis.ts";
import type { ReferenceRules } from "../../reference_rules.ts";

/** Of one expression, as generated ones may have. */
const REGULAR_EXPRESSION_UNITS_MAX = 8192;
/** Many slashes that begin none would else read the same line again, each of them. */
const UNITS_IN_VAIN_MAX = 256 * REGULAR_EXPRESSION_UNITS_MAX;
const [LINE_FEED, SLASH, OPEN, BACKSLASH, CLOSE] = [0x0a, 0x2f, 0x5b, 0x5c, 0x5d];

/** A regular expression where a value is expected; a slash between values divides. */
const REGULAR_EXPRESSION: CustomRule = {
  type: "custom",
  open: "/",
  read(start, state) {
    const { text } = state;
    // Nor behind a backslash: so behind one without an end no other is looked for on its line.
    if (state.afterValue || text[start - 1] === "\\") return -1;
    if (state.unitsInVain > UNITS_IN_VAIN_MAX) return -1;
    const end = Math.min(text.length, start + REGULAR_EXPRESSION_UNITS_MAX);
    let inClass = false;
    let index = start + 1;
    for (; index < end; index++) {
      const unit = text.charCodeAt(index);
      if (unit === LINE_FEED) break;
      if (unit === BACKSLASH) index += 1;
      else if (unit === OPEN) inClass = true;
      else if (unit === CLOSE) inClass = false;
      else if (unit === SLASH && !inClass) {
        const flags = /[a-z]*/y;
        flags.lastIndex = index + 1;
        flags.test(text);
        return flags.lastIndex;
      }
    }
    state.unitsInVain += index - start;
    return -1;
  },
};

/** The text in front of a closing tag. */
const TAG_TEXT: CustomRule = {
  type: "custom",
  open: ">",
  isComment: true,
  read(start, { text }) {
    const match = />[^<>{}]+(?=<\/)/y;
    match.lastIndex = start;
    return match.test(text) ? match.lastIndex : -1;
  },
};

const WORDS = words(
  "async await break case catch class const continue debugger default delete do else export " +
    "extends finally for from function if import in instanceof let new of return super switch this " +
    "throw try typeof var void while with yield null undefined true false static get set",
);

const TYPE_WORDS = words(
  "abstract any as asserts bigint boolean declare enum global implements infer interface is keyof " +
    "module namespace never number object override private protected public readonly satisfies " +
    "string symbol type unique unknown",
);

/** Those that functions are called by too. */
const NAMES = words(
  "any bigint boolean from get global is module namespace never number object of readonly set string symbol " +
    "unique unknown",
);

function rulesOf(keywords: readonly string[], tags: boolean): ReferenceRules {
  return {
    lexis: {
      keywords,
      beforeValue: words(
        "return typeof case in of delete void throw new instanceof await yield else do extends",
      ),
      wordSigns: "$#",
      rules: [
        LINE_COMMENT,
        BLOCK_COMMENT,
        longString("`", BRACES),
        plainString('"'),
        plainString("'"),
        REGULAR_EXPRESSION,
        ...(tags ? [TAG_TEXT] : []),
      ],
    },
    imports: ["import"],
    exportLists: true,
    heads: ["class", "interface"],
    inherits: { words: ["extends", "implements"], signs: "" },
    typeWords: ["as", "is", "keyof", "satisfies", "instanceof", "type"],
    capitalTypes: true,
    keywordMembers: true,
    wordsOfTypes: NAMES,
    typeParameters: { behindNames: true, alone: true },
    localCalls: true,
    lambdas: { words: ["function"], signs: ["=>"] },
    tags,
    variables: ["const", "let", "var", "function", "class", "type", "interface", "enum"],
    variableLists: ["const", "let", "var"],
    variablesInContext: ["using"],
    taggedTemplates: true,
    objects: true,
    valueArguments: true,
    order: "name",
    assigns: false,
    namedArguments: false,
    bareCalls: false,
    elision: {
      containers: ["class", "interface", "enum", "namespace", "module", "global"],
      functions: ["function"],
      starts: ["const", "let", "var", "type", "export", "import", "declare"],
      parentheses: true,
      values: false,
    },
  };
}

/** The references of JavaScript. */
export const javascriptReferences = rulesOf(
  WORDS.concat(["enum", "implements", "interface"]),
  true,
);

/** The references of TypeScript. */
export const typescriptReferences = rulesOf(WORDS.concat(TYPE_WORDS), false);

/** The references of TypeScript with tags. */
export const tsxReferences = rulesOf(WORDS.concat(TYPE_WORDS), true);
