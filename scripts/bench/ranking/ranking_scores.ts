// How good the order of answers is, from the place of each query's best file.

/** Recall among the first, among the first five, and the mean of one over the place. */
export interface RankingScores {
  readonly queries: number;
  readonly recall1: number;
  readonly recall5: number;
  readonly meanReciprocalRank: number;
}

/** From places counted from 1; null: not found. */
export function rankingScores(places: readonly (number | null)[]): RankingScores {
  const mean = (value: (place: number) => number) =>
    places.reduce<number>((sum, place) => sum + (place === null ? 0 : value(place)), 0) /
    Math.max(1, places.length);
  return {
    queries: places.length,
    recall1: mean((place) => Number(place <= 1)),
    recall5: mean((place) => Number(place <= 5)),
    meanReciprocalRank: mean((place) => 1 / place),
  };
}

/** The place of a file among the files of an answer, from 1. */
export function placeOf(file: string, files: readonly string[]): number | null {
  const index = [...new Set(files)].indexOf(file);
  return index === -1 ? null : index + 1;
}
