// How many columns a text takes on a terminal, and how to cut and pad it to a number of columns.
// Text from repositories goes through printable() first: it may hold anything, escape codes too.

const ELLIPSIS = "…";
/** Takes no column of its own: combining marks, joiners, variation selectors. */
const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;
/** Two columns: East Asian wide and full-width forms, and emoji. */
const wide = new RegExp(
  "^(?:\\p{Emoji_Presentation}|\\p{Regional_Indicator}|[\\u1100-\\u115F\\u2E80-\\u303E\\u3041-\\uA4CF" +
    "\\uA960-\\uA97C\\uAC00-\\uD7A3\\uF900-\\uFAFF\\uFE30-\\uFE6F\\uFF01-\\uFF60\\uFFE0-\\uFFE6]" +
    "|[\\u{1F000}-\\u{1FAFF}\\u{20000}-\\u{3FFFD}])",
  "u",
);
/**
 * C0 and C1 controls and DEL, line and paragraph separators, and the marks that turn the direction
 * of writing: on a terminal each may change what the rest of the line looks like.
 */
const unprintable =
  /[\u0000-\u001F\u007F-\u009F\u2028\u2029\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;
const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

/** The text with every character that could do something replaced; a tab becomes a space. */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => character === "\t" ? " " : "·").toWellFormed();
}

/** The characters a person sees, each with its columns. */
function graphemes(text: string): { text: string; columns: number }[] {
  return [...segmenter.segment(text)].map(({ segment }) => ({
    text: segment,
    columns: zeroWidth.test(segment) ? 0 : wide.test(segment) ? 2 : 1,
  }));
}

/** Columns of a text without escape codes. */
export function textWidth(text: string): number {
  // Nearly every line is ASCII, which needs no segmenting.
  if (/^[\x20-\x7E]*$/.test(text)) return text.length;
  return graphemes(text).reduce((sum, { columns }) => sum + columns, 0);
}

/** As much of the beginning as fits into `columns`, with an ellipsis when something is missing. */
export function cutEnd(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  return columns <= 0 ? "" : take(graphemes(text), columns - 1) + ELLIPSIS;
}

/** As much of the end as fits into `columns`, with an ellipsis when something is missing. */
export function cutStart(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  if (columns <= 0) return "";
  const reversed = graphemes(text).toReversed();
  const kept = takeCount(reversed, columns - 1);
  return ELLIPSIS + reversed.slice(0, kept).toReversed().map(({ text }) => text).join("");
}

/** Spaces on the right up to `columns`; a longer text is cut. */
export function padEnd(text: string, columns: number): string {
  const cut = cutEnd(text, columns);
  return cut + " ".repeat(columns - textWidth(cut));
}

/** Spaces on the left up to `columns`; a longer text is cut. */
export function padStart(text: string, columns: number): string {
  const cut = cutEnd(text, columns);
  return " ".repeat(columns - textWidth(cut)) + cut;
}

function take(parts: readonly { text: string; columns: number }[], columns: number): string {
  return parts.slice(0, takeCount(parts, columns)).map(({ text }) => text).join("");
}

function takeCount(parts: readonly { columns: number }[], columns: number): number {
  let used = 0;
  const end = parts.findIndex((part) => {
    used += part.columns;
    return used > columns;
  });
  return end === -1 ? parts.length : end;
}
