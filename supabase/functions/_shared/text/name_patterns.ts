/**
 * What a part of a name, or a misspelt one, may mean: its humps, and how many edits away. Pure; knows
 * nothing of where names are kept.
 */

const HUMPS_MAX = 12;

function eitherCase(letter: string): string {
  const lower = letter.toLowerCase();
  const upper = letter.toUpperCase();
  return lower === upper ? letter : `[${lower}${upper}]`;
}

/**
 * A regular expression, in the syntax that PostgreSQL and JavaScript share, for the names that a name in
 * camel case stands for: `getUsNa` for getUserName and get_user_name. The first hump stands at the
 * start, each other one begins a word; null when there is only one hump.
 */
export function humpPattern(name: string): string | null {
  if (!/^[A-Za-z][A-Za-z0-9]*$/.test(name)) return null;
  const humps = name.match(/[A-Z]?[a-z0-9]+|[A-Z]/g) ?? [];
  if (humps.length < 2 || humps.length > HUMPS_MAX) return null;
  const [first = "", ...rest] = humps.map((hump) => hump.toLowerCase());
  const words = rest.map((hump) => {
    const capital = hump.slice(0, 1).toUpperCase() + hump.slice(1);
    return `.*(${capital}|_${eitherCase(hump.slice(0, 1))}${hump.slice(1)})`;
  });
  return `^[_$]*${eitherCase(first.slice(0, 1))}${first.slice(1)}${words.join("")}`;
}

/** Shorter names are a few edits from everything. */
const ONE_EDIT_CODE_POINTS_MIN = 4;
const TWO_EDITS_CODE_POINTS_MIN = 6;

/** How many edits a name that was meant may be away, by length: a swap of two letters is all that there may be. */
export function fuzzyDistance(name: string): number {
  const { length } = Array.from(name);
  if (length < ONE_EDIT_CODE_POINTS_MIN) return 0;
  return length < TWO_EDITS_CODE_POINTS_MIN ? 1 : 2;
}

/** How many letters to insert, drop, change or swap with a neighbour make one text of the other. */
export function editDistance(one: string, other: string): number {
  const left = Array.from(one);
  const right = Array.from(other);
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (const [row, letter] of left.entries()) {
    const current = [row + 1];
    for (const [column, against] of right.entries()) {
      const isSwap = row > 0 && column > 0 && letter === right[column - 1] &&
        left[row - 1] === against;
      current.push(Math.min(
        (last[column + 1] ?? 0) + 1,
        (current[column] ?? 0) + 1,
        (last[column] ?? 0) + (letter === against ? 0 : 1),
        isSwap ? (beforeLast[column - 1] ?? 0) + 1 : Infinity,
      ));
    }
    beforeLast = last;
    last = current;
  }
  return last.at(-1) ?? 0;
}
