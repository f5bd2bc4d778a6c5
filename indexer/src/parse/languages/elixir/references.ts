/**
 * Elixir: its words, its literals, and how its references are told.
 */
import {
  type CustomRule,
  HASH_BRACES,
  HASH_COMMENT,
  longString,
  type StringRule,
  words,
} from "../../lexis/lexis.ts";
import type { ReferenceRules } from "../../reference_rules.ts";

const CLOSING: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}", "<": ">" };

/** `~r/…/`, `~S"""…"""`, `~w[…]`; capital letters take everything as it is. */
const SIGIL: CustomRule = {
  type: "custom",
  open: "~",
  read(start, { text }) {
    const match = /~([a-z]|[A-Z]+)("""|'''|[/|"'([{<])/y;
    match.lastIndex = start;
    const found = match.exec(text);
    const [whole = "", letter = "", open = ""] = found ?? [];
    if (found === null) return -1;
    const close = CLOSING[open] ?? open;
    const isRaw = /^[A-Z]/.test(letter);
    const rule: StringRule = isRaw ? longString(close) : longString(close, HASH_BRACES);
    return { ...rule, open: whole, close };
  },
};

/** `:name`, `:"name"`; a double colon is an operator. */
const ATOM: CustomRule = {
  type: "custom",
  open: ":",
  read(start, { text }) {
    const match = /:(?:[A-Za-z_]\w*[?!]?|"(?:[^"\\\n]|\\.)*")/y;
    match.lastIndex = start;
    return text[start - 1] !== ":" && match.test(text) ? match.lastIndex : -1;
  },
};

/** `?a` is a character. */
const CHARACTER: CustomRule = {
  type: "custom",
  open: "?",
  read(start, { text }) {
    return Math.min(text.length, text[start + 1] === "\\" ? start + 3 : start + 2);
  },
};

/** The references of Elixir. */
export const elixirReferences: ReferenceRules = {
  lexis: {
    keywords: words(
      "after alias and case catch cond def defdelegate defexception defguard defguardp defimpl " +
        "defmacro defmacrop defmodule defp defprotocol defstruct do else end false fn for if import " +
        "in nil not or quote raise receive require rescue true try unless unquote use when with " +
        "moduledoc doc spec type typep callback impl opaque behaviour enforce_keys",
    ),
    wordEnds: "?!",
    rules: [
      HASH_COMMENT,
      longString('"""', HASH_BRACES),
      longString("'''", HASH_BRACES),
      longString('"', HASH_BRACES),
      longString("'", HASH_BRACES),
      SIGIL,
      ATOM,
      CHARACTER,
    ],
  },
  imports: ["alias", "import", "require", "use"],
  heads: [],
  inherits: { words: [], signs: "" },
  typeWords: [],
  capitalTypes: true,
  lambdas: { signs: ["->"] },
  variables: ["def", "defp", "defmacro", "defmacrop", "defguard", "defguardp", "defdelegate"],
  order: "name",
  assigns: true,
  namedArguments: false,
  bareCalls: true,
  elision: null,
};
