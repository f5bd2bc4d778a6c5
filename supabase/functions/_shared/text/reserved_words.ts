/**
 * Words that languages reserve, so that no name can be one: what a position on such a word is about is
 * never a definition of it. Words that are names in some places (`get`, `type`, `from`) are not here, nor
 * names of built-in things.
 */

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(" "));
}

const ECMASCRIPT =
  "await break case catch class const continue debugger default delete do else export extends false " +
  "finally for function if import in instanceof let new null return static super switch this throw " +
  "true try typeof var void while with yield";
const C =
  "auto break case char const continue default do double else enum extern float for goto if " +
  "inline int long register restrict return short signed sizeof static struct switch typedef union " +
  "unsigned void volatile while _Alignas _Atomic _Complex _Noreturn _Static_assert _Thread_local";

const reserved: Readonly<Record<string, ReadonlySet<string>>> = {
  C: words(C),
  "C++": words(
    `${C} alignas alignof asm catch class co_await co_return co_yield const_cast consteval constexpr ` +
      "constinit decltype delete dynamic_cast explicit export friend mutable namespace new noexcept " +
      "operator private protected public reinterpret_cast static_assert static_cast template this " +
      "thread_local throw try typeid typename using virtual",
  ),
  "C#": words(
    "abstract as base bool break byte case catch char checked class const continue decimal default " +
      "delegate do double else enum event explicit extern false finally fixed float for foreach goto " +
      "if implicit in int interface internal is lock long namespace new null object operator out " +
      "override params private protected public readonly ref return sbyte sealed short sizeof " +
      "stackalloc static string struct switch this throw true try typeof uint ulong unchecked unsafe " +
      "ushort using virtual void volatile while",
  ),
  Elixir: words(
    "after and case catch cond def defmodule defp do else end false fn for if import in " +
      "nil not or quote rescue true try unless unquote use when with",
  ),
  Go: words(
    "break case chan const continue default defer else fallthrough for func go goto if import " +
      "interface map package range return select struct switch type var",
  ),
  Java: words(
    "abstract assert boolean break byte case catch char class const continue default do double else " +
      "enum extends final finally float for goto if implements import instanceof int interface long " +
      "native new package private protected public return short static strictfp super switch " +
      "synchronized this throw throws transient try void volatile while true false null",
  ),
  JavaScript: words(ECMASCRIPT),
  Kotlin: words(
    "as break class continue do else false for fun if in interface is null object package return " +
      "super this throw true try typealias val var when while",
  ),
  Lua: words(
    "and break do else elseif end false for function goto if in local nil not or repeat return then " +
      "true until while",
  ),
  PHP: words(
    "abstract and as break callable case catch class clone const continue declare default do echo " +
      "else elseif empty extends final finally fn for foreach function global goto if implements " +
      "include include_once instanceof insteadof interface isset list namespace new or print private " +
      "protected public require require_once return static switch throw trait try unset use var " +
      "while xor yield",
  ),
  Python: words(
    "False None True and as assert async await break class continue def del elif else except finally " +
      "for from global if import in is lambda nonlocal not or pass raise return try while with yield",
  ),
  Ruby: words(
    "BEGIN END alias and begin break case class def do else elsif end ensure false for if in module " +
      "next nil not or redo rescue retry return self super then true undef unless until when while " +
      "yield",
  ),
  Rust: words(
    "Self as async await break const continue crate dyn else enum extern false fn for if impl in let " +
      "loop match mod move mut pub ref return self static struct super trait true type unsafe use " +
      "where while",
  ),
  Scala: words(
    "abstract case catch class def do else extends false final finally for if implicit import lazy " +
      "match new null object override package private protected return sealed super this throw trait " +
      "true try type val var while with yield",
  ),
  Shell: words(
    "if then else elif fi for while until do done case esac in function",
  ),
  Swift: words(
    "Any Self as associatedtype await break case catch class continue default defer deinit do else enum " +
      "extension fallthrough false fileprivate for func guard if import in init inout internal is let " +
      "nil operator private protocol public repeat rethrows return self static struct subscript super " +
      "switch throw throws true try typealias var where while",
  ),
  Zig: words(
    "and break catch comptime const continue defer else enum errdefer export extern fn for if inline " +
      "or orelse packed pub return struct switch test try union unreachable usingnamespace var " +
      "volatile while",
  ),
};

/** By the names of Linguist. */
export const reservedWords: Readonly<Record<string, ReadonlySet<string>>> = {
  ...reserved,
  Svelte: words(ECMASCRIPT),
  TSX: words(ECMASCRIPT),
  TypeScript: words(ECMASCRIPT),
  Vue: words(ECMASCRIPT),
};

/** Whether a language reserves a word. */
export function isReserved(language: string, word: string): boolean {
  return reservedWords[language]?.has(word) === true;
}
