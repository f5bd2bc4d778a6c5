/**
 * Vue's components as objects of options: what these group, `methods` and `computed`, are the component's own
 * members, which is how everybody calls them.
 */
import type { ScannedReference } from "../../scanned_references.ts";
import { behindLiteral, closingBrace, type Range } from "./markup.ts";

/** `export default defineComponent({`: the function around the object, where there is one. */
const COMPONENT = /^[ \t]*export\s+default\s+(?:([\w.]+)\s*\(\s*)?\{/m;
const GROUP = /(?:methods|computed)\s*:\s*\{/y;
const WORD = /[\w$]/;

/** Where a script's component has its options; null where it has none. */
function groupsIn(script: string, open: number, close: number): Range[] {
  const blanks: Range[] = [];
  for (let at = open + 1; at < close; at++) {
    GROUP.lastIndex = at;
    const behind = behindLiteral(script, at);
    if (behind > at) at = behind - 1;
    else if (script[at] === "{") at = closingBrace(script, at);
    else if (!WORD.test(script[at - 1] ?? "") && GROUP.test(script)) {
      const begin = GROUP.lastIndex;
      const end = closingBrace(script, begin - 1);
      const members = script.slice(begin, end).trimEnd().replace(/,$/, "");
      // Of an empty one only two commas would be left.
      if (members.trim() !== "") {
        blanks.push({ start: at, end: begin }, { start: begin + members.length, end: end + 1 });
      }
      at = end;
    }
  }
  return blanks;
}

/** A script whose component has its members at hand, and the use of the function that was around it. */
export interface FlatScript {
  readonly script: string;
  readonly uses: readonly ScannedReference[];
}

/** Takes the groups of options away, and the function around them; all that is left stays where it was. */
export function flattened(script: string): FlatScript {
  const match = COMPONENT.exec(script);
  if (match === null) return { script, uses: [] };
  const open = match.index + match[0].length - 1;
  const close = closingBrace(script, open);
  const blanks = groupsIn(script, open, close);
  const [, wrapper] = match;
  if (wrapper === undefined) return { script: without(script, blanks), uses: [] };
  const end = /^\s*(?:,\s*)?\)/.exec(script.slice(close + 1));
  if (end === null) return { script, uses: [] };
  const start = match.index + match[0].lastIndexOf(wrapper);
  const name = wrapper.slice(wrapper.lastIndexOf(".") + 1);
  const around = [{ start, end: open }, { start: close + 1, end: close + 1 + end[0].length }];
  return {
    script: without(script, [...around.slice(0, 1), ...blanks, ...around.slice(1)]),
    uses: [{ name, start: start + wrapper.length - name.length, role: "call" }],
  };
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
