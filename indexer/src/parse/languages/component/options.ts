/**
 * Vue's components as objects of options: what these group, `methods` and `computed`, are the component's own
 * members, which is how everybody calls them.
 */
import { behindLiteral, closingBrace, type Range } from "./markup.ts";

/** What type arguments and parentheses in front of the options hold. */
const WITHIN = String.raw`(?:[^();]|\([^();]{0,100}\)){0,400}`;
/** `defineComponent<Props>`, `mixins(A, B).extend`, `(Vue as Typed).extend`: what makes a component of options. */
const MAKER =
  `(?:\\(${WITHIN}\\)|(?!(?:async|class|function)\\b)[\\w.]{1,200}(?:\\(${WITHIN}\\))?)` +
  `(?:\\.\\w+)?(?:<${WITHIN}>)?`;
/** `export default defineComponent({`: the function around the object, where there is one. */
const COMPONENT = new RegExp(
  `^[ \\t]*(?:export\\s+default\\b|module\\.exports\\s*=)\\s*(${MAKER}\\s*\\(\\s*)?\\{`,
  "m",
);
const GROUP = /(?:methods|computed)\s*:\s*\{/y;
const WORD = /[\w$]/;
const COMMENT = /^\/[/*]/;

/** What stands around the members of groups in the options from `open` to `close`. */
function groupsIn(script: string, open: number, close: number): Range[] {
  const blanks: Range[] = [];
  let codeEnd = open + 1;
  for (let at = open + 1; at < close; at++) {
    GROUP.lastIndex = at;
    const behind = behindLiteral(script, at);
    if (behind > at) {
      if (!COMMENT.test(script.slice(at, at + 2))) codeEnd = behind;
      at = behind - 1;
      continue;
    }
    if (script[at] === "{") at = closingBrace(script, at);
    else if (!WORD.test(script[at - 1] ?? "") && GROUP.test(script)) {
      const begin = GROUP.lastIndex;
      const end = closingBrace(script, begin - 1);
      const members = script.slice(begin, end).trimEnd().replace(/,$/, "");
      // Of an empty one only two commas would be left. What is said of the group is not said of its first member.
      if (members.trim() !== "") {
        blanks.push({ start: codeEnd, end: begin }, {
          start: begin + members.length,
          end: end + 1,
        });
      }
      at = end;
    }
    if ((script[at] ?? "").trim() !== "") codeEnd = at + 1;
  }
  return blanks;
}

/** A script whose component has its members at hand. */
export interface FlatScript {
  readonly script: string;
  /** What stood in front of the options and behind them; null where they stood alone. */
  readonly around: { readonly head: Range; readonly tail: Range } | null;
}

/** Takes the groups of options away, and the function around them; all that is left stays where it was. */
export function flattened(script: string): FlatScript {
  const match = COMPONENT.exec(script);
  if (match === null) return { script, around: null };
  const open = match.index + match[0].length - 1;
  const close = closingBrace(script, open);
  const blanks = groupsIn(script, open, close);
  const maker = match[1] ?? "";
  if (maker === "") return { script: without(script, blanks), around: null };
  const end = /^\s*(?:,\s*)?\)/.exec(script.slice(close + 1));
  if (end === null) return { script, around: null };
  const head = { start: open - maker.length, end: open };
  const tail = { start: close + 1, end: close + 1 + end[0].length };
  return { script: without(script, [head, ...blanks, tail]), around: { head, tail } };
}

/** Blanks ranges, which come in the order of the text. */
function without(text: string, ranges: readonly Range[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { start, end } of ranges) {
    parts.push(text.slice(at, start), text.slice(start, end).replace(/[^\n\r]/g, " "));
    at = end;
  }
  return parts.join("") + text.slice(at);
}
