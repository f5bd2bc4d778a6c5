/**
 * The comment that documents a declaration: the one that ends on the line above it, with nothing in
 * between. It is found in the text rather than in the tree, where comments have no fixed place.
 * Knows what a comment looks like and no language.
 */
import { declarationLine, lineStart } from "./attributes.ts";

/** How a language's comments that can document look. */
export interface CommentMarks {
  /** What begins a comment that ends with its line. */
  readonly line: string | null;
  readonly blockStart: string | null;
  readonly blockEnd: string | null;
  /** How blocks look whose signs may be longer: `--[==[ … ]==]`. */
  readonly longBlock?: { readonly start: RegExp; readonly end: RegExp };
  /** Comments that speak to tools, and may stand between the one that documents and what it does. */
  readonly directives?: RegExp;
  /**
   * How attributes begin that are not part of the declaration to the grammar, up to what they are called
   * with; sticky.
   */
  readonly attributes?: RegExp;
  /** Whether tags frame what comments say: `<summary>`. Of one without a text, its name is kept. */
  readonly tags?: boolean;
}

/** Comments of C and of most that came after it. */
export const SLASH_COMMENTS: CommentMarks = { line: "//", blockStart: "/*", blockEnd: "*/" };

/** Comments of shells and of Ruby. */
export const HASH_COMMENTS: CommentMarks = { line: "#", blockStart: null, blockEnd: null };

/** More than a doc has room for. */
const DOC_LINES_MAX = 60;
const DOC_SOURCE_UNITS_MAX = 4000;

/** Comments that speak to tools or to lawyers. */
const NO_DOC =
  /^\W*(?:go:|eslint|@ts-|prettier-|biome-|rubocop:|frozen_string_literal|-\*-|noinspection|NOLINT|clang-format|shellcheck|type: ignore|noqa|pylint:|!\/|SPDX-|Copyright\b|\(c\) )/i;

/** The signs that begin the lines of a comment. */
const FRAME_START = /^[ \t]*(?:\/\*[*!]?|\*(?!\/)|\/\/[/!]?<?|#+:?|--+\||--+|;+)?/;
const SLASH = 0x2f;
const STAR = 0x2a;

/** What stands for signs that would be tags. */
const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  apos: "'",
  gt: ">",
  lt: "<",
  quot: '"',
};

/** A line of a comment without the signs that frame it. */
function unframed(framed: string): string {
  const line = framed.replace(FRAME_START, "").trimEnd();
  let end = line.length;
  if (line.charCodeAt(end - 1) === SLASH) end -= 1;
  while (line.charCodeAt(end - 1) === STAR) end -= 1;
  return line.slice(0, end).trim();
}

/** A tag without a text, which may name what is meant, and one around a text. */
const NAMING_TAG = /<[a-z]+ +(?:cref|name|langword) *= *"(?:[A-Z]:)?([^"<>]*)" *\/>/gi;
const TAG = /<\/?[a-z][^<>]*>/gi;

/** `<see cref="T:A.B"/>` says A.B, and any other tag nothing. */
function withoutTags(framed: string): string {
  const line = unframed(framed.replace(/^(\s*\/\/\/)</, "$1 <"));
  return line.replace(NAMING_TAG, "$1").replace(TAG, "")
    .replace(/&(\w+);/g, (entity, name: string) => ENTITIES[name] ?? entity).trim();
}

function clean(lines: readonly string[], marks: CommentMarks): string | null {
  const words = lines.map(marks.tags === true ? withoutTags : unframed);
  // A rule of signs is a heading for people who scroll.
  const said = words.filter((line) => !/^[-=*#/_~+ ]*$/.test(line));
  const [first] = said;
  return first === undefined || NO_DOC.test(first) ? null : said.join(" ");
}

/** What begins and what ends the block comment that a line ends with; null where it ends with none. */
function blockSigns(line: string, marks: CommentMarks): readonly [string, string] | null {
  const { blockStart, blockEnd, longBlock } = marks;
  if (blockStart === null || blockEnd === null) return null;
  if (longBlock === undefined) return line.endsWith(blockEnd) ? [blockStart, blockEnd] : null;
  const signs = longBlock.end.exec(line)?.[1];
  const longer = (sign: string) => sign.slice(0, -1) + (signs ?? "") + sign.slice(-1);
  return signs === undefined ? null : [longer(blockStart), longer(blockEnd)];
}

/** The block comment that ends at `end`, if its line begins with it. */
function blockBefore(
  text: string,
  end: number,
  [open, close]: readonly [string, string],
  marks: CommentMarks,
): string | null {
  const start = text.lastIndexOf(open, end - close.length);
  if (start === -1 || end - start > DOC_SOURCE_UNITS_MAX) return null;
  // What ends may be a string that looks like a comment's end.
  if (text.indexOf(close, start + open.length) < end - close.length) return null;
  if (text.slice(lineStart(text, start), start).trim() !== "") return null;
  const isLong = marks.longBlock !== undefined;
  const block = isLong
    ? text.slice(start + open.length, end - close.length)
    : text.slice(start, end);
  return clean(block.split("\n").slice(0, DOC_LINES_MAX), marks);
}

/** What documents the declaration that begins at `index`, in plain text; null without any. */
export function docBefore(text: string, index: number, marks: CommentMarks): string | null {
  const declared = declarationLine(text, index, marks.attributes);
  if (declared === null) return null;
  let start = declared;
  const lines: string[] = [];
  for (let count = 0; start > 0 && count < DOC_LINES_MAX; count++) {
    const above = lineStart(text, start - 1);
    if (start - above > DOC_SOURCE_UNITS_MAX) break;
    const line = text.slice(above, start - 1).trim();
    const isShebang = above === 0 && line.startsWith("#!");
    const isComment = marks.line !== null && line.startsWith(marks.line) && !isShebang &&
      marks.longBlock?.start.test(line) !== true;
    const isDirective = isComment && marks.directives?.test(line) === true;
    if (isComment && !isDirective) lines.unshift(line);
    else if (lines.length > 0) break;
    else if (!isDirective) {
      const signs = blockSigns(line, marks);
      const end = above + text.slice(above, start - 1).trimEnd().length;
      if (signs !== null) return blockBefore(text, end, signs, marks);
      break;
    }
    start = above;
  }
  return clean(lines, marks);
}
