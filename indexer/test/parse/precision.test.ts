import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { languageOfPath } from "../../src/parse/detection/language.ts";
import { createSymbolParser } from "../../src/parse/parser.ts";
import {
  missingFrom,
  readAnnotated,
  type Score,
  scoreByGroup,
  wordsOfReferences,
  wordsOfSymbols,
} from "./annotated.ts";

/** Of what is found and of what is there, so much must be the same. */
const SHARE_MIN = 0.9;

const folder = join(import.meta.dirname, "../annotated");
const paths = readdirSync(folder).filter((path) => path.endsWith(".txt")).toSorted();

interface Row {
  readonly language: string;
  readonly group: string;
  readonly score: Score;
}

const rows: Row[] = [];

function sum(scores: Iterable<Score>): Score {
  const total = { expected: 0, found: 0, right: 0 };
  for (const { expected, found, right } of scores) {
    total.expected += expected;
    total.found += found;
    total.right += right;
  }
  return total;
}

const precisionOf = ({ right, found }: Score) => (found === 0 ? 1 : right / found);
const recallOf = ({ right, expected }: Score) => (expected === 0 ? 1 : right / expected);

function tableOf(): string {
  const lines = rows.map(({ language, group, score }) => {
    const cells = [score.expected, score.found, score.right].map((count) =>
      String(count).padStart(8)
    );
    const shares = [precisionOf(score), recallOf(score)].map((share) =>
      share.toFixed(3).padStart(9)
    );
    return `${language.padEnd(12)}${group.padEnd(14)}${cells.join("")}${shares.join("  ")}`;
  });
  return [
    "language    of            expected   found   right precision   recall",
    ...lines,
  ].join("\n");
}

describe("of what a person wrote down about a source, extraction finds nine tenths, and little else", () => {
  const parser = createSymbolParser({ now: () => performance.now() });
  afterAll(() => {
    parser.close();
    console.log(tableOf());
  });

  test.each(paths)("%s", async (path) => {
    const annotated = readAnnotated(readFileSync(join(folder, path), "utf8"));
    const { text } = annotated;
    const language = languageOfPath(path.replace(/\.txt$/, ""));
    const outcome = await parser.parse({ language, text, sizeBytes: Buffer.byteLength(text) });
    if ("skip" in outcome) throw new Error(outcome.skip);
    const symbols = wordsOfSymbols(outcome.symbols);
    const references = wordsOfReferences(outcome.references);
    const kinds = scoreByGroup(annotated.definitions, symbols);
    const roles = scoreByGroup(annotated.references, references);
    const definitions = sum(kinds.values());
    const uses = sum(roles.values());
    rows.push({ language, group: "definitions", score: definitions });
    for (const [group, score] of roles) rows.push({ language, group, score });
    rows.push({ language, group: "references", score: uses });
    const differences = {
      missed: missingFrom(annotated.definitions, symbols)
        .concat(missingFrom(annotated.references, references)),
      extra: missingFrom(symbols, annotated.definitions)
        .concat(missingFrom(references, annotated.references)),
    };
    const shares = [definitions, uses, ...roles.values()]
      .filter(({ expected }) => expected >= 5)
      .flatMap((score) => [precisionOf(score), recallOf(score)]);
    expect(Math.min(...shares), JSON.stringify(differences, null, 1)).toBeGreaterThanOrEqual(
      SHARE_MIN,
    );
  });
});
