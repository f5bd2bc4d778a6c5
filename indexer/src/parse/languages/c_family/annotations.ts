/**
 * Annotations in small letters, like `static int __init start(void)` and `u32 count __read_mostly;`. The
 * grammars see them before the preprocessor, and take the first for a variable and its function for
 * rubbish. What begins with two underscores is taken for one where a type and a name stand around it, or
 * both before it.
 */

/** What follows two underscores in words that are types, or part of one. */
const TYPES = String
  .raw`(?:u?int|[usbl]e?\d|m\d|wsum|sum\d|kernel_|builtin_|typeof|float|fp\d|bf\d|va_|signed|unsigned|complex|const|volatile|\w+_t\b)`;
const TYPE_WORD = new RegExp(`^__${TYPES}`);

const BASIC_TYPES = "bool|char|double|float|int|long|short|signed|unsigned|void";

/** What is no type by itself: a word behind it may be. */
const NO_TYPE = new RegExp(
  String
    .raw`^(?:case|const|else|enum|extern|goto|inline|register|restrict|return|sizeof|static|struct|typedef|union|volatile|[A-Z][A-Z0-9_]+)$`,
);

const WORD = String.raw`__(?!${TYPES})[a-z]\w*`;
const ARGUMENTS = String.raw`(?:[ \t]*\((?:[^()\n]|\([^()\n]*\)){0,100}\))?`;
/** Of those that the grammars know, the rest is not in the way. */
const KNOWN = "(?:attribute|asm)";
const ANNOTATION = String.raw`__(?!${KNOWN})[A-Za-z]\w*${ARGUMENTS}`;

/** `int __init start(`, `void __printf(1, 2) print(`, `struct ops __initdata all = {` */
const BETWEEN = new RegExp(
  String
    .raw`\b(?:${WORD}(?:\(\d[^()\n]{0,20}\))?\s+(?!\s)){1,8}(?=\**[ \t]*(?!__${KNOWN})[A-Za-z_]\w*[ \t]*[(=;,[])`,
  "g",
);

const WORD_BEFORE = /\b(\w+)([ \t]+|[ \t]*\*[* \t]*)$/;

/** `__visible void start(` */
const BEFORE = new RegExp(
  String.raw`\b(?:${WORD}[ \t]+){1,8}(?=(?:${BASIC_TYPES}|struct|union|enum)[ \t])`,
  "g",
);

/** `u32 count __aligned(8) = 2;` */
const BEHIND = new RegExp(
  String.raw`\b${ANNOTATION}(?:[ \t]+${ANNOTATION}){0,7}[ \t]*(?=[=;])`,
  "g",
);

/** `struct ops __chosen __initdata = {`: what no variable is called, so that the word before is its name. */
const BEHIND_NAMES = new RegExp(
  String
    .raw`\b__(?:(?:init|exit|ref)(?:data|const)|read_mostly|ro_after_init|(?:maybe_)?unused|used|aligned|packed|section)${ARGUMENTS}[ \t]*(?=[=;])`,
  "g",
);

const WORDS = String.raw`(?:(?:static|extern|const|volatile|${BASIC_TYPES})[ \t]+)*`;
const NAME = String
  .raw`(?!(?:static|extern|const|volatile|struct|union|enum|typedef|return|${BASIC_TYPES})\b)[A-Za-z_]\w*`;
/** A line up to the name that it declares, and the array's lengths. */
const DECLARED = new RegExp(
  String
    .raw`^[ \t]*${WORDS}(?:(?:struct|union|enum)[ \t]+)?(?:${BASIC_TYPES}|${NAME})[ \t*]+(?:const[ \t]+)?${NAME}(?:\[[^\]\n]*\])*[ \t]+$`,
);

/** `void lock(void) __acquires(l);`, `int rand(void) __THROW;` */
const AFTER_PARAMETERS = new RegExp(
  String.raw`__(?<=\)\s+__)(?!${KNOWN})[A-Za-z]\w*${ARGUMENTS}(?:\s+${ANNOTATION}){0,7}(?=\s*[;{])`,
  "g",
);

/** `struct {…} __packed;`: other words there are what is declared. */
const AFTER_MEMBERS =
  /__(?<=\}[ \t]*_{2,4})(?:__)?(?:packed|aligned\(\w+\)|cacheline_aligned\w*|randomize_layout|no_randomize_layout|ro_after_init|read_mostly|attribute_const__)(?=[ \t]*[;=])/g;

/** `int count GUARDED_BY(lock);`: what Clang's analysis of threads knows a variable by, under any prefix. */
const GUARDS = /\b(?:[A-Z]+_){0,2}GUARDED_BY[ \t]*\((?:[^()\n]|\([^()\n]*\)){0,100}\)(?=\s*[;={])/g;

/** Nobody declares anything behind more than this. */
const HEAD_UNITS_MAX = 300;

function blank(part: string): string {
  return part.replace(/\S/g, " ");
}

/** Whether a line ends in a type up to here. */
function endsInType(head: string): boolean {
  const [, word = "", gap = ""] = WORD_BEFORE.exec(head) ?? [];
  if (gap.includes("*")) return true;
  return word.startsWith("__") ? TYPE_WORD.test(word) : word !== "" && !NO_TYPE.test(word);
}

/** Blanks what matches where the line says so up to it, and is for the compiler. */
function blankBehind(says: (head: string) => boolean) {
  return (part: string, offset: number, text: string): string => {
    const near = text.slice(Math.max(0, offset - HEAD_UNITS_MAX - 1), offset);
    const head = near.slice(near.lastIndexOf("\n") + 1);
    if (head.length > HEAD_UNITS_MAX) return part;
    return says(head) && !/^\s*#/.test(head) ? blank(part) : part;
  };
}

/** The text with annotations as spaces, every other character where it was. */
export function blankAnnotations(text: string): string {
  const unguarded = text.includes("GUARDED_BY") ? text.replace(GUARDS, blank) : text;
  if (!unguarded.includes("__")) return unguarded;
  const behindDeclared = blankBehind((head) => DECLARED.test(head));
  return unguarded.replace(BEHIND_NAMES, behindDeclared).replace(BEHIND, behindDeclared)
    .replace(BETWEEN, blankBehind(endsInType))
    .replace(BEFORE, blankBehind(() => true))
    .replace(AFTER_PARAMETERS, blankBehind(() => true))
    .replace(AFTER_MEMBERS, blank);
}
