/**
 * Attributes in front of a declaration that its grammar does not count to it: `#[inline]` of Rust, and
 * decorators of what is exported. They may take several lines, or share the declaration's own. Knows how
 * they look and no language.
 */

/**
 * Text in quotes, what opens or closes, and escapes: what those quote opens nothing, so that what follows a
 * quote without an end is gone over once.
 */
const PART = /"(?:[^"\\]|\\[^])*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\[^])*`|[([{]|[)\]}]|\\[^]/g;

/** What may stand behind an attribute: white space, and the end of its line said to people. */
const GAP = /(?:\s+|\/\/[^\n]*)*/y;

/** What may stand on the line in front of a declaration: its modifiers, and no other code. */
const MODIFIERS_ONLY = /^[\w \t*&:@.<>]*$/;

const MODIFIERS_UNITS_MAX = 200;
/** More than what a decorator is called with; a template may be part of that. */
const ATTRIBUTES_UNITS_MAX = 4000;
const ATTRIBUTES_LINES_MAX = 60;

function isBlank(unit: number): boolean {
  return unit === 0x20 || unit === 0x09 || unit === 0x0d;
}

/** The index behind the white space that a line begins with. */
function behindIndent(text: string, line: number): number {
  let index = line;
  while (isBlank(text.charCodeAt(index))) index += 1;
  return index;
}

/** Whether a line ends as the last one of an attribute of several lines does. */
function endsBracket(text: string, line: number, end: number): boolean {
  let last = end - 1;
  while (last >= line && isBlank(text.charCodeAt(last))) last -= 1;
  return last >= line && (text[last] === ")" || text[last] === "]");
}

/** The index behind the pattern at `index`; `index` where it does not match. */
function behind(pattern: RegExp, text: string, index: number): number {
  pattern.lastIndex = index;
  return pattern.test(text) ? pattern.lastIndex : index;
}

/** The index behind the brackets that open at `open`; -1 where they do not close. */
export function behindBrackets(text: string, open: number): number {
  let depth = 0;
  PART.lastIndex = open;
  for (let part = PART.exec(text); part !== null; part = PART.exec(text)) {
    if ("([{".includes(part[0])) depth += 1;
    else if (")]}".includes(part[0])) depth -= 1;
    if (depth === 0) return PART.lastIndex;
  }
  return -1;
}

/** Whether a text is attributes and, on its last line, modifiers. */
function leadsUp(text: string, head: RegExp): boolean {
  let index = behind(GAP, text, 0);
  for (let end = behind(head, text, index); end > index; end = behind(head, text, index)) {
    while (text[end] === "(" || text[end] === "[") {
      end = behindBrackets(text, end);
      if (end === -1) return false;
    }
    index = behind(GAP, text, end);
  }
  return MODIFIERS_ONLY.test(text.slice(index));
}

/** The start of the line that `index` lies on. */
export function lineStart(text: string, index: number): number {
  return text.lastIndexOf("\n", index - 1) + 1;
}

/** The first line of the attributes in front of `index`; null where there are none. */
function attributesLine(text: string, index: number, head: RegExp): number | null {
  let found: number | null = null;
  let isInside = false;
  let line = lineStart(text, index);
  let end = index;
  for (let count = 0; count < ATTRIBUTES_LINES_MAX; count++) {
    if (index - line > ATTRIBUTES_UNITS_MAX) break;
    const first = behindIndent(text, line);
    if (behind(head, text, first) > first) {
      if (!leadsUp(text.slice(line, index), head)) break;
      found = line;
      isInside = false;
    } else if (end !== index && !isInside) {
      if (!endsBracket(text, line, end)) break;
      isInside = true;
    }
    if (line === 0) break;
    end = line - 1;
    line = lineStart(text, end);
  }
  return found;
}

/**
 * Where the line begins above which a declaration at `index` has its doc: its own, or that of its first
 * attribute; null where other code stands in front of it. `head` is how an attribute begins.
 */
export function declarationLine(
  text: string,
  index: number,
  head: RegExp | undefined,
): number | null {
  const attributes = head === undefined ? null : attributesLine(text, index, head);
  if (attributes !== null) return attributes;
  const line = lineStart(text, index);
  if (index - line > MODIFIERS_UNITS_MAX) return null;
  return MODIFIERS_ONLY.test(text.slice(line, index)) ? line : null;
}
