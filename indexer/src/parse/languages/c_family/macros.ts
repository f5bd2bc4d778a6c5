/**
 * Macros in front of names and types, like `class API_EXPORT Reader` and `LUA_API int (lua_gettop)`.
 * The grammars see them before the preprocessor, and take such a class for a function and its members
 * for rubbish. What is written in capitals there is taken for a macro unless it can be the type.
 * Comments inside of long definitions go the same way.
 */
import { isReserved } from "../../../../../supabase/functions/_shared/text/reserved_words.ts";
import { blankAnnotations } from "./annotations.ts";

const MACROS = String.raw`(?:[A-Z][A-Z0-9_]{2,}(?:\([^()\n]{0,100}\))?[ \t]+)+`;

const BEFORE_CLASS_NAME = new RegExp(
  String.raw`\b(?:class|struct|union)[ \t]+(${MACROS})(?=[A-Za-z_]\w*(?:[ \t]+final)?\s*[:{])`,
  "g",
);

const TYPE_WORDS =
  "char|const|double|enum|extern|float|inline|int|long|short|signed|static|struct|union|unsigned|void";

const BEFORE_TYPE = new RegExp(
  String.raw`^(?:extern[ \t]+|static[ \t]+)?(${MACROS})` +
    String
      .raw`(?=(?:${TYPE_WORDS})\b|[a-z_]\w*[ \t]+(?:\*+[ \t]*)?[A-Za-z_]\w*[ \t]*[(=;[]|[A-Za-z_]\w*[ \t*]+\(\*)`,
  "gm",
);

/**
 * `static redisAtomic size_t used = 0;`: a word of any letters, since none that is not reserved can stand
 * before `int`, `struct` or a type by its `_t` and the name that it is given to.
 */
const BEFORE_SURE_TYPE =
  /^([ \t]*(?:(?:extern|inline|static)[ \t]+)*)([A-Za-z_]\w*)(?=[ \t]+(?:(?:bool|char|double|enum|float|int|long|short|signed|struct|union|unsigned|void)\b|[A-Za-z]\w*_t[ \t][ \t*]*[A-Za-z_]\w*[ \t]*[(=;,[]))/gm;

/** `void (*hook)(int) MODULE_ATTRIBUTE;`, where no call and no product can stand. */
const AFTER_PARAMETERS = /\)[ \t]+([A-Z][A-Z0-9_]{3,})(?=\s*;)/g;

/** `void lock() ACQUIRES(a);`, `int size_ GUARDED_BY(mutex_);` */
const AFTER_NAME =
  /(?:\)(?:[ \t]+(?:const|override|final|noexcept))*|\w_)(?:\r?\n)?[ \t]+([A-Z][A-Z0-9_]{3,}\([^()\n]{0,100}\))(?=\s*[;{=])/g;

/**
 * `Q_OBJECT` and `LIBRARY_NAMESPACE_BEGIN`, alone on a line. A line that a call or an end follows may
 * be the type of a function or the last of a list.
 */
const ALONE =
  /^([ \t]*[A-Z][A-Z0-9_]{2,}(?:\([^()\n]{0,100}\))?)[ \t]*\r?$(?=\s*(?:[#[~]|\/[/*]|[A-Z][A-Z0-9_]{2,}[ \t]*\r?$|[A-Za-z_]\w*(?:[ \t]+[\w*&]|:|<)))/gm;

function blank(head: string, macros: string): string {
  return head.slice(0, -macros.length) + " ".repeat(macros.length);
}

function blankLine(line: string): string {
  return line.replace(/[^\s]/g, " ");
}

function blankUnknown(part: string, head: string, word: string): string {
  return isReserved("C++", word) ? part : head + blankLine(word);
}

/** A definition of several lines, in which the grammars take a comment for the end. */
const LONG_DEFINITION = /^[ \t]*#[ \t]*define\b(?:.*\\\r?\n)+.*/gm;
const COMMENT = /\/\*[^]*?(\*\/|$)/g;

function blankComments(definition: string): string {
  // The backslashes at the ends of lines hold it together.
  return definition.replace(
    COMMENT,
    (comment, end: string) => end === "" ? comment : comment.replace(/\\(?!\r?\n)|[^\s\\]/g, " "),
  );
}

/** `SYSCALL_DEFINE3(read, int, fd) {`: a function by its first name. A type may stand before that. */
const DEFINED =
  /^([ \t]*(?:[A-Z0-9]{1,30}_){0,8}(?:DEFINE|CALL)[A-Z0-9_]{0,100}\()(\s*(?:void|int|long|bool|ssize_t)\s*,)?(\s*[A-Za-z_]\w*)(,[^{};#]{0,500})(?=\)\s*\{)/gm;

function nameAlone(_part: string, open: string, type = "", name = "", rest = ""): string {
  return open + blankLine(type) + name + blankLine(rest);
}

/** The text with those macros as spaces, every other character where it was. */
export function blankMacros(text: string): string {
  const isLong = text.includes("\\\n") || text.includes("\\\r\n");
  const shown = blankAnnotations(isLong ? text.replace(LONG_DEFINITION, blankComments) : text);
  return shown
    .replace(DEFINED, nameAlone)
    .replace(ALONE, blankLine)
    .replace(BEFORE_CLASS_NAME, blank)
    .replace(BEFORE_TYPE, blank)
    .replace(BEFORE_SURE_TYPE, blankUnknown)
    .replace(AFTER_NAME, blank)
    .replace(AFTER_PARAMETERS, blank);
}
