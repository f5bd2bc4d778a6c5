/**
 * About how many tokens a text has, rather more than fewer. Every model cuts text in its own way, but all
 * of them first into words, digits and signs much like these, and then what is rare into several. What a
 * piece costs was fitted to o200k_base and cl100k_base over code and prose of many languages; the test
 * holds it to the smaller of both. Pure.
 */

/** Kinds of pieces, of which the first that fits is taken, and the tokens of one of so many UTF-16 units. */
const KINDS: readonly (readonly [piece: RegExp, tokens: (units: number) => number])[] = [
  [/0[xX][0-9A-Fa-f]+/, (units) => 1 + units * 0.8],
  // Base64, hashes, long numbers: nothing in them is a word.
  [/(?=[A-Za-z]*\d)[A-Za-z0-9]{16,}/, (units) => units * 0.72],
  // Rules that are drawn.
  [/-{4,}|={4,}|_{4,}|\*{4,}|#{4,}|~{4,}|\/{4,}|\.{4,}|─{4,}/, (units) => 1 + units / 7],
  [/[A-Z]+(?![a-z])/, (units) => Math.max(1, units * 0.6)],
  // In a hexadecimal number letters are no word.
  [/[a-f]+(?=\d)|[a-f]*fff[a-f]*/, (units) => 1 + Math.max(0, units - 2) / 4],
  // Beyond some letters a word is rarely known whole.
  [/[A-Z]?[a-z]+/, (units) => 1 + Math.max(0, units - 6) / 5 + Math.max(0, units - 11) / 3],
  [/\d+/, (units) => Math.ceil(units / 3) * 1.03],
  // What is before a number is no part of it, what is before a word is.
  [/ +(?=\d)/, (units) => Math.min(units, 2)],
  [/ (?! )/, () => 0],
  [/ +/, (units) => 1 + units / 80],
  [/\t+/, (units) => Math.min(units, 2)],
  [/[\r\n]+/, (units) => 1 + units / 24],
  [/[!-/:-@[-`{-~]+/, (units) => Math.max(1, units * 0.73)],
  [/[\u3041-\u30ff]/, () => 1.3],
  [/[\u3000-\u9fff\uac00-\ud7a3\uff00-\uffef]/, () => 1.5],
  [/[\u0080-\u024f]+/, (units) => units * 1.3],
  [/[\u0250-\u1fff]/, () => 1.2],
  // Emoji, and what is rarer.
  [/[\ud83c-\ud83e][\udc00-\udfff]/, () => 3],
  [/[\ud800-\udbff][\udc00-\udfff]/, () => 4],
  [/[^]/, () => 2.6],
];

const PIECE = new RegExp(KINDS.map(([piece]) => `(${piece.source})`).join("|"), "g");

/** How much of a text fits, from its beginning, and what that costs. */
export interface Fitting {
  /** In UTF-16 units; as many as the text has where all of it fits. */
  readonly units: number;
  readonly tokens: number;
}

/** The tokens of a text: no whole number. */
export function estimateTokens(text: string): number {
  return fitTokens(text, Infinity).tokens;
}

/** As much of a text as may cost `tokensMax`. Reads no further than that. */
export function fitTokens(text: string, tokensMax: number): Fitting {
  let tokens = 0;
  for (const match of text.matchAll(PIECE)) {
    const [piece] = match;
    // It is the text of its kind's group.
    const [, costOf] = KINDS[match.indexOf(piece, 1) - 1] ?? [];
    if (costOf === undefined) continue;
    const cost = costOf(piece.length);
    if (tokens + cost > tokensMax) {
      const units = unitsWithin(piece.length, costOf, tokensMax - tokens);
      return { units: match.index + units, tokens: tokens + (units === 0 ? 0 : costOf(units)) };
    }
    tokens += cost;
  }
  return { units: text.length, tokens };
}

/** Of a piece that does not fit, the units that do. */
function unitsWithin(units: number, costOf: (units: number) => number, tokensMax: number): number {
  let [fitting, tooMany] = [0, units];
  while (tooMany - fitting > 1) {
    const middle = Math.floor((fitting + tooMany) / 2);
    if (costOf(middle) <= tokensMax) fitting = middle;
    else tooMany = middle;
  }
  return fitting;
}
