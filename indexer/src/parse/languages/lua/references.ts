/**
 * Lua: its words, its literals, and how its references are told.
 */
import {
  type CommentRule,
  type CustomRule,
  plainString,
  rawString,
  words,
} from "../../tokens/lexis.ts";
import type { ReferenceRules } from "../../reference_rules.ts";

const LONG_BRACKET = /\[(=*)\[/y;

/** `[[…]]`, `[==[…]==]` */
const LONG_STRING: CustomRule = {
  type: "custom",
  open: "[",
  read(start, { text }) {
    LONG_BRACKET.lastIndex = start;
    const level = LONG_BRACKET.exec(text)?.[1];
    return level === undefined ? -1 : rawString(`[${level}[`, `]${level}]`);
  },
};

/** `--[[…]]` */
const LONG_COMMENT: CustomRule = {
  type: "custom",
  open: "--[",
  isComment: true,
  read(start, { text }) {
    LONG_BRACKET.lastIndex = start + 2;
    const level = LONG_BRACKET.exec(text)?.[1];
    if (level === undefined) return -1;
    const end = text.indexOf(`]${level}]`, start);
    return end === -1 ? text.length : end + level.length + 2;
  },
};

const COMMENT: CommentRule = { type: "comment", open: "--", close: null };

/** The references of Lua. */
export const luaReferences: ReferenceRules = {
  lexis: {
    keywords: words(
      "and break do else elseif end false for function goto if in local nil not or repeat return " +
        "then true until while self require",
    ),
    rules: [LONG_COMMENT, COMMENT, LONG_STRING, plainString('"'), plainString("'")],
  },
  imports: [],
  heads: [],
  inherits: { words: [], signs: "" },
  typeWords: [],
  capitalTypes: false,
  localCalls: true,
  lambdas: { words: ["function"] },
  variables: ["local", "for", "function"],
  variableLists: ["local", "for"],
  order: "name",
  assigns: false,
  namedArguments: false,
  bareCalls: false,
  elision: null,
};
