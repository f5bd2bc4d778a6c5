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
} from "../../tokens/lexis.ts";
import type { ReferenceRules } from "../../reference_rules.ts";

const CLOSING: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}", "<": ">" };

/** Behind the letters that change a sigil, which is open from `from` on; -1 where there is code in it, or no end. */
function sigilEnd(text: string, from: number, close: string, isRaw: boolean): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === "\\") at += 1;
    else if (text.startsWith(close, at)) {
      let end = at + close.length;
      while (/[A-Za-z]/.test(text[end] ?? "")) end += 1;
      return end;
    } else if (!isRaw && text.startsWith("#{", at)) return -1;
  }
  return -1;
}

/** `~r/…/i`, `~S"""…"""`, `~w[…]a`; capital letters take everything as it is. */
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
    const end = sigilEnd(text, start + whole.length, close, isRaw);
    if (end !== -1) return end;
    const rule: StringRule = isRaw ? longString(close) : longString(close, HASH_BRACES);
    return { ...rule, open: whole, close };
  },
};

/** Behind this an atom names a function, and so is a colon before a word. */
const PLUG = /^[ \t]*plug[ (]$/m;
const PLUG_UNITS_MAX = 80;

/** `:name`, `:"name"`; a double colon is an operator. */
const ATOM: CustomRule = {
  type: "custom",
  open: ":",
  read(start, { text }) {
    const isFunction = text.startsWith("plug", start - 5) && /[a-z_]/.test(text[start + 1] ?? "") &&
      PLUG.test(text.slice(Math.max(0, start - PLUG_UNITS_MAX), start));
    if (isFunction) return start + 1;
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
        "moduledoc doc spec type typep callback macrocallback impl opaque behaviour enforce_keys",
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
  typeStatements: ["callback", "macrocallback", "opaque", "spec", "type", "typep"],
  capitalTypes: true,
  lambdas: { signs: ["->"] },
  variables: ["def", "defp", "defmacro", "defmacrop", "defguard", "defguardp", "defdelegate"],
  order: "name",
  assigns: true,
  namedArguments: false,
  bareCalls: true,
  elision: null,
};
