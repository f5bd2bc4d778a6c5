/**
 * Turns a name and the way it is to be compared into queries for the database, in the order of how well
 * what they find matches. Pure.
 */
import { nameMatches } from "../../_shared/contracts/navigation.ts";
import { wordIn } from "../../_shared/graph/import_probes.ts";
import { type NameQuery } from "../../_shared/runtime/database_index_functions.ts";
import { fold } from "../../_shared/text/fold.ts";
import { initialsOf } from "../../_shared/text/humps.ts";
import { fuzzyDistance, humpPattern } from "../../_shared/text/name_patterns.ts";
import { TERM_CODE_POINTS_MAX } from "../../_shared/text/terms.ts";

export type NameMatch = (typeof nameMatches)[number];

/** An inner part of fewer letters is in nearly every name. */
const INFIX_CODE_POINTS_MIN = 3;
/** When so many definitions match better, inner parts and initials are not looked for. */
const ENOUGH = 10;

function queryOf(name: string, match: NameMatch): NameQuery | null {
  const folded = fold(name);
  switch (match) {
    case "exact":
    case "prefix":
    case "infix":
      return { match, folded, name };
    case "hump": {
      const pattern = humpPattern(name);
      return pattern === null ? null : { match: "humps", folded: initialsOf(name), name, pattern };
    }
    case "fuzzy": {
      const distance = fuzzyDistance(name);
      return distance === 0 ? null : { match, folded, name, distance };
    }
  }
}

/** The queries of one way to compare, or of all of them: then a misspelling is thought of last. */
export function nameQueries(name: string, match: NameMatch | "auto"): NameQuery[] {
  if (match !== "auto") {
    const query = queryOf(name, match);
    return query === null ? [] : [query];
  }
  const unlessFound: Partial<Record<NameMatch, number>> = { hump: ENOUGH, infix: ENOUGH, fuzzy: 1 };
  const isShort = Array.from(name).length < INFIX_CODE_POINTS_MIN;
  return nameMatches.filter((each) => !(isShort && each === "infix")).flatMap((each) => {
    const query = queryOf(name, each);
    const unless_found = unlessFound[each];
    if (query === null) return [];
    return [unless_found === undefined ? query : { ...query, unless_found }];
  });
}

/** The longest word in a name: what every text that uses the name has as a term; null for none. */
export function termOfName(name: string): string | null {
  const word = wordIn(name);
  const isTerm = word !== null && Array.from(word).length <= TERM_CODE_POINTS_MAX;
  return isTerm ? fold(word) : null;
}
