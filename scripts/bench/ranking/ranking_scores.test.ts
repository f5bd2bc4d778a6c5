import { expect, test } from "vitest";
import { rankingQueries, rankingRepositories } from "./ranking_queries.ts";
import { placeOf, rankingScores } from "./ranking_scores.ts";

test("scores are shares of all queries, found or not", () => {
  expect(rankingScores([1, 2, 10, null])).toEqual({
    queries: 4,
    recall1: 0.25,
    recall5: 0.5,
    meanReciprocalRank: (1 + 0.5 + 0.1) / 4,
  });
  expect(rankingScores([])).toMatchObject({ queries: 0, recall1: 0 });
});

test("a file's place counts files and not lines", () => {
  expect(placeOf("b", ["a", "a", "b", "a"])).toBe(2);
  expect(placeOf("c", ["a"])).toBeNull();
});

test("each query has one best file in a pinned repository, and there are at least 40", () => {
  const names = rankingRepositories.map(({ name }) => name);
  for (const [query, repository] of rankingQueries) expect(names, query).toContain(repository);
  expect(rankingQueries.length).toBeGreaterThanOrEqual(40);
  expect(new Set(rankingQueries.map(([query]) => query)).size).toBe(rankingQueries.length);
});
