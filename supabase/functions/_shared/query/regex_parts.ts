/**
 * The tokens of an expression, and how large it is with its counted repetitions written out: to be asked
 * before RE2 compiles it, which for a few hundred characters may take seconds. Counts what it reads and
 * leaves it to RE2 what is wrong. Pure.
 */

const ESCAPE = String.raw`\\(?:[pPx]\{[^}]*\}|[pP][^{]|x[\da-fA-F]{2}|[^])`;
const CLASS = String.raw`\[\^?\]?(?:\[:\^?\w+:\]|\\[^]|[^\]\\])*\]`;

/** What an expression is written with: all that has no name is a character, or a class of characters. */
export const REGEX_TOKENS = new RegExp(
  [
    String.raw`\\Q(?<quoted>[^]*?)(?:\\E|$)`,
    String.raw`(?<flags>\(\?[a-zA-Z-]*\))`,
    String.raw`(?<open>\((?:\?(?:P?<\w*>|[a-zA-Z-]*:))?)`,
    String.raw`(?<close>\))`,
    String.raw`(?<or>\|)`,
    String.raw`(?<repeat>[*+?]|\{(?<least>\d+)(?:,(?<most>\d*))?\})`,
    ESCAPE,
    CLASS,
    "[^]",
  ].join("|"),
  "gu",
);

/** What is open of a group, or of the whole. */
interface Group {
  /** Parts of the branches before the one that is read. */
  before: number;
  /** Whether a branch before is one part: RE2 makes one class of all of these. */
  hasSingle: boolean;
  branch: number;
  /** What a repetition would repeat. */
  last: number;
}

/**
 * The characters and classes that an expression has when its repetitions are written out. RE2 makes about as
 * many instructions of them: a few times more where they are optional, fewer where alternatives begin alike.
 * 0 where parentheses do not match.
 */
export function writtenOutParts(source: string): number {
  const groups = [opened()];
  for (const { groups: token = {} } of source.matchAll(REGEX_TOKENS)) {
    const group = groups.at(-1);
    if (group === undefined) return 0;
    if (token["open"] !== undefined) groups.push(opened());
    else if (token["close"] !== undefined) {
      groups.pop();
      const outer = groups.at(-1);
      if (outer !== undefined) add(outer, partsOf(group));
    } else if (token["or"] !== undefined) {
      Object.assign(group, { ...opened(), ...ended(group) });
    } else if (token["repeat"] !== undefined) repeat(group, token["least"], token["most"]);
    else if (token["quoted"] !== undefined) {
      // A repetition behind it is of its last character.
      group.branch += Array.from(token["quoted"]).length - 1;
      add(group, 1);
    } else if (token["flags"] === undefined) add(group, 1);
  }
  const [whole] = groups;
  return groups.length === 1 && whole !== undefined ? partsOf(whole) : 0;
}

function opened(): Group {
  return { before: 0, hasSingle: false, branch: 0, last: 0 };
}

function add(group: Group, parts: number): void {
  group.branch += parts;
  group.last = parts;
}

/** `{2}` is twice, `{2,5}` five times, `{2,}` twice; `*`, `+` and `?` write nothing out. */
function repeat(group: Group, least: string | undefined, most: string | undefined): void {
  if (least === undefined) return;
  const times = most === undefined ? Number(least) : Math.max(1, Number(least), Number(most));
  group.branch += group.last * (times - 1);
  group.last *= times;
}

function ended({ before, hasSingle, branch }: Group): Pick<Group, "before" | "hasSingle"> {
  return branch === 1 ? { before, hasSingle: true } : { before: before + branch, hasSingle };
}

function partsOf(group: Group): number {
  const { before, hasSingle } = ended(group);
  return before + (hasSingle ? 1 : 0);
}
